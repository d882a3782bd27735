//! Memory for processes that live for microseconds.
//!
//! A chain makes a few dozen small allocations between its start and its exec. The first ones
//! come out of a block in .bss, where an allocation is an addition; what does not fit goes to
//! libc's allocator, so a process that lives long and frees pays nothing for it but the block.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::alloc::System;

/// Crates that call C take bytes for structures, trusting that they are aligned as malloc's are.
const MALLOCS: usize = 8;

const ARENA: usize = 192 * 1024;

#[repr(align(64))]
struct Block(UnsafeCell<[u8; ARENA]>);

// SAFETY: bytes of the block are only handed out through `Bump`, which gives each byte to one
// owner at a time.
unsafe impl Sync for Block {}

static BLOCK: Block = Block(UnsafeCell::new([0; ARENA]));
static USED: AtomicUsize = AtomicUsize::new(0);

/// The allocator of the `chainit` binary.
pub struct Bump;

impl Bump {
    fn offset(ptr: *const u8) -> Option<usize> {
        let offset = (ptr as usize).wrapping_sub(BLOCK.0.get() as usize);
        (offset < ARENA).then_some(offset)
    }
}

// SAFETY: memory comes from the block, at aligned offsets that never overlap because USED only
// moves by compare-exchange, or else from `System`; a pointer goes back to where it came from.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut used = USED.load(Ordering::Relaxed);
        loop {
            let align = layout.align().max(MALLOCS);
            let start = (used + align - 1) & !(align - 1);
            let end = start.saturating_add(layout.size());
            if end > ARENA || layout.align() > 64 {
                // SAFETY: the caller's layout, passed on.
                return unsafe { System.alloc(layout) };
            }
            match USED.compare_exchange_weak(used, end, Ordering::Relaxed, Ordering::Relaxed) {
                // SAFETY: start..end lies within the block.
                Ok(_) => return unsafe { BLOCK.0.get().cast::<u8>().add(start) },
                Err(now) => used = now,
            }
        }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        match Bump::offset(ptr) {
            // The last one out gives its bytes back; the others wait for the exec.
            Some(start) => {
                let end = start + layout.size();
                let _ = USED.compare_exchange(end, start, Ordering::Relaxed, Ordering::Relaxed);
            }
            // SAFETY: not from the block, hence from System with this layout.
            None => unsafe { System.dealloc(ptr, layout) },
        }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        let Some(start) = Bump::offset(ptr) else {
            // SAFETY: not from the block, hence from System with this layout.
            return unsafe { System.realloc(ptr, layout, new) };
        };
        let (end, wanted) = (start + layout.size(), start.saturating_add(new));
        let in_place = wanted <= ARENA
            && USED.compare_exchange(end, wanted, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if in_place || new <= layout.size() {
            return ptr;
        }
        let Ok(wider) = Layout::from_size_align(new, layout.align()) else {
            return core::ptr::null_mut();
        };
        // SAFETY: a fresh allocation of `new` bytes, larger than the old one, cannot overlap it.
        unsafe {
            let fresh = self.alloc(wider);
            if !fresh.is_null() {
                core::ptr::copy_nonoverlapping(ptr, fresh, layout.size());
            }
            fresh
        }
    }
}

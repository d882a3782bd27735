//! Memory for processes that live for microseconds.
//!
//! A chain makes a few dozen small allocations between its start and its exec. The first ones
//! come out of a block in .bss, where an allocation is an addition; what does not fit goes to
//! libc's allocator, so a process that lives long and frees pays nothing for it but the block.
//!
//! A child that shares its parent's memory stays away from libc's allocator, which would be in
//! disorder if the child were killed within it: what does not fit into the block comes out of
//! mappings of its own, which go when it has ended.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
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

/// A child shares this memory: only what it allocates is allocated.
static SHARING: AtomicBool = AtomicBool::new(false);
/// The newest of its mappings.
static EXTRA: AtomicPtr<Extra> = AtomicPtr::new(core::ptr::null_mut());

/// How much a mapping holds at least.
const EXTRA_ROOM: usize = 256 * 1024;

/// The head of a mapping.
struct Extra {
    older: *mut Extra,
    used: usize,
    size: usize,
}

/// The allocator of the `chainit` binary.
pub struct Bump;

/// How much of the block is taken: a place to come back to.
pub(crate) fn mark() -> usize {
    USED.load(Ordering::Relaxed)
}

/// Takes back what was allocated out of the block since the mark.
///
/// # Safety
/// Nobody uses any of it any more.
pub(crate) unsafe fn release(mark: usize) {
    USED.store(mark, Ordering::Relaxed);
}

/// [`mark`], before a child that shares this memory is made.
pub(crate) fn share() -> usize {
    SHARING.store(true, Ordering::Relaxed);
    mark()
}

/// [`release`] of all that the child has allocated.
///
/// # Safety
/// The child has ended, or become another program, and left no pointer to what it allocated.
pub(crate) unsafe fn unshare(mark: usize) {
    SHARING.store(false, Ordering::Relaxed);
    let mut extra = EXTRA.swap(core::ptr::null_mut(), Ordering::Relaxed);
    while !extra.is_null() {
        // SAFETY: a mapping of the child's, with its head; nothing in it is used any more.
        unsafe {
            let head = extra.read();
            libc::munmap(extra.cast(), head.size);
            extra = head.older;
        }
    }
    // SAFETY: the caller's promise.
    unsafe { release(mark) };
}

impl Extra {
    /// Null: there is no memory.
    fn alloc(layout: Layout) -> *mut u8 {
        let newest = EXTRA.load(Ordering::Relaxed);
        // SAFETY: null, or a mapping's head, which only this process uses now.
        if let Some(extra) = unsafe { newest.as_mut() }
            && let Some(ptr) = extra.take(layout)
        {
            return ptr;
        }
        let head = size_of::<Extra>() + layout.align();
        let Some(size) = layout.size().checked_add(head) else { return core::ptr::null_mut() };
        let size = size.max(EXTRA_ROOM);
        let (access, kind) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping, nowhere in particular.
        let at = unsafe { libc::mmap(core::ptr::null_mut(), size, access, kind, -1, 0) };
        if at == libc::MAP_FAILED {
            return core::ptr::null_mut();
        }
        let at = at.cast::<Extra>();
        // SAFETY: the mapping has room for its head.
        unsafe { at.write(Extra { older: newest, used: size_of::<Extra>(), size }) };
        EXTRA.store(at, Ordering::Relaxed);
        // SAFETY: it has just been written.
        unsafe { &mut *at }.take(layout).unwrap_or(core::ptr::null_mut())
    }

    fn take(&mut self, layout: Layout) -> Option<*mut u8> {
        let base = &raw mut *self as usize;
        let align = layout.align().max(MALLOCS);
        let start = (base + self.used).checked_next_multiple_of(align)? - base;
        let end = start.checked_add(layout.size()).filter(|end| *end <= self.size)?;
        self.used = end;
        // SAFETY: start..end lies within the mapping.
        Some(unsafe { (&raw mut *self).cast::<u8>().add(start) })
    }
}

impl Bump {
    fn offset(ptr: *const u8) -> Option<usize> {
        let offset = (ptr as usize).wrapping_sub(BLOCK.0.get() as usize);
        (offset < ARENA).then_some(offset)
    }
}

// SAFETY: memory comes from the block, at aligned offsets that never overlap because USED only
// moves by compare-exchange, or else from `System` or, while a child shares it, from the child's
// mappings. A pointer goes back to where it came from: none out of a mapping outlives the sharing,
// and during it nothing goes back but to the block.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut used = USED.load(Ordering::Relaxed);
        loop {
            let align = layout.align().max(MALLOCS);
            let start = (used + align - 1) & !(align - 1);
            let end = start.saturating_add(layout.size());
            if end > ARENA || layout.align() > 64 {
                if SHARING.load(Ordering::Relaxed) {
                    return Extra::alloc(layout);
                }
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
            None if SHARING.load(Ordering::Relaxed) => {}
            // SAFETY: not from the block, hence from System with this layout.
            None => unsafe { System.dealloc(ptr, layout) },
        }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        let in_place = match Bump::offset(ptr) {
            Some(start) => {
                let (end, wanted) = (start + layout.size(), start.saturating_add(new));
                let relaxed = Ordering::Relaxed;
                wanted <= ARENA && USED.compare_exchange(end, wanted, relaxed, relaxed).is_ok()
            }
            None if SHARING.load(Ordering::Relaxed) => false,
            // SAFETY: not from the block, hence from System with this layout.
            None => return unsafe { System.realloc(ptr, layout, new) },
        };
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

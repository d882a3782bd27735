//! An allocator with a counter: while a run is counted its memory comes from one block, which is
//! empty again afterwards.
//!
//! The only unsafe code outside of `interpreter/sys`: it is part of no program that ships.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

const SIZE: usize = 256 << 20;

#[repr(align(4096))]
struct Block(UnsafeCell<[u8; SIZE]>);

// SAFETY: bytes are handed out through `Arena` alone, and USED gives each to one owner.
unsafe impl Sync for Block {}

static BLOCK: Block = Block(UnsafeCell::new([0; SIZE]));
static USED: AtomicUsize = AtomicUsize::new(0);
static COUNTING: AtomicBool = AtomicBool::new(false);

pub struct Arena;

// SAFETY: memory comes from the block, in parts that don't overlap, or from `System`, and goes
// back to where it came from.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !COUNTING.load(Relaxed) {
            // SAFETY: the caller's layout, passed on.
            return unsafe { System.alloc(layout) };
        }
        let room = layout.size().saturating_add(layout.align());
        let at = USED.fetch_add(room, Relaxed);
        if room > SIZE || at > SIZE - room {
            return std::ptr::null_mut();
        }
        let start = at.next_multiple_of(layout.align());
        // SAFETY: start and what is behind it lie within at..at+room, in the block.
        unsafe { BLOCK.0.get().cast::<u8>().add(start) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        if (at as usize).wrapping_sub(BLOCK.0.get() as usize) >= SIZE {
            // SAFETY: not from the block, hence from System with this layout.
            unsafe { System.dealloc(at, layout) }
        }
    }
}

/// Runs something, and says how much it allocated. Nothing that it allocates may outlive it.
pub fn count<T: Copy>(run: impl FnOnce() -> T) -> (T, usize) {
    USED.store(0, Relaxed);
    COUNTING.store(true, Relaxed);
    let result = run();
    COUNTING.store(false, Relaxed);
    (result, USED.load(Relaxed))
}

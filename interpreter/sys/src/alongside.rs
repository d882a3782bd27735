//! Children whose exec their parent does not wait for: it makes the next one meanwhile.
//!
//! An exec is most of what a child costs, and another processor can do it. Such a child begins in
//! its parent's memory as those of [`crate::spawn`] do, but what it reads and writes there is its own: an order
//! with all that it leads to, a stack, and an errno. The kernel clears a word when the child has
//! let go of the memory, by its exec or its end: the parent then knows what came of it, and frees that.

use crate::spawn::{Action, Failed, Order, child};
use crate::{Errno, Result};
use core::ffi::{CStr, c_int, c_void};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicI32, Ordering::Acquire, Ordering::Release};

unsafe extern "C" {
    /// What libc's `clone` calls; musl's own refuses flags of a thread.
    fn __clone(
        begin: extern "C" fn(*mut c_void) -> c_int,
        stack: *mut c_void,
        flags: c_int,
        data: *mut c_void,
        ptid: *mut c_int,
        tls: *mut c_void,
        ctid: *mut c_int,
    ) -> c_int;
}

/// The top of a child's stack is what stands around its thread pointer: of all that libc has there
/// its calls need errno, and sometimes to be told that there is one thread.
const AROUND: usize = 2048;

/// Where the thread pointer of this process points to.
#[cfg(target_arch = "x86_64")]
fn thread_pointer() -> Option<usize> {
    let at: usize;
    // SAFETY: a word is read that the ABI has there: the pointer itself.
    unsafe {
        core::arch::asm!("mov {}, fs:0", out(reg) at, options(nostack, preserves_flags, readonly));
    }
    Some(at)
}

/// Elsewhere nobody has tried it.
#[cfg(not(target_arch = "x86_64"))]
fn thread_pointer() -> Option<usize> {
    None
}

/// Whether errno is near enough to the thread pointer to be given to a child.
pub(crate) fn can_be() -> bool {
    // SAFETY: the address is only looked at.
    let errno = unsafe { libc::__errno_location() } as usize;
    let near = |at: usize| errno.wrapping_sub(at).wrapping_add(AROUND / 2) < AROUND;
    thread_pointer().is_some_and(near)
}

/// What an order leads to.
struct Kept {
    _bytes: Vec<u8>,
    words: Vec<&'static CStr>,
    actions: Vec<Action>,
}

impl Kept {
    fn new(lists: [&[&CStr]; 3], actions: Vec<Action>) -> Kept {
        let all = || lists.iter().flat_map(|list| list.iter());
        let size = all().map(|word| word.to_bytes_with_nul().len()).sum();
        let mut bytes: Vec<u8> = Vec::with_capacity(size);
        all().for_each(|word| bytes.extend_from_slice(word.to_bytes_with_nul()));
        let mut at = bytes.as_ptr();
        let mut words = Vec::with_capacity(all().count());
        for word in all() {
            // SAFETY: a copy of this word is there, in bytes that stay where they are until their
            // owner has gone, which no word outlives.
            words.push(unsafe { CStr::from_ptr(at.cast()) });
            at = at.wrapping_add(word.to_bytes_with_nul().len());
        }
        Kept { _bytes: bytes, words, actions }
    }

    /// An order with so many paths and arguments, and the rest as environment.
    fn order(&self, [paths, argv, _]: [usize; 3]) -> Order<'static> {
        // SAFETY: both lists stay where they are until their owner has gone, which the order does not outlive.
        let (words, actions) = unsafe {
            let words: &'static [&'static CStr] =
                core::slice::from_raw_parts(self.words.as_ptr(), self.words.len());
            let actions: &'static [Action] =
                core::slice::from_raw_parts(self.actions.as_ptr(), self.actions.len());
            (words, actions)
        };
        let (paths, words) = words.split_at(paths);
        let (argv, env) = words.split_at(argv);
        Order::new(paths, argv, env, actions)
    }
}

/// What a child reads and writes.
struct Own {
    order: Order<'static>,
    stack: Vec<u128>,
    /// 0: the child has left.
    busy: AtomicI32,
    _kept: Kept,
}

/// A child that was made.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) pid: i32,
    own: NonNull<Own>,
}

impl Child {
    /// Makes one, with the table of descriptors shared until it ends that before `behind`. What its
    /// actions name stays open until it has left.
    pub(crate) fn begin(
        lists: [&[&CStr]; 3],
        actions: Vec<Action>,
        behind: i32,
        flags: c_int,
        stack: Vec<u128>,
    ) -> Result<Child> {
        let kept = Kept::new(lists, actions);
        let mut order = kept.order(lists.map(<[_]>::len));
        order.behind = Some(behind);
        let busy = AtomicI32::new(1);
        let own = Box::into_raw(Box::new(Own { order, stack, busy, _kept: kept }));
        let flags = flags | libc::CLONE_VM | libc::CLONE_FILES | libc::SIGCHLD;
        let flags = flags | libc::CLONE_SETTLS | libc::CLONE_CHILD_CLEARTID;
        // SAFETY: all that the child gets is its own until it has left: nobody here reads or frees
        // it before. The stack is 16-aligned, and longer than what is at its top, which stands around
        // a thread pointer and is zero but for the words that point to itself.
        unsafe {
            let top = (*own).stack.as_mut_ptr().add((*own).stack.capacity()).cast::<u8>();
            let stack = top.sub(AROUND);
            stack.write_bytes(0, AROUND);
            let thread = stack.add(AROUND / 2).cast::<*mut u8>();
            thread.write(thread.cast());
            thread.add(2).write(thread.cast());
            let (data, word) = ((&raw mut (*own).order).cast(), (*own).busy.as_ptr());
            let (ptid, tls) = (core::ptr::null_mut(), thread.cast());
            let pid = __clone(child, stack.cast(), flags, data, ptid, tls, word);
            match (NonNull::new(own), pid) {
                (Some(own), 1..) => Ok(Child { pid, own }),
                (_, pid) => {
                    drop(Box::from_raw(own));
                    // glibc's sets errno, musl's gives it.
                    let musl = cfg!(target_env = "musl");
                    Err(if musl { Errno::from_raw(-pid) } else { Errno::last() })
                }
            }
        }
    }

    fn busy(&self) -> &AtomicI32 {
        // SAFETY: it is there as long as this is, and the kernel changes it as an atomic word.
        unsafe { &(*self.own.as_ptr()).busy }
    }

    /// Whether the child has let go of the memory.
    pub(crate) fn has_left(&self) -> bool {
        self.busy().load(Acquire) == 0
    }

    /// It has, as is known in another way.
    pub(crate) fn leaves(&self) {
        self.busy().store(0, Release);
    }

    /// Waits until it has.
    pub(crate) fn wait(&self) {
        let slice = libc::timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        while !self.has_left() {
            let (word, slice) = (self.busy().as_ptr(), &raw const slice);
            // SAFETY: the kernel reads the word and the time.
            unsafe { libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAIT, 1, slice) };
            // Kernels before 5.16 leave the word as it is where a child dumps core.
            if !self.has_left() && crate::process::has_ended(self.pid) {
                self.leaves();
            }
        }
    }

    /// What became of it, once it has left, and its stack for another one.
    pub(crate) fn outcome(&self) -> (Option<Failed>, Vec<u128>) {
        self.wait();
        // SAFETY: the child has left, and nobody else has a pointer to what was its own.
        let own = unsafe { &mut *self.own.as_ptr() };
        (own.order.failed, core::mem::take(&mut own.stack))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.wait();
        // SAFETY: it came out of a box, and the child has left.
        drop(unsafe { Box::from_raw(self.own.as_ptr()) });
    }
}

//! Children that share this process's memory while it does nothing but wait for their end.
//!
//! A fork copies the page tables, and then both processes copy each page that they write: 30 µs
//! of the 40 that a child costs. Sharing needs no copy; and the parent goes to sleep once, where
//! after a vfork it wakes up in between for the child's exec.

use crate::alloc;
use crate::process::Status;
use crate::spawn::{Action, Failed, Order};
use crate::{Errno, Result};
use core::ffi::{CStr, c_int, c_void};
use core::mem::ManuallyDrop;

/// Whether this machine's children can share: [`run`] and [`spawn`] are for those only.
pub const POSSIBLE: bool = cfg!(target_arch = "x86_64");

/// There is no child, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unborn(pub Errno);

/// The wait's outcome, of a child that was.
pub type Waited = core::result::Result<Result<Status>, Unborn>;

/// What becomes of other children that end while this one is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They can still be waited for.
    Stay,
    /// They have been waited for.
    Reaped,
}

/// Runs `child` in a process of its own, and waits for its end. What it gives is the exit code.
///
/// The child has everything of its own but memory: descriptors, directory, limits, signals, pid.
/// It may exec. It must not change its user, because who may look into a process is a trait of
/// its memory. Nothing happens here until it has ended, so the closure is bound as that of a
/// scope's thread is: it reaches nothing that two could not reach in turn. What it allocated is
/// gone when it has ended.
pub fn run<F: FnOnce() -> i32 + Send>(child: F, others: Others) -> Waited {
    let mut child = ManuallyDrop::new(child);
    let mark = alloc::share();
    let waited = clone_and_wait(begin::<F>, (&raw mut child).cast(), others);
    // SAFETY: only the child has allocated since, and it has ended; its closure's bounds let it
    // leave no pointer behind.
    unsafe { alloc::unshare(mark) };
    waited
}

extern "C" fn begin<F: FnOnce() -> i32>(child: *mut c_void) -> c_int {
    // SAFETY: `run` passed a pointer to its closure, and waits for this process's end; it does not
    // touch the closure again.
    let child = unsafe { ManuallyDrop::take(&mut *child.cast::<ManuallyDrop<F>>()) };
    child()
}

/// [`crate::spawn::spawn`], and the wait for the program's end.
pub fn spawn(
    paths: &[&CStr],
    argv: &[&CStr],
    env: &[&CStr],
    actions: &[Action],
    others: Others,
) -> core::result::Result<Result<Status>, Failed> {
    let mark = alloc::mark();
    let mut order = Order::new(paths, argv, env, actions);
    let waited = clone_and_wait(crate::spawn::child, (&raw mut order).cast(), others);
    // SAFETY: reads a field that the child wrote through the pointer that it was given.
    let failed = unsafe { (&raw const order.failed).read_volatile() };
    drop(order);
    // SAFETY: the order's lists are gone, and the child allocates nothing.
    unsafe { alloc::release(mark) };
    match (failed, waited) {
        (Some(failed), _) => Err(failed),
        (None, Err(Unborn(errno))) => Err(Failed { action: None, errno }),
        (None, Ok(status)) => Ok(status),
    }
}

type Begin = extern "C" fn(*mut c_void) -> c_int;

/// Calls `child(data)` in a process that has this one's memory and begins on its stack, and waits.
#[cfg(target_arch = "x86_64")]
fn clone_and_wait(child: Begin, data: *mut c_void, others: Others) -> Waited {
    extern "C" fn call(child: Begin, data: *mut c_void) -> ! {
        crate::process::exit(child(data))
    }
    let mut status: c_int = 0;
    let (mut born, mut got): (isize, isize) = (0, 0);
    // Laid over a pid's bits they give it, or -1, which stands for all children.
    let mask: isize = if others == Others::Reaped { -1 } else { 0 };
    // SAFETY: the child goes on below this frame and never comes back to it (`call` ends it), so
    // it changes nothing that the parent reads but what `data` leads to. The parent keeps what
    // it needs in registers: between the two calls it runs these instructions alone. No handler
    // interrupts them, as chainit installs none; a wait that a debugger interrupts is repeated.
    unsafe {
        core::arch::asm!(
            "syscall",
            "test rax, rax",
            "jz 2f",
            "mov r8, rax",
            "js 4f",
            "3:",
            "mov rdi, r8",
            "or rdi, r15",
            "mov rsi, r12",
            "xor edx, edx",
            "xor r10d, r10d",
            "mov eax, {wait4}",
            "syscall",
            "cmp rax, {eintr}",
            "je 3b",
            "test rax, rax",
            "js 4f",
            "cmp rax, r8",
            "jne 3b",
            "jmp 4f",
            "2:",
            "xor ebp, ebp",
            "mov rdi, r13",
            "mov rsi, r14",
            "call {call}",
            "ud2",
            "4:",
            wait4 = const libc::SYS_wait4,
            eintr = const -(libc::EINTR as i64),
            call = sym call,
            inout("rax") libc::SYS_clone as isize => got,
            inout("rdi") (libc::CLONE_VM | libc::SIGCHLD) as isize => _,
            inout("rsi") 0isize => _,
            inout("rdx") 0isize => _,
            inout("r10") 0isize => _,
            inout("r8") 0isize => born,
            in("r12") &raw mut status,
            in("r13") child as *const c_void,
            in("r14") data,
            in("r15") mask,
            out("rcx") _,
            out("r11") _,
        );
    }
    let errno = |value: isize| Errno::from_raw(-value as i32);
    match (born, got) {
        (..0, _) => Err(Unborn(errno(born))),
        (_, ..0) => Ok(Err(errno(got))),
        _ => Ok(Ok(Status(status))),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn clone_and_wait(_: Begin, _: *mut c_void, _: Others) -> Waited {
    Err(Unborn(Errno::ENOSYS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_child_has_a_pid_of_its_own_and_this_memory() {
        let me = crate::process::getpid();
        let seen = std::sync::atomic::AtomicI32::new(0);
        let child = || {
            seen.store(crate::process::getpid(), std::sync::atomic::Ordering::Relaxed);
            7
        };
        let waited = run(child, Others::Stay);
        let seen = seen.into_inner();
        assert!(seen != 0 && seen != me);
        assert_eq!(waited.unwrap().unwrap().code(), Some(7));
    }

    #[test]
    fn a_child_that_is_killed_says_so() {
        let child = || {
            let _ = crate::signal::kill(crate::process::getpid(), libc::SIGKILL);
            0
        };
        let waited = run(child, Others::Stay);
        assert_eq!(waited.unwrap().unwrap().signal(), Some(libc::SIGKILL));
    }

    #[test]
    fn a_program_that_is_nowhere_is_told() {
        let failed = spawn(&[c"/nowhere/at/all"], &[c"all"], &[], &[], Others::Stay).unwrap_err();
        assert_eq!(failed.errno, Errno::ENOENT);
    }
}

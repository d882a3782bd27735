//! What a process does that must not end: when it meets a fault, or a panic, its state is handed
//! to somebody who saves it.
//!
//! A fault (SIGSEGV, SIGBUS, SIGILL, SIGFPE) that the process's own instruction has met is
//! answered in the signal's handler, on a stack of its own. One that somebody has sent finds the
//! process in good order: it is noted, and taken up where the process says ([`asked`]).

use crate::signal::{SIGBUS, SIGCHLD, SIGFPE, SIGILL, SIGSEGV};
use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicI32, Ordering};

/// Somebody who can save what he holds.
pub trait Rescue {
    /// Saves it, and becomes another program. Comes back where that can't be done. Memory is as
    /// it was at the fault: nothing may be allocated. `signal`: 0 for a panic.
    fn rescue(&self, signal: c_int);
}

const FAULTS: [c_int; 4] = [SIGSEGV, SIGBUS, SIGILL, SIGFPE];

struct Held(UnsafeCell<Option<*const dyn Rescue>>);

// SAFETY: the processes of this project have one thread.
unsafe impl Sync for Held {}

static HELD: Held = Held(UnsafeCell::new(None));
/// The process that is guarded: a child in its memory is not.
static OWNER: AtomicI32 = AtomicI32::new(0);
static ASKED: AtomicI32 = AtomicI32::new(0);

const STACK: usize = 32 * 1024;

#[repr(align(64))]
struct Stack(UnsafeCell<[u8; STACK]>);

// SAFETY: the kernel alone hands it out, to one handler at a time.
unsafe impl Sync for Stack {}

static ALTERNATE: Stack = Stack(UnsafeCell::new([0; STACK]));

/// Runs `f` over a state, which is rescued if this process meets a fault or a panic meanwhile.
pub fn guard<S: Rescue, R>(state: &mut S, f: impl FnOnce(&mut S) -> R) -> R {
    let held: *const (dyn Rescue + '_) = &raw const *state;
    // SAFETY: only the lifetime changes; the pointer is taken away before the state can go.
    let held = unsafe { core::mem::transmute::<*const (dyn Rescue + '_), *const dyn Rescue>(held) };
    // SAFETY: one thread; no handler is installed yet that would read it.
    unsafe { *HELD.0.get() = Some(held) };
    OWNER.store(crate::process::getpid(), Ordering::Relaxed);
    use_stack();
    for signal in FAULTS {
        handle(signal, Some(caught));
    }
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        told(info);
        rescue(0);
    }));
    let result = f(state);
    // Handler and hook stay, and find nothing to save: whoever comes here is about to end.
    // SAFETY: one thread; a handler reads it before this or after it.
    unsafe { *HELD.0.get() = None };
    result
}

/// A fault's signal that somebody has sent since the last question. With it came a SIGCHLD, so
/// that whoever waits for signals wakes up.
pub fn asked() -> Option<c_int> {
    Some(ASKED.swap(0, Ordering::Relaxed)).filter(|&signal| signal != 0)
}

fn rescue(signal: c_int) {
    if OWNER.load(Ordering::Relaxed) != crate::process::getpid() {
        return;
    }
    // SAFETY: one thread. The state lives as long as the pointer is there. Whoever was about to
    // change it is interrupted and does not go on, unless nothing could be done.
    if let Some(held) = unsafe { *HELD.0.get() } {
        // SAFETY: as above.
        unsafe { (*held).rescue(signal) };
    }
}

extern "C" fn caught(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel gives a handler with SA_SIGINFO the signal's structure.
    let sent = unsafe { (*info).si_code } <= 0;
    let own = OWNER.load(Ordering::Relaxed) == crate::process::getpid();
    // SAFETY: one thread; nobody writes it while a handler runs.
    let held = unsafe { *HELD.0.get() }.is_some();
    if own && sent && held {
        ASKED.store(signal, Ordering::Relaxed);
        let _ = crate::signal::kill(crate::process::getpid(), SIGCHLD);
        return;
    }
    rescue(signal);
    // The instruction is met again, now without a handler.
    handle(signal, None);
    if sent {
        let _ = crate::signal::kill(crate::process::getpid(), signal);
    }
}

/// Handlers run on a stack of their own.
fn use_stack() {
    let stack = libc::stack_t { ss_sp: ALTERNATE.0.get().cast(), ss_flags: 0, ss_size: STACK };
    // SAFETY: the stack is static, and nobody else's.
    unsafe { libc::sigaltstack(&stack, core::ptr::null_mut()) };
}

type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

fn handle(signal: c_int, handler: Option<Handler>) {
    // SAFETY: sigaction is plain numbers, for which zeroes are a valid value. The handler touches
    // atomics and, of the rest, what a process that does not go on may touch.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction =
            handler.map_or(libc::SIG_DFL, |handler| handler as *const () as usize);
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigfillset(&mut action.sa_mask);
        libc::sigaction(signal, &action, core::ptr::null_mut());
    }
}

//! Signals: masks, dispositions, sending.

use crate::{Errno, Result, check};
use core::ffi::c_int;

pub use libc::{
    SIGABRT, SIGALRM, SIGBUS, SIGCHLD, SIGCONT, SIGFPE, SIGHUP, SIGILL, SIGINT, SIGKILL, SIGPIPE,
    SIGPWR, SIGQUIT, SIGSEGV, SIGSTOP, SIGSYS, SIGTERM, SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU,
    SIGUSR1, SIGUSR2, SIGWINCH, SIGXCPU, SIGXFSZ,
};

/// A set of signals.
#[derive(Clone, Copy)]
pub struct Set(libc::sigset_t);

impl Set {
    /// None.
    pub fn empty() -> Set {
        // SAFETY: sigset_t is plain numbers; the call fills it.
        unsafe {
            let mut set = core::mem::zeroed();
            libc::sigemptyset(&mut set);
            Set(set)
        }
    }
    /// All.
    pub fn full() -> Set {
        // SAFETY: sigset_t is plain numbers; the call fills it.
        unsafe {
            let mut set = core::mem::zeroed();
            libc::sigfillset(&mut set);
            Set(set)
        }
    }
    /// These.
    pub fn of(signals: &[c_int]) -> Set {
        let mut set = Set::empty();
        for &signal in signals {
            // SAFETY: the call changes the set only.
            unsafe { libc::sigaddset(&mut set.0, signal) };
        }
        set
    }
    /// All but these.
    pub fn all_but(signals: &[c_int]) -> Set {
        let mut set = Set::full();
        for &signal in signals {
            // SAFETY: the call changes the set only.
            unsafe { libc::sigdelset(&mut set.0, signal) };
        }
        set
    }
    /// Is it one of these?
    pub fn has(&self, signal: c_int) -> bool {
        // SAFETY: the call reads the set only.
        unsafe { libc::sigismember(&self.0, signal) == 1 }
    }
    /// Whether no signal is in it.
    pub fn is_empty(&self) -> bool {
        !(1..=64).any(|signal| self.has(signal))
    }
    pub(crate) fn raw(&self) -> *const libc::sigset_t {
        &self.0
    }
}

impl core::fmt::Debug for Set {
    fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
        f.debug_set().entries((1..=64).filter(|&signal| self.has(signal))).finish()
    }
}

/// Blocks exactly these, gives those that were.
pub fn set_mask(set: &Set) -> Set {
    let mut old = Set::empty();
    // SAFETY: the call reads one set and fills the other.
    unsafe { libc::sigprocmask(libc::SIG_SETMASK, &set.0, &mut old.0) };
    old
}

/// Blocks these too, gives those that were blocked before.
pub fn block(set: &Set) -> Set {
    let mut old = Set::empty();
    // SAFETY: the call reads one set and fills the other.
    unsafe { libc::sigprocmask(libc::SIG_BLOCK, &set.0, &mut old.0) };
    old
}

/// Takes the next pending one of a blocked set; `None` after `millis` (`None`: waits for ever).
pub fn wait(set: &Set, millis: Option<u64>) -> Result<Option<c_int>> {
    let millis_or_0 = millis.unwrap_or(0);
    let timeout = libc::timespec {
        tv_sec: (millis_or_0 / 1000) as _,
        tv_nsec: (millis_or_0 % 1000 * 1_000_000) as _,
    };
    let at = if millis.is_some() { &raw const timeout } else { core::ptr::null() };
    // SAFETY: the call reads the set and the time only.
    match check(unsafe { libc::sigtimedwait(&set.0, core::ptr::null_mut(), at) }) {
        Ok(signal) => Ok(Some(signal)),
        Err(Errno::EAGAIN) => Ok(None),
        Err(e) => Err(e),
    }
}

/// What becomes of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// The kernel's default.
    Default,
    /// Nothing.
    Ignore,
}

/// Sets a signal's disposition, gives whether it was ignored before.
pub fn dispose(signal: c_int, how: Disposition) -> Result<bool> {
    let handler = match how {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignore => libc::SIG_IGN,
    };
    // SAFETY: no handler of ours is installed, so no code runs in signal context.
    let old = unsafe { libc::signal(signal, handler) };
    if old == libc::SIG_ERR { Err(Errno::last()) } else { Ok(old == libc::SIG_IGN) }
}

/// `kill(2)`. Signal 0 asks whether it could be sent.
pub fn kill(pid: i32, signal: c_int) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::kill(pid, signal) }).map(drop)
}

/// Runs `f` with a SIGALRM that interrupts its system calls after `millis`, and again and again
/// from then on, so that none that is begun too late waits for ever. Everything is as before
/// afterwards: mask, disposition, and a SIGALRM that comes late does no harm.
pub fn with_alarm<T>(millis: u64, f: impl FnOnce() -> T) -> T {
    extern "C" fn nothing(_: c_int) {}
    let timer = |first: u64, again: u64| {
        let time =
            |ms: u64| libc::timeval { tv_sec: (ms / 1000) as _, tv_usec: (ms % 1000 * 1000) as _ };
        let value = libc::itimerval { it_value: time(first), it_interval: time(again) };
        // SAFETY: the call reads the one structure. (The constant's type differs between libcs.)
        unsafe { libc::syscall(libc::SYS_setitimer, libc::ITIMER_REAL, &raw const value, 0) };
    };
    let alarm = Set::of(&[SIGALRM]);
    // SAFETY: sigaction is plain numbers, for which zeroes are a valid value; the handler is a
    // function that does nothing, so it may run anywhere. The calls read and fill the structures.
    let (old_action, old_mask) = unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction = nothing as *const () as usize;
        let (mut old_action, mut old_mask) = (core::mem::zeroed(), Set::empty());
        libc::sigaction(SIGALRM, &action, &mut old_action);
        libc::sigprocmask(libc::SIG_UNBLOCK, &alarm.0, &mut old_mask.0);
        (old_action, old_mask)
    };
    timer(millis.max(1), 10);
    let result = f();
    timer(0, 0);
    set_mask(&old_mask);
    // SAFETY: gives back what was there before.
    unsafe { libc::sigaction(SIGALRM, &old_action, core::ptr::null_mut()) };
    result
}

const NAMES: [(&str, c_int); 33] = [
    ("ABRT", libc::SIGABRT),
    ("ALRM", libc::SIGALRM),
    ("BUS", libc::SIGBUS),
    ("CHLD", libc::SIGCHLD),
    ("CONT", libc::SIGCONT),
    ("FPE", libc::SIGFPE),
    ("HUP", libc::SIGHUP),
    ("ILL", libc::SIGILL),
    ("INT", libc::SIGINT),
    ("IO", libc::SIGIO),
    ("IOT", libc::SIGIOT),
    ("KILL", libc::SIGKILL),
    ("PIPE", libc::SIGPIPE),
    ("POLL", libc::SIGPOLL),
    ("PROF", libc::SIGPROF),
    ("PWR", libc::SIGPWR),
    ("QUIT", libc::SIGQUIT),
    ("SEGV", libc::SIGSEGV),
    ("STKFLT", libc::SIGSTKFLT),
    ("STOP", libc::SIGSTOP),
    ("SYS", libc::SIGSYS),
    ("TERM", libc::SIGTERM),
    ("TRAP", libc::SIGTRAP),
    ("TSTP", libc::SIGTSTP),
    ("TTIN", libc::SIGTTIN),
    ("TTOU", libc::SIGTTOU),
    ("URG", libc::SIGURG),
    ("USR1", libc::SIGUSR1),
    ("USR2", libc::SIGUSR2),
    ("VTALRM", libc::SIGVTALRM),
    ("WINCH", libc::SIGWINCH),
    ("XCPU", libc::SIGXCPU),
    ("XFSZ", libc::SIGXFSZ),
];

/// A signal's name without SIG, or `None` for a number that has none.
pub fn name(signal: c_int) -> Option<&'static str> {
    // Two pairs share a number; IOT and POLL are the names that people don't use.
    NAMES.iter().find(|(n, s)| *s == signal && *n != "IOT" && *n != "POLL").map(|(n, _)| *n)
}

/// A signal from its name or its number, with or without SIG before it, in any case.
pub fn parse(word: &[u8]) -> Option<c_int> {
    let bare = match word.get(..3) {
        Some(sig) if sig.eq_ignore_ascii_case(b"SIG") => &word[3..],
        _ => word,
    };
    if !bare.is_empty() && bare.iter().all(u8::is_ascii_digit) && bare.len() < 4 {
        let number = bare.iter().fold(0, |n, b| n * 10 + c_int::from(b - b'0'));
        return (1..=64).contains(&number).then_some(number);
    }
    NAMES.iter().find(|(n, _)| n.as_bytes().eq_ignore_ascii_case(bare)).map(|(_, s)| *s)
}

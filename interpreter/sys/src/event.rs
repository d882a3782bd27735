//! Waiting: poll, epoll, signalfd, pidfd.

use crate::signal::Set;
use crate::{Errno, Result, check};
use core::ffi::c_int;

pub use libc::{EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, POLLERR, POLLHUP, POLLIN, POLLOUT};

/// Waits for one descriptor; what came, or 0 after `millis` (`None`: for ever).
pub fn wait_one(fd: i32, events: i16, millis: Option<u64>) -> Result<i16> {
    let mut one = [(fd, events, 0)];
    poll(&mut one, millis)?;
    Ok(one[0].2)
}

/// `poll(2)` over (descriptor, asked, came); the number of those where something came, 0 after
/// `millis` (`None`: waits for ever). A signal that interrupts gives `EINTR`.
pub fn poll(fds: &mut [(i32, i16, i16)], millis: Option<u64>) -> Result<usize> {
    let mut list: Vec<libc::pollfd> =
        fds.iter().map(|f| libc::pollfd { fd: f.0, events: f.1, revents: 0 }).collect();
    let timeout = millis.map_or(-1, |ms| ms.min(i32::MAX as u64) as c_int);
    // SAFETY: the call reads and writes the list's entries only.
    let n = check(unsafe { libc::poll(list.as_mut_ptr(), list.len() as _, timeout) })?;
    for (to, from) in fds.iter_mut().zip(&list) {
        to.2 = from.revents;
    }
    Ok(n as usize)
}

/// An epoll instance, closed by exec and by drop.
pub struct Epoll(i32);

/// What came: the token that was given with the descriptor, and the events.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// The token.
    pub token: u64,
    /// `EPOLLIN` and the like.
    pub events: u32,
}

impl Epoll {
    /// A new one.
    pub fn new() -> Result<Epoll> {
        // SAFETY: no memory is touched.
        check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }).map(Epoll)
    }

    fn control(&self, op: c_int, fd: i32, events: c_int, token: u64) -> Result<()> {
        let mut event = libc::epoll_event { events: events as u32, u64: token };
        // SAFETY: the call reads the one structure.
        check(unsafe { libc::epoll_ctl(self.0, op, fd, &mut event) }).map(drop)
    }

    /// Watches a descriptor.
    pub fn add(&self, fd: i32, events: c_int, token: u64) -> Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, events, token)
    }

    /// Watches it no more.
    pub fn remove(&self, fd: i32) -> Result<()> {
        self.control(libc::EPOLL_CTL_DEL, fd, 0, 0)
    }

    /// Waits, at most `millis` (`None`: for ever); what came. Empty after the time or a signal.
    pub fn wait(&self, millis: Option<u64>) -> Result<Vec<Ready>> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 64];
        let timeout = millis.map_or(-1, |ms| ms.min(i32::MAX as u64) as c_int);
        // SAFETY: the call fills at most so many entries.
        let n = unsafe {
            libc::epoll_wait(self.0, events.as_mut_ptr(), events.len() as c_int, timeout)
        };
        match check(n) {
            Ok(n) => Ok(events[..n as usize]
                .iter()
                .map(|e| Ready { token: e.u64, events: e.events })
                .collect()),
            Err(Errno::EINTR) => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }
}

impl Drop for Epoll {
    fn drop(&mut self) {
        let _ = crate::fd::close(self.0);
    }
}

/// A descriptor from which blocked signals are read; non-blocking, closed by exec.
pub fn signalfd(set: &Set) -> Result<i32> {
    // SAFETY: the call reads the set only.
    check(unsafe { libc::signalfd(-1, set.raw(), libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) })
}

/// A signal that was taken from a [`signalfd`].
#[derive(Clone, Copy, Debug)]
pub struct Signal {
    /// Which one.
    pub number: c_int,
    /// Who sent it: 0 from the kernel or from outside of the pid namespace.
    pub sender: i32,
    /// It is a key on the terminal, or something else of the kernel's.
    pub by_kernel: bool,
}

/// Takes the next signal, `None` if there is none.
pub fn read_signal(fd: i32) -> Result<Option<Signal>> {
    let mut buffer = [0u8; size_of::<libc::signalfd_siginfo>()];
    match crate::fd::read(fd, &mut buffer) {
        Ok(n) if n == buffer.len() => {
            let number = u32::from_ne_bytes([buffer[0], buffer[1], buffer[2], buffer[3]]);
            let sender = u32::from_ne_bytes([buffer[12], buffer[13], buffer[14], buffer[15]]);
            // From `SI_KERNEL` on codes are the kernel's; whoever sends one has none or less.
            let by_kernel = matches!(
                i32::from_ne_bytes([buffer[8], buffer[9], buffer[10], buffer[11]]),
                0x80..
            );
            Ok(Some(Signal { number: number as c_int, sender: sender as i32, by_kernel }))
        }
        Ok(_) | Err(Errno::EAGAIN) => Ok(None),
        Err(e) => Err(e),
    }
}

/// How the process of a pidfd has ended, after its parent has waited for it; `None`: it has not, or
/// the kernel is older than Linux 6.15.
pub fn pidfd_status(fd: i32) -> Option<crate::process::Status> {
    // The kernel's `struct pidfd_info` in its first version: what is asked for, then a cgroup's
    // number, eleven numbers of processes and users, and the status.
    const GET_INFO: libc::Ioctl = 0xC040_FF0B_u32 as libc::Ioctl;
    const EXIT: u64 = 1 << 3;
    let mut info = [0u64; 8];
    info[0] = EXIT;
    // SAFETY: the call reads and fills 64 bytes, as its number says.
    check(unsafe { libc::ioctl(fd, GET_INFO, info.as_mut_ptr()) }).ok()?;
    let [.., last] = info;
    let status = i32::from_ne_bytes(last.to_ne_bytes()[4..].try_into().ok()?);
    (info[0] & EXIT != 0).then_some(crate::process::Status(status))
}

/// A descriptor that becomes readable when the process ends. `ENOSYS` before Linux 5.3.
pub fn pidfd(pid: i32) -> Result<i32> {
    // SAFETY: no memory is touched.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    check(fd).map(|fd| fd as i32)
}

//! Namespaces, privileges that are given up for good, and terminals of one's own.

use crate::process::Fork;
use crate::{Result, check};
use core::ffi::c_int;

pub use libc::{CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS};

/// `fork(2)` into new namespaces (`CLONE_NEW*`). For processes of one thread, as
/// [`crate::process::fork`]. `EPERM`: this user may not; `ENOSPC`, `EINVAL`: the system is set up
/// to allow none, or the kernel has no such namespace.
pub fn fork_into(flags: c_int) -> Result<Fork> {
    let flags = libc::c_long::from(flags | libc::SIGCHLD);
    // SAFETY: without a stack and without CLONE_VM this is fork: the child goes on with a copy
    // of the memory, which is consistent because this process has one thread.
    match check(unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) })? {
        0 => Ok(Fork::Child),
        pid => Ok(Fork::Parent(pid as i32)),
    }
}

/// Puts this process into new namespaces (`CLONE_NEW*`), as [`fork_into`] a child.
pub fn enter(flags: c_int) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::unshare(flags) }).map(drop)
}

/// This process gives up all capabilities.
pub fn drop_all() -> Result<()> {
    // The version of the call, and the process: this one; then three lists of two words.
    let (head, none) = ([0x2008_0522_u32, 0], [0u32; 6]);
    // SAFETY: the kernel reads a head and lists of just this shape.
    check(unsafe { libc::syscall(libc::SYS_capset, head.as_ptr(), none.as_ptr()) }).map(drop)
}

/// No program that this process execs, nor a child of it, can ever have that capability again.
/// `EINVAL`: the kernel does not know it.
pub fn drop_capability(number: u32) -> Result<()> {
    let number = libc::c_ulong::from(number);
    // SAFETY: no memory is touched.
    check(unsafe { libc::prctl(libc::PR_CAPBSET_DROP, number, 0, 0, 0) }).map(drop)
}

/// A new pty: its master, closed by an exec, and the path of the terminal behind it.
pub fn pty() -> Result<(i32, Vec<u8>)> {
    let master = crate::fd::open(c"/dev/ptmx", libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC, 0)?;
    let (locked, mut number): (c_int, core::ffi::c_uint) = (0, 0);
    // SAFETY: the kernel reads the one number and fills the other.
    let made = unsafe {
        check(libc::ioctl(master, libc::TIOCSPTLCK, &locked))
            .and_then(|_| check(libc::ioctl(master, libc::TIOCGPTN, &mut number)))
    };
    if made.is_err() {
        let _ = crate::fd::close(master);
    }
    made.map(|_| (master, format!("/dev/pts/{number}").into_bytes()))
}

/// The size of a terminal's window: rows, columns.
pub fn window(fd: i32) -> Result<(u16, u16)> {
    // SAFETY: winsize is plain numbers, for which zeroes are a valid value.
    let mut size: libc::winsize = unsafe { core::mem::zeroed() };
    // SAFETY: the call fills the structure.
    check(unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &mut size) })?;
    Ok((size.ws_row, size.ws_col))
}

/// Sets it; the foreground process group gets a SIGWINCH if that is a change.
pub fn set_window(fd: i32, (rows, columns): (u16, u16)) -> Result<()> {
    let size = libc::winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the call reads the structure.
    check(unsafe { libc::ioctl(fd, libc::TIOCSWINSZ, &size) }).map(drop)
}

/// The foreground process group of a terminal; of a pty's master: of the terminal behind it.
pub fn foreground(fd: i32) -> Result<i32> {
    // SAFETY: no memory is touched but the number that the call fills.
    check(unsafe { libc::tcgetpgrp(fd) })
}

/// Forgets what has been typed and not been read.
pub fn forget_input(fd: i32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::tcflush(fd, libc::TCIFLUSH) }).map(drop)
}

/// A terminal's settings.
#[derive(Clone, Copy)]
pub struct Modes(libc::termios);

impl Modes {
    /// Those that it has. `ENOTTY`: it is no terminal.
    pub fn of(fd: i32) -> Result<Modes> {
        // SAFETY: termios is plain numbers, for which zeroes are a valid value.
        let mut modes: libc::termios = unsafe { core::mem::zeroed() };
        // SAFETY: the call fills the structure.
        check(unsafe { libc::tcgetattr(fd, &mut modes) })?;
        Ok(Modes(modes))
    }

    /// The same, but every byte passes as it is and at once.
    pub fn raw(mut self) -> Modes {
        // SAFETY: the call changes the structure only.
        unsafe { libc::cfmakeraw(&mut self.0) };
        self
    }

    /// Gives them to a terminal, after what has been written to it.
    pub fn set(&self, fd: i32) -> Result<()> {
        // SAFETY: the call reads the structure.
        check(unsafe { libc::tcsetattr(fd, libc::TCSADRAIN, &self.0) }).map(drop)
    }
}

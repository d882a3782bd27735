//! The container's terminal: given up by PID 1, taken by the CMD, so that a shell as CMD has job
//! control and ^C reaches it and nobody else.

use sys::fd::{O_CLOEXEC, O_NOCTTY, O_RDWR, is_terminal};

/// Has the container a terminal? `shown`: what was standard error at the start.
pub fn is_there(shown: i32) -> bool {
    is_terminal(shown)
}

/// PID 1 lets go of the terminal, so that another session can have it. Before signals are
/// blocked: the kernel hangs up on whoever lets go.
pub fn give_up(shown: i32) {
    if is_there(shown) {
        let _ = sys::process::drop_terminal(shown);
    }
}

/// Whoever has become another user may open `/dev/stdout` and `/dev/stderr`, where these are pipes:
/// what a container manager has made belongs to root, and has a mode of its own.
pub fn open_output_to_all() {
    for standard in [1, 2] {
        if let Ok(stat) = sys::fs::fstat(standard)
            && stat.is_fifo()
            && stat.mode & 0o222 != 0o222
        {
            let _ = sys::fs::fchmod(standard, stat.mode & 0o7777 | 0o222);
        }
    }
}

/// ^C is for this session's process, which leaves standard input as it is: for stage 2, and where
/// nobody becomes the CMD for PID 1.
pub fn claim(shown: i32) {
    if is_there(shown) {
        let _ = sys::process::take_terminal(shown);
    }
}

/// PID 1 reads nothing.
pub fn read_nothing() {
    if let Ok(fd) = sys::fd::null(sys::fd::O_RDONLY | O_CLOEXEC) {
        let _ = sys::fd::rename(0, fd);
    }
}

/// The CMD takes the terminal, if there is one: as its standard input and as the terminal of its
/// session, or of its process group where the session is somebody else's.
pub fn take(shown: i32) {
    if !is_there(shown) {
        return;
    }
    let by_name = sys::posix::ttyname(shown)
        .and_then(|name| sys::fd::open_bytes(&name, O_RDWR | O_NOCTTY, 0));
    match by_name {
        Ok(fd) => drop(sys::fd::rename(0, fd)),
        Err(_) => drop(sys::fd::copy(0, shown)),
    }
    if sys::process::take_terminal(0).is_err() {
        let own = sys::process::getpid();
        let background = sys::signal::Set::of(&[sys::signal::SIGTTOU]);
        let old = sys::signal::block(&background);
        let _ = sys::process::set_foreground(0, own);
        sys::signal::set_mask(&old);
    }
}

/// The CMD writes to its terminal, wherever the others write (`S6_CMD_USE_TERMINAL`).
pub fn output_to_terminal() {
    if is_terminal(0) {
        let _ = sys::fd::copy(1, 0);
        let _ = sys::fd::copy(2, 0);
    }
}

//! Locks on a live state and on a database: the file `lock` in each, as the original takes it.

use sys::fd::{O_CLOEXEC, O_CREAT, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC};
use sys::{Errno, Result};

/// Takes the lock of a directory: the descriptor that holds it. `EBUSY`: somebody else has it,
/// and nobody is to wait.
pub fn take(dir: &[u8], exclusive: bool, wait: bool) -> Result<i32> {
    let flags = if exclusive { O_RDWR | O_CREAT | O_TRUNC } else { O_RDONLY };
    let path = [dir, b"/lock"].concat();
    let fd = sys::fd::open_bytes(&path, flags | O_NONBLOCK | O_CLOEXEC, 0o644)?;
    let taken = loop {
        match sys::fd::lock_as(fd, exclusive, wait) {
            Err(Errno::EINTR) => {}
            Ok(false) => break Err(Errno::EBUSY),
            other => break other,
        }
    };
    taken.map(|_| fd).inspect_err(|_| {
        let _ = sys::fd::close(fd);
    })
}

/// The process that keeps others from taking the lock, if it is one that can be named.
pub fn holder(dir: &[u8], exclusive: bool) -> Option<i32> {
    let path = [dir, b"/lock"].concat();
    let fd = sys::fd::open_bytes(&path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0).ok()?;
    let holder = sys::fd::lock_holder(fd, exclusive);
    let _ = sys::fd::close(fd);
    holder.ok().flatten()
}

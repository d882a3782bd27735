//! `event/`: a directory of fifos, one for each who listens (s6's fifodir).
//!
//! A listener makes a fifo `ftrig1:@<25 digits of a label>:<6 letters>`; a byte that happens is
//! written into each of them, never waiting. A fifo that nobody reads is a dead listener's.

use std::ffi::{CStr, CString};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_DIRECTORY, O_NONBLOCK, O_RDONLY, O_WRONLY};

/// What the names of listeners' fifos begin with, and their length.
pub const PREFIX: &[u8] = b"ftrig1:@";
/// The length of their names.
pub const LENGTH: usize = 39;

/// Writes the bytes into every listener's fifo of the fifodir `path` below `dir`; how many got
/// them.
pub fn notify(dir: i32, path: &CStr, bytes: &[u8]) -> sys::Result<usize> {
    let mut reached = 0;
    if is_empty(dir, path)? {
        return Ok(reached);
    }
    for_fifos(dir, path, |place, name| {
        let fd = match sys::fd::openat(place, name, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0) {
            Ok(fd) => fd,
            Err(errno) => return forget_dead(place, name, errno),
        };
        match sys::fd::write(fd, bytes) {
            Ok(n) => reached += usize::from(n == bytes.len()),
            // A listener that lets its fifo run full loses news; its writer must not wait.
            Err(errno) => forget_dead(place, name, errno),
        }
        let _ = sys::fd::close(fd);
    })?;
    Ok(reached)
}

/// Whether nothing is in a directory, where one question tells that: on a tmpfs its size counts the names
/// in it, two more than there are. That it is one was asked before.
fn is_empty(dir: i32, path: &CStr) -> sys::Result<bool> {
    const EMPTY: i64 = 2 * 20;
    static TMPFS: AtomicU64 = AtomicU64::new(0);
    let stat = sys::at::stat(dir, path)?;
    if stat.size != EMPTY || !stat.is_dir() {
        return Ok(false);
    }
    if TMPFS.load(Relaxed) != stat.dev {
        if !sys::at::is_tmpfs(dir, path)? {
            return Ok(false);
        }
        TMPFS.store(stat.dev, Relaxed);
    }
    Ok(true)
}

/// Removes the fifos of dead listeners.
pub fn clean(dir: i32, path: &CStr) -> sys::Result<()> {
    for_fifos(dir, path, |place, name| {
        match sys::fd::openat(place, name, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0) {
            Ok(fd) => {
                let _ = sys::fd::close(fd);
            }
            Err(errno) => forget_dead(place, name, errno),
        }
    })
}

/// Removes the fifo of a listener who has died, if that is what the error means.
fn forget_dead(place: i32, name: &CStr, errno: Errno) {
    if matches!(errno, Errno::ENXIO | Errno::EPIPE) {
        let _ = sys::at::unlink(place, name);
    }
}

fn for_fifos(dir: i32, path: &CStr, mut f: impl FnMut(i32, &CStr)) -> sys::Result<()> {
    let flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;
    let place = sys::fd::openat(dir, path, flags, 0)?;
    let mut names: Vec<CString> = Vec::new();
    let listed = sys::at::each_entry(place, |name, _| {
        let bytes = name.to_bytes();
        if bytes.len() == LENGTH && bytes.starts_with(PREFIX) {
            names.push(name.to_owned());
        }
    });
    names.iter().for_each(|name| f(place, name));
    let _ = sys::fd::close(place);
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::fifodir::Listener;
    use std::path::Path;

    /// On a tmpfs and elsewhere: nobody is reached, then who listens, and a dead one is forgotten.
    #[test]
    fn who_listens_is_reached() {
        for place in [Path::new("/dev/shm").into(), std::env::temp_dir()] {
            let base = place.join(format!("chainit-events-{}", std::process::id()));
            let event = base.join("event");
            if std::fs::create_dir_all(&event).is_err() {
                continue;
            }
            let path = event.as_os_str().as_encoded_bytes();
            let dir = base.as_os_str().as_encoded_bytes();
            let dir = sys::fd::open_bytes(dir, sys::at::O_PLACE, 0).unwrap();
            assert_eq!(notify(dir, c"event", b"u"), Ok(0));
            let listener = Listener::below(path).unwrap();
            assert_eq!(notify(dir, c"event", b"uU"), Ok(1));
            assert_eq!(listener.news().unwrap(), b"uU");
            drop(listener);
            assert_eq!(notify(dir, c"event", b"d"), Ok(0));
            assert_eq!(notify(dir, c"nowhere", b"d"), Err(Errno::ENOENT));
            sys::fd::close(dir).unwrap();
            std::fs::remove_dir_all(base).unwrap();
        }
    }
}

//! Listening in a fifodir: a fifo of one's own among those that `event/` notifies.

use crate::supervise::events::{LENGTH, PREFIX};
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_NONBLOCK, O_RDWR};

/// A fifo in a fifodir, which goes when this does.
#[derive(Debug)]
pub struct Listener {
    fd: i32,
    path: Vec<u8>,
}

impl Listener {
    /// Begins to listen: whatever happens from now on is heard. The fifodir is made if it is
    /// missing, because a service that was linked a moment ago may not have one yet.
    pub fn new(fifodir: &[u8]) -> sys::Result<Listener> {
        make(fifodir);
        let (hidden, path) = unique(fifodir, make_fifo)?;
        let opened = sys::fd::open_bytes(&hidden, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
        let listener = opened.map(|fd| Listener { fd, path });
        // Its final name is what notifiers look for: by then somebody reads.
        let listener = listener.and_then(|l| sys::fs::rename(&hidden, &l.path).map(|()| l));
        if listener.is_err() {
            let _ = sys::fs::unlink(&hidden);
        }
        listener
    }

    /// Readable when there is news.
    pub fn fd(&self) -> i32 {
        self.fd
    }

    /// What came since the last time; empty if nothing has.
    pub fn news(&self) -> sys::Result<Vec<u8>> {
        let mut bytes = [0; 256];
        match sys::fd::read(self.fd, &mut bytes) {
            Ok(n) => Ok(bytes[..n].to_vec()),
            Err(Errno::EAGAIN) => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = sys::fs::unlink(&self.path);
        let _ = sys::fd::close(self.fd);
    }
}

/// Makes a fifodir in which members of the own group may listen. What goes wrong shows when the
/// fifo is made.
fn make(fifodir: &[u8]) {
    if sys::fs::mkdir(fifodir, 0o700).is_ok() {
        let gid = sys::process::ids().3;
        let _ = sys::fs::chown(fifodir, None, Some(gid), true);
        let _ = sys::fs::chmod(fifodir, 0o3730);
    }
}

/// A fifo that the service's user may write to, whoever that is.
fn make_fifo(path: &[u8]) -> sys::Result<()> {
    const WRITABLE: u32 = 0o622;
    let old = sys::fs::umask(0);
    let made = sys::fs::mkfifo(path, WRITABLE);
    sys::fs::umask(old);
    made
}

/// Makes something under a name that is nobody else's; its name while it is hidden, and its
/// name.
fn unique(dir: &[u8], make: impl Fn(&[u8]) -> sys::Result<()>) -> sys::Result<(Vec<u8>, Vec<u8>)> {
    const TRIES: u64 = 100;
    let now = sys::time::now();
    let label = sys::tai::timestamp(now);
    let mut seed = now.nsec.unsigned_abs() ^ u64::from(sys::process::getpid().unsigned_abs()) << 32;
    for _ in 0..TRIES {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let name = name(&label, seed);
        let hidden = [dir, b"/.", &name].concat();
        match make(&hidden) {
            Ok(()) => return Ok((hidden, [dir, b"/", &name[..]].concat())),
            Err(Errno::EEXIST) => {}
            Err(e) => return Err(e),
        }
    }
    Err(Errno::EEXIST)
}

/// `ftrig1:@…:XXXXXX`, the `@` being the label's first byte.
fn name(label: &[u8; 25], seed: u64) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    let mut name = Vec::with_capacity(LENGTH);
    name.extend_from_slice(&PREFIX[..PREFIX.len() - 1]);
    name.extend_from_slice(label);
    name.push(b':');
    name.extend((0..6).map(|i| LETTERS[(seed >> (20 + 6 * i) & 63) as usize]));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_notifiers_look_for() {
        let name = name(b"@400000006b018195078f4845", 0x1234_5678_9abc_def0);
        assert_eq!(name.len(), LENGTH);
        assert!(name.starts_with(PREFIX));
        assert!(name.starts_with(b"ftrig1:@400000006b018195078f4845:"));
    }
}

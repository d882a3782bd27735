//! Listening in a fifodir: a fifo of one's own among those that `event/` notifies.

use crate::supervise::events::PREFIX;
use crate::unique;
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
        let _ = make(fifodir, Some(sys::process::first_ids().3), false);
        Listener::below(fifodir)
    }

    /// [`Listener::new`] in a fifodir that is there.
    pub fn below(fifodir: &[u8]) -> sys::Result<Listener> {
        let prefix = prefix(&sys::tai::timestamp(sys::time::now()));
        let hidden = unique::make(&[fifodir, b"/.", &prefix].concat(), make_fifo)?;
        let path = [&hidden[..=fifodir.len()], &hidden[fifodir.len() + 2..]].concat();
        let opened = sys::fd::open_bytes(&hidden, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
        let listener = opened.map(|fd| Listener { fd, path });
        // Its final name is what notifiers look for: by then somebody reads.
        let listener = listener.and_then(|l| sys::fs::rename(&hidden, &l.path).map(|()| l));
        if listener.is_err() {
            let _ = sys::fs::unlink(&hidden);
        }
        listener
    }

    /// Leaves it to a copy of this process, which goes on listening.
    pub fn leave(self) {
        let _ = sys::fd::close(self.fd);
        std::mem::forget(self);
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

/// Makes a fifodir, in which members of a group may listen, or everybody. One that is there is
/// left as it is unless `force` says that its permissions are to be these. `EACCES`: it is another
/// user's.
pub fn make(fifodir: &[u8], group: Option<u32>, force: bool) -> sys::Result<()> {
    match sys::fs::mkdir(fifodir, 0o700) {
        Ok(()) => {}
        Err(Errno::EEXIST) => {
            let there = sys::fs::stat_bytes(fifodir)?;
            if there.uid != sys::process::first_ids().0 {
                return Err(Errno::EACCES);
            }
            if !there.is_dir() {
                return Err(Errno::ENOTDIR);
            }
            if !force {
                return Ok(());
            }
        }
        Err(errno) => return Err(errno),
    }
    if group.is_some() {
        sys::fs::chown(fifodir, None, group, true)?;
    }
    sys::fs::chmod(fifodir, if group.is_some() { FOR_GROUP } else { FOR_ALL })
}

/// The permissions of a fifodir in which members of its group may listen.
pub const FOR_GROUP: u32 = 0o3730;
/// The permissions of one in which everybody may.
pub const FOR_ALL: u32 = 0o1733;

/// A fifo that the service's user may write to, whoever that is.
fn make_fifo(path: &[u8]) -> sys::Result<()> {
    const WRITABLE: u32 = 0o622;
    let old = sys::fs::umask(0);
    let made = sys::fs::mkfifo(path, WRITABLE);
    sys::fs::umask(old);
    made
}

/// What names of fifos begin with: `ftrig1:@…:`, the `@` being the label's first byte.
fn prefix(label: &[u8; 25]) -> Vec<u8> {
    [&PREFIX[..PREFIX.len() - 1], label, b":"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supervise::events::LENGTH;

    #[test]
    fn names_are_what_notifiers_look_for() {
        let name = prefix(b"@400000006b018195078f4845");
        assert_eq!(name.len() + unique::LENGTH, LENGTH);
        assert!(name.starts_with(PREFIX));
        assert!(name.starts_with(b"ftrig1:@400000006b018195078f4845:"));
    }
}

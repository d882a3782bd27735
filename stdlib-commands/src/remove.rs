//! Removing whole trees, without following links.

use sys::{Errno, Result};

/// Removes whatever is at the path; nothing there is fine.
pub fn remove(path: &[u8]) -> Result<()> {
    let reason = match sys::fs::unlink(path) {
        Ok(()) | Err(Errno::ENOENT) => return Ok(()),
        // Linux says EISDIR; EPERM is POSIX's word for the same, and may be meant as it stands.
        Err(reason @ (Errno::EISDIR | Errno::EPERM)) => reason,
        Err(errno) => return Err(errno),
    };
    let names = sys::fs::list(path);
    for name in names.map_err(|e| if e == Errno::ENOTDIR { reason } else { e })? {
        remove(&[path, b"/", &name].concat())?;
    }
    sys::fs::rmdir(path)
}

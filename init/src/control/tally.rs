//! The death tally of a service (`supervise/death_tally`), for those who look at it.

use crate::supervise::status::{DEATH, Death, deaths};
use interpreter::word::Fail;
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_CREAT, O_NONBLOCK, O_TRUNC, O_WRONLY};

/// So many deaths are kept at most.
pub const MOST: usize = 4096;

/// Where a service's tally is.
fn path(dir: &[u8]) -> Vec<u8> {
    [dir, b"/supervise/death_tally"].concat()
}

/// The last `max` deaths, the oldest first. A file that is not whole is emptied and one that is
/// not there is made, as who looks at it first always has.
pub fn read(dir: &[u8], max: usize) -> sys::Result<Vec<Death>> {
    let bytes = match sys::fd::read_file_bytes(&path(dir)) {
        Ok(bytes) if bytes.len().is_multiple_of(DEATH) => bytes,
        Ok(_) | Err(Errno::ENOENT) => {
            clear(dir)?;
            Vec::new()
        }
        Err(errno) => return Err(errno),
    };
    let mut all = deaths(&bytes);
    Ok(all.split_off(all.len().saturating_sub(max)))
}

/// Empties it.
pub fn clear(dir: &[u8]) -> sys::Result<()> {
    let flags = O_WRONLY | O_NONBLOCK | O_CREAT | O_TRUNC | O_CLOEXEC;
    sys::fd::close(sys::fd::open_bytes(&path(dir), flags, 0o666)?)
}

/// The failure of reading it.
pub fn unreadable(dir: &[u8], errno: Errno) -> Fail {
    Fail::sys_at("read death tally for service", dir, errno)
}

//! `/run`, where it is elsewhere.
//!
//! A container whose user may not write to `/run` keeps its state in a directory of its own, and
//! nothing can be put at the old path for others to find it there. So whoever of this program
//! comes to a path of that state is led to the directory: where the path is not there, or can't be
//! made, and before anything is tried in a process that knows of it. It is found again by its name, which the root
//! directory gives, and which no other container that lives has.
//!
//! **The one thing that this crate remembers** is where it is: such paths are everywhere, in
//! scripts too, and this is the only place that all of them pass. Nothing is allocated here, because
//! children pass it that share their parent's memory.

use crate::{Errno, Result};
use core::ffi::CStr;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Where such a directory may be.
pub const PARENTS: [&[u8]; 3] = [b"/tmp", b"/dev/shm", b"/var/tmp"];

/// What begins the names of ours in `/run`.
const NAMES: [&[u8]; 3] = [b"s6", b"service", b"uncaught-logs"];

/// In which of [`PARENTS`] it is, counted from 1; 0: nobody knows of one; [`HERE`].
static PLACE: AtomicUsize = AtomicUsize::new(0);

/// It is where it belongs, and nobody has to look for it.
const HERE: usize = usize::MAX;

/// A path without an allocation.
pub struct Short {
    bytes: [u8; Short::SIZE],
    end: usize,
}

impl Short {
    const SIZE: usize = 512;

    fn new(parts: &[&[u8]]) -> Option<Short> {
        let mut path = Short { bytes: [0; Short::SIZE], end: 0 };
        for part in parts {
            // The last byte stays NUL.
            let room = path.bytes[path.end..Short::SIZE - 1].get_mut(..part.len())?;
            room.copy_from_slice(part);
            path.end += part.len();
        }
        Some(path)
    }

    /// It.
    pub fn as_c(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or(c"")
    }
}

/// Sixteen digits a number.
fn hex(number: u64) -> [u8; 16] {
    core::array::from_fn(|i| b"0123456789abcdef"[(number >> (60 - 4 * i) & 15) as usize])
}

/// The directory that would be below that one of [`PARENTS`] in this container.
pub fn candidate(parent: usize) -> Option<Short> {
    // SAFETY: the path is NUL-terminated; the call fills the structure.
    let root = crate::fs::filled(|st| unsafe { libc::stat(c"/".as_ptr(), st) }).ok()?;
    Short::new(&[PARENTS.get(parent)?, b"/.s6-run-", &hex(root.dev), b"-", &hex(root.ino)])
}

/// The directory, if it is known that there is one.
pub fn place() -> Option<Short> {
    let place = PLACE.load(Relaxed);
    if place == HERE { None } else { candidate(place.checked_sub(1)?) }
}

/// From now on it is below this one of [`PARENTS`], or there is none.
pub fn set(parent: Option<usize>) {
    PLACE.store(parent.map_or(0, |parent| parent + 1), Relaxed);
}

/// From now on it is in `/run`, and what is missing there is missing.
pub fn settle() {
    PLACE.store(HERE, Relaxed);
}

/// Is the directory one that nobody else can have made or can write to? Root in a container whose
/// PID 1 is somebody else's may use that user's; anybody else's could be a trap.
pub fn is_private(path: &CStr) -> bool {
    let own = crate::process::ids().1;
    let Ok(stat) = lstat(path) else { return false };
    let ours = stat.uid == own || own == 0 && lstat(c"/proc/1").is_ok_and(|p| p.uid == stat.uid);
    ours && stat.is_dir() && stat.mode & 0o077 == 0
}

fn lstat(path: &CStr) -> Result<crate::fs::Stat> {
    // SAFETY: the path is NUL-terminated; the call fills the structure.
    crate::fs::filled(|st| unsafe { libc::lstat(path.as_ptr(), st) })
}

/// What is behind `/run/` in a path of ours.
fn rest(path: &[u8]) -> Option<&[u8]> {
    let rest = path.strip_prefix(b"/var").unwrap_or(path).strip_prefix(b"/run/")?;
    NAMES.iter().any(|name| rest.starts_with(name)).then_some(rest)
}

/// Where the path leads, if that is elsewhere and known.
#[cold]
#[inline(never)]
fn known(path: &CStr) -> Option<Short> {
    let rest = rest(path.to_bytes())?;
    Short::new(&[place()?.as_c().to_bytes(), b"/", rest])
}

/// Where a path leads that is not there: a look at the file system.
#[cold]
#[inline(never)]
fn found(path: &CStr) -> Option<Short> {
    // Where there is state in /run, what is missing there is missing.
    if lstat(c"/run/s6").is_ok() {
        return None;
    }
    let is_there = |parent: &usize| candidate(*parent).is_some_and(|dir| is_private(dir.as_c()));
    set(Some((0..PARENTS.len()).find(is_there)?));
    known(path)
}

/// The path, or the one that it leads to if that is known: for programs that don't know.
pub fn real(path: &[u8]) -> Vec<u8> {
    let there = crate::with_cstr(path, |path| Ok(known(path)));
    there.ok().flatten().map_or(path.to_vec(), |there| there.as_c().to_bytes().to_vec())
}

/// Does it with the path, or with the one that it leads to.
pub fn follow<T>(path: &CStr, mut call: impl FnMut(&CStr) -> Result<T>) -> Result<T> {
    let place = PLACE.load(Relaxed);
    if !matches!(place, 0 | HERE)
        && let Some(there) = known(path)
    {
        return call(there.as_c());
    }
    match call(path) {
        Err(errno @ (Errno::ENOENT | Errno::EACCES | Errno::EROFS))
            if place == 0 && rest(path.to_bytes()).is_some() =>
        {
            match found(path) {
                Some(there) => call(there.as_c()),
                None => Err(errno),
            }
        }
        other => other,
    }
}

/// Becomes the program at the path, or at the one that it leads to.
pub(crate) fn exec(path: &CStr, mut call: impl FnMut(&CStr)) -> Errno {
    let done: Result<()> = follow(path, |path| {
        call(path);
        Err(Errno::last())
    });
    done.err().unwrap_or(Errno::ENOENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_is_elsewhere() {
        assert_eq!(rest(b"/run/s6/workdir"), Some(&b"s6/workdir"[..]));
        assert_eq!(rest(b"/var/run/s6/services"), Some(&b"s6/services"[..]));
        assert_eq!(rest(b"/run/s6-rc"), Some(&b"s6-rc"[..]));
        assert_eq!(rest(b"/run/service"), Some(&b"service"[..]));
        for path in [&b"/run"[..], b"/run/", b"/run/nginx.pid", b"/var/s6", b"run/s6", b"/"] {
            assert_eq!(rest(path), None);
        }
    }

    #[test]
    fn a_path_that_is_too_long_leads_nowhere() {
        assert_eq!(Short::new(&[b"/tmp", b"/a"]).unwrap().as_c(), c"/tmp/a");
        assert!(Short::new(&[&[b'a'; Short::SIZE - 1]]).is_some());
        assert!(Short::new(&[&[b'a'; Short::SIZE - 1], b"b"]).is_none());
        assert_eq!(hex(0xfe01), *b"000000000000fe01");
    }
}

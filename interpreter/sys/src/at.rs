//! Files, by a path that begins at an open directory: what a program does after a `chdir`,
//! without changing where the process stands.

use crate::{Errno, Result, check, retry};
use core::ffi::CStr;

/// The flags of a directory that is only a place to begin at: needs no permission to read it.
pub const O_PLACE: i32 = libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC;

/// The current working directory, in the place of a directory.
pub const CURRENT: i32 = libc::AT_FDCWD;

/// `mkdirat(2)`.
pub fn mkdir(dir: i32, path: &CStr, mode: u32) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    check(unsafe { libc::mkdirat(dir, path.as_ptr(), mode) }).map(drop)
}

/// `mkfifoat(3)`.
pub fn mkfifo(dir: i32, path: &CStr, mode: u32) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    check(unsafe { libc::mkfifoat(dir, path.as_ptr(), mode) }).map(drop)
}

/// `renameat(2)` within one directory.
pub fn rename(dir: i32, from: &CStr, to: &CStr) -> Result<()> {
    // SAFETY: both are NUL-terminated; no other memory is touched.
    check(unsafe { libc::renameat(dir, from.as_ptr(), dir, to.as_ptr()) }).map(drop)
}

/// `unlinkat(2)` of what is no directory.
pub fn unlink(dir: i32, path: &CStr) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    check(unsafe { libc::unlinkat(dir, path.as_ptr(), 0) }).map(drop)
}

/// `faccessat(2)`, by the real user. `mode`: `X_OK` and the like, 0 for being there.
pub fn access(dir: i32, path: &CStr, mode: i32) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    check(unsafe { libc::faccessat(dir, path.as_ptr(), mode, 0) }).map(drop)
}

/// `fstatat(2)`: through links.
pub fn stat(dir: i32, path: &CStr) -> Result<crate::fs::Stat> {
    // SAFETY: the path is NUL-terminated; the call fills the structure.
    crate::fs::filled(|st| unsafe { libc::fstatat(dir, path.as_ptr(), st, 0) })
}

/// `fchownat(2)` of the group alone, through links.
pub fn chgrp(dir: i32, path: &CStr, gid: u32) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    check(unsafe { libc::fchownat(dir, path.as_ptr(), u32::MAX, gid, 0) }).map(drop)
}

/// `fchmodat(2)`.
pub fn chmod(dir: i32, path: &CStr, mode: u32) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    check(unsafe { libc::fchmodat(dir, path.as_ptr(), mode, 0) }).map(drop)
}

/// Where a link leads. `EINVAL`: it is no link.
pub fn readlink(dir: i32, path: &CStr) -> Result<Vec<u8>> {
    let mut buffer = [0u8; libc::PATH_MAX as usize];
    // SAFETY: the path is NUL-terminated; the kernel writes at most the buffer's length.
    let n = check(unsafe {
        libc::readlinkat(dir, path.as_ptr(), buffer.as_mut_ptr().cast(), buffer.len())
    })?;
    Ok(buffer[..n as usize].to_vec())
}

/// Calls `f` with each name in the directory, `.` and `..` among them, in the kernel's order.
pub fn each_name(dir: i32, path: &CStr, mut f: impl FnMut(&CStr)) -> Result<()> {
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC | libc::O_NONBLOCK;
    let fd = crate::fd::openat(dir, path, flags, 0)?;
    let done = each_entry(fd, |name, _| f(name));
    let _ = crate::fd::close(fd);
    done
}

/// What a directory says of a file without a look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// A directory.
    Dir,
    /// A regular file.
    File,
    /// A link, something else, or not known.
    Other,
}

/// As [`each_name`], for a directory that is open for reading.
pub fn each_entry(fd: i32, mut f: impl FnMut(&CStr, Type)) -> Result<()> {
    let mut buffer = Entries([0; 4096]);
    loop {
        let (room, at) = (buffer.0.len(), buffer.0.as_mut_ptr());
        // SAFETY: the kernel writes at most `room` bytes into the buffer.
        let got = || unsafe { libc::syscall(libc::SYS_getdents64, fd, at, room) };
        match retry(|| check(got())) {
            Ok(0) => return Ok(()),
            Ok(n) => entries(&buffer.0[..n as usize], &mut f),
            Err(e) => return Err(e),
        }
    }
}

#[repr(align(8))]
struct Entries([u8; 4096]);

/// The records of getdents64: inode (8), offset (8), the record's length (2), type (1), name.
fn entries(mut bytes: &[u8], f: &mut impl FnMut(&CStr, Type)) {
    while bytes.len() > 19 {
        let length = usize::from(u16::from_ne_bytes([bytes[16], bytes[17]]));
        let Some(record) = bytes.get(..length).filter(|r| r.len() > 19) else { return };
        if let Ok(name) = CStr::from_bytes_until_nul(&record[19..]) {
            let kind = match record[18] {
                libc::DT_DIR => Type::Dir,
                libc::DT_REG => Type::File,
                _ => Type::Other,
            };
            f(name, kind);
        }
        bytes = &bytes[length..];
    }
}

/// Whether a directory is on a tmpfs.
pub fn is_tmpfs(dir: i32, path: &CStr) -> Result<bool> {
    const TMPFS: u64 = 0x0102_1994;
    let fd = crate::fd::openat(dir, path, O_PLACE, 0)?;
    // SAFETY: statfs is plain numbers, for which zeroes are a valid value.
    let mut st: libc::statfs = unsafe { core::mem::zeroed() };
    // SAFETY: the call fills the structure.
    let done = check(unsafe { libc::fstatfs(fd, &mut st) });
    let _ = crate::fd::close(fd);
    #[allow(clippy::unnecessary_cast)]
    done.map(|_| st.f_type as u64 == TMPFS)
}

/// A file's content up to `max` bytes; `None` if there is no such file.
pub fn read(dir: i32, path: &CStr, max: usize) -> Result<Option<Vec<u8>>> {
    let flags = libc::O_RDONLY | libc::O_CLOEXEC | libc::O_NONBLOCK;
    let fd = match crate::fd::openat(dir, path, flags, 0) {
        Ok(fd) => fd,
        Err(Errno::ENOENT) => return Ok(None),
        Err(e) => return Err(e),
    };
    // One byte more than its size, so that a read that leaves room has met the end. A small room is
    // cheaper than the question.
    let size = match max {
        ..=SMALL => max,
        _ => crate::fs::fstat(fd).map_or(max, |st| st.size.max(0) as usize + 1).min(max),
    };
    let mut content = vec![0; size];
    let done = crate::fd::read(fd, &mut content);
    let len = done.unwrap_or(0);
    let _ = crate::fd::close(fd);
    content.truncate(len);
    done.map(|_| Some(content))
}

/// Room that is not measured first.
const SMALL: usize = 4096;

/// Makes an empty file; `EEXIST`: something has its name.
pub fn make(dir: i32, path: &CStr, mode: u32) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    let made = check(unsafe { libc::mknodat(dir, path.as_ptr(), libc::S_IFREG | mode, 0) });
    match made {
        Err(Errno::EPERM | Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => {
            let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_CLOEXEC;
            crate::fd::close(crate::fd::openat(dir, path, flags, mode)?)
        }
        other => other.map(drop),
    }
}

/// `linkat(2)`: another name of a file, below another directory. A link is not followed.
pub fn link(dir: i32, path: &CStr, to: i32, name: &CStr) -> Result<()> {
    // SAFETY: both are NUL-terminated; no other memory is touched.
    check(unsafe { libc::linkat(dir, path.as_ptr(), to, name.as_ptr(), 0) }).map(drop)
}

/// Writes over the beginning of a file that is there; what it takes on the disk stays as it is,
/// so that this can be done where nothing is left.
pub fn overwrite(dir: i32, path: &CStr, content: &[u8]) -> Result<()> {
    let fd = crate::fd::openat(dir, path, libc::O_WRONLY | libc::O_CLOEXEC, 0)?;
    let written = crate::fd::write_all(fd, content);
    let _ = crate::fd::close(fd);
    written
}

/// Puts a file in the place of another, whole or not at all: it is written as `new` first.
pub fn replace(dir: i32, path: &CStr, new: &CStr, content: &[u8]) -> Result<()> {
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC;
    let fd = crate::fd::openat(dir, new, flags, 0o644)?;
    let written = crate::fd::write_all(fd, content);
    let _ = crate::fd::close(fd);
    let done = written.and_then(|()| rename(dir, new, path));
    if done.is_err() {
        let _ = unlink(dir, new);
    }
    done
}

//! Files, by path.

use crate::moved::follow;
use crate::{Errno, Result, check, with_cstr};
use core::ffi::CStr;

pub use libc::{R_OK, W_OK, X_OK};

/// What `stat(2)` tells, as far as anybody here asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The device that the file is on.
    pub dev: u64,
    /// Its number there.
    pub ino: u64,
    /// Type and permission bits.
    pub mode: u32,
    /// Which device it is, if it is one.
    pub rdev: u64,
    /// How many names it has.
    pub links: u64,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes.
    pub size: i64,
    /// Last change, in seconds since the epoch.
    pub mtime: i64,
    /// The rest of it, in nanoseconds.
    pub mtime_nsec: i64,
    /// Last reading, in seconds since the epoch.
    pub atime: i64,
    /// The rest of it, in nanoseconds.
    pub atime_nsec: i64,
    /// Last change of what this tells, which nobody can set.
    pub ctime: crate::time::Time,
}

impl Stat {
    fn kind(&self, kind: u32) -> bool {
        self.mode & libc::S_IFMT == kind
    }
    /// A regular file?
    pub fn is_file(&self) -> bool {
        self.kind(libc::S_IFREG)
    }
    /// A directory?
    pub fn is_dir(&self) -> bool {
        self.kind(libc::S_IFDIR)
    }
    /// A symbolic link (from [`lstat`])?
    pub fn is_link(&self) -> bool {
        self.kind(libc::S_IFLNK)
    }
    /// A fifo?
    pub fn is_fifo(&self) -> bool {
        self.kind(libc::S_IFIFO)
    }
    /// A socket?
    pub fn is_socket(&self) -> bool {
        self.kind(libc::S_IFSOCK)
    }
    /// A block device?
    pub fn is_block(&self) -> bool {
        self.kind(libc::S_IFBLK)
    }
    /// A character device?
    pub fn is_char(&self) -> bool {
        self.kind(libc::S_IFCHR)
    }
    /// The same file?
    pub fn same(&self, other: &Stat) -> bool {
        self.dev == other.dev && self.ino == other.ino
    }
}

/// [`follow`] for a path without its NUL.
fn at<T>(path: &[u8], mut call: impl FnMut(&CStr) -> Result<T>) -> Result<T> {
    with_cstr(path, |path| follow(path, &mut call))
}

pub(crate) fn filled(call: impl FnOnce(*mut libc::stat) -> libc::c_int) -> Result<Stat> {
    // SAFETY: stat is plain numbers, for which zeroes are a valid value.
    let mut st: libc::stat = unsafe { core::mem::zeroed() };
    check(call(&mut st))?;
    #[allow(clippy::unnecessary_cast)]
    Ok(Stat {
        dev: st.st_dev as u64,
        ino: st.st_ino as u64,
        mode: st.st_mode as u32,
        rdev: st.st_rdev as u64,
        links: st.st_nlink as u64,
        uid: st.st_uid,
        gid: st.st_gid,
        size: st.st_size as i64,
        mtime: st.st_mtime as i64,
        mtime_nsec: st.st_mtime_nsec as i64,
        atime: st.st_atime as i64,
        atime_nsec: st.st_atime_nsec as i64,
        ctime: crate::time::Time { sec: st.st_ctime as i64, nsec: st.st_ctime_nsec as i64 },
    })
}

/// `stat(2)`: through links.
pub fn stat(path: &CStr) -> Result<Stat> {
    // SAFETY: the path is NUL-terminated; the call fills the structure.
    follow(path, |path| filled(|st| unsafe { libc::stat(path.as_ptr(), st) }))
}

/// `stat(2)` for a path without its NUL.
pub fn stat_bytes(path: &[u8]) -> Result<Stat> {
    with_cstr(path, stat)
}

/// `lstat(2)`: of a link itself.
pub fn lstat(path: &CStr) -> Result<Stat> {
    // SAFETY: the path is NUL-terminated; the call fills the structure.
    follow(path, |path| filled(|st| unsafe { libc::lstat(path.as_ptr(), st) }))
}

/// `lstat(2)` for a path without its NUL.
pub fn lstat_bytes(path: &[u8]) -> Result<Stat> {
    with_cstr(path, lstat)
}

/// `fstat(2)`.
pub fn fstat(fd: i32) -> Result<Stat> {
    // SAFETY: the call fills the structure.
    filled(|st| unsafe { libc::fstat(fd, st) })
}

/// Is it a symbolic link? Cheaper than [`lstat`].
pub fn is_link(path: &CStr) -> Result<bool> {
    let mut first = [0u8; 1];
    match readlink_into(path, &mut first) {
        Ok(_) => Ok(true),
        Err(Errno::EINVAL) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Where a link leads. `EINVAL`: it is no link.
pub fn readlink(path: &[u8]) -> Result<Vec<u8>> {
    with_cstr(path, target)
}

/// Most targets are shorter, and a page of stack that is not touched is a fault saved.
const SHORT: usize = 192;

/// [`readlink`].
pub fn target(path: &CStr) -> Result<Vec<u8>> {
    let mut short = [0u8; SHORT];
    let n = readlink_into(path, &mut short)?;
    if n < short.len() {
        return Ok(short[..n].to_vec());
    }
    let mut long = vec![0u8; libc::PATH_MAX as usize];
    let n = readlink_into(path, &mut long)?;
    long.truncate(n);
    Ok(long)
}

/// Is it a symbolic link that says this? No, if that is longer than most are.
pub fn is_link_to(path: &CStr, target: &[u8]) -> bool {
    let mut short = [0u8; SHORT];
    let said = readlink_into(path, &mut short).ok().filter(|n| *n < SHORT);
    said.and_then(|n| short.get(..n)) == Some(target)
}

fn readlink_into(path: &CStr, buffer: &mut [u8]) -> Result<usize> {
    // SAFETY: the path is NUL-terminated; the kernel writes at most the buffer's length into it.
    let read = |path: &CStr| unsafe {
        check(libc::readlink(path.as_ptr(), buffer.as_mut_ptr().cast(), buffer.len()))
    };
    follow(path, read).map(|n| n as usize)
}

/// `access(2)`, by the real user. `mode`: `R_OK | W_OK | X_OK`, 0 for being there.
pub fn access(path: &[u8], mode: i32) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    at(path, |path| check(unsafe { libc::access(path.as_ptr(), mode) })).map(drop)
}

/// `faccessat(2)` with the effective ids.
pub fn eaccess(path: &[u8], mode: i32) -> Result<()> {
    at(path, |path| {
        // SAFETY: the path is NUL-terminated; no other memory is touched.
        check(unsafe { libc::faccessat(libc::AT_FDCWD, path.as_ptr(), mode, libc::AT_EACCESS) })
    })
    .map(drop)
}

/// `mkdir(2)`.
pub fn mkdir(path: &[u8], mode: u32) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    at(path, |path| check(unsafe { libc::mkdir(path.as_ptr(), mode) })).map(drop)
}

/// Makes the directory and those above it that are missing; one that is there is fine.
pub fn mkdir_all(path: &[u8], mode: u32) -> Result<()> {
    match mkdir(path, mode) {
        Err(Errno::EEXIST) if stat_bytes(path).is_ok_and(|s| s.is_dir()) => Ok(()),
        Err(Errno::ENOENT) => {
            let cut = path.iter().rposition(|&b| b == b'/').ok_or(Errno::ENOENT)?;
            if cut == 0 {
                return Err(Errno::ENOENT);
            }
            mkdir_all(&path[..cut], mode)?;
            match mkdir(path, mode) {
                Err(Errno::EEXIST) => Ok(()),
                other => other,
            }
        }
        other => other,
    }
}

/// `mkfifo(3)`.
pub fn mkfifo(path: &[u8], mode: u32) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    at(path, |path| check(unsafe { libc::mkfifo(path.as_ptr(), mode) })).map(drop)
}

/// `mknod(2)`: a fifo, socket or device of the same kind as that one.
pub fn mknod(path: &[u8], like: &Stat) -> Result<()> {
    let device = like.rdev as libc::dev_t;
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    at(path, |path| check(unsafe { libc::mknod(path.as_ptr(), like.mode, device) })).map(drop)
}

/// `symlink(2)`: a link at `path` that leads to `target`.
pub fn symlink(target: &[u8], path: &[u8]) -> Result<()> {
    at(target, |target| {
        // SAFETY: both are NUL-terminated; no other memory is touched.
        at(path, |path| check(unsafe { libc::symlink(target.as_ptr(), path.as_ptr()) }))
    })
    .map(drop)
}

/// `link(2)`: another name for a file; a link is followed, or gets another name itself.
pub fn link(file: &[u8], path: &[u8], follow: bool) -> Result<()> {
    let (here, flags) = (libc::AT_FDCWD, if follow { libc::AT_SYMLINK_FOLLOW } else { 0 });
    at(file, |file| {
        at(path, |path| {
            // SAFETY: both are NUL-terminated; no other memory is touched.
            check(unsafe { libc::linkat(here, file.as_ptr(), here, path.as_ptr(), flags) })
        })
    })
    .map(drop)
}

/// `rename(2)`.
pub fn rename(from: &[u8], to: &[u8]) -> Result<()> {
    at(from, |from| {
        // SAFETY: both are NUL-terminated; no other memory is touched.
        at(to, |to| check(unsafe { libc::rename(from.as_ptr(), to.as_ptr()) }))
    })
    .map(drop)
}

/// `unlink(2)`.
pub fn unlink(path: &[u8]) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    at(path, |path| check(unsafe { libc::unlink(path.as_ptr()) })).map(drop)
}

/// `rmdir(2)`.
pub fn rmdir(path: &[u8]) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    at(path, |path| check(unsafe { libc::rmdir(path.as_ptr()) })).map(drop)
}

/// `chmod(2)`.
pub fn chmod(path: &[u8], mode: u32) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    at(path, |path| check(unsafe { libc::chmod(path.as_ptr(), mode) })).map(drop)
}

/// `fchmod(2)`.
pub fn fchmod(fd: i32, mode: u32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::fchmod(fd, mode) }).map(drop)
}

/// `chown(2)`, or `lchown(2)` where links are not to be followed. `None` leaves as is.
pub fn chown(path: &[u8], uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    at(path, |path| {
        // SAFETY: the path is NUL-terminated; no other memory is touched.
        check(unsafe {
            libc::fchownat(
                libc::AT_FDCWD,
                path.as_ptr(),
                uid.unwrap_or(u32::MAX),
                gid.unwrap_or(u32::MAX),
                flags,
            )
        })
    })
    .map(drop)
}

/// Sets the time of a file's last change.
pub fn set_mtime(path: &[u8], time: crate::time::Time) -> Result<()> {
    // SAFETY: timespec is plain numbers, for which zeroes are a valid value.
    let mut times: [libc::timespec; 2] = unsafe { core::mem::zeroed() };
    times[0].tv_nsec = libc::UTIME_OMIT as _;
    times[1].tv_sec = time.sec as _;
    times[1].tv_nsec = time.nsec as _;
    at(path, |path| {
        // SAFETY: the path is NUL-terminated; the call reads the two structures.
        check(unsafe { libc::utimensat(libc::AT_FDCWD, path.as_ptr(), times.as_ptr(), 0) })
    })
    .map(drop)
}

/// Makes a file that has been changed now, by the kernel's clock; one that is there keeps what is
/// in it.
pub fn touch(path: &[u8]) -> Result<()> {
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_NONBLOCK | libc::O_CLOEXEC;
    let fd = crate::fd::open_bytes(path, flags, 0o666)?;
    // SAFETY: a null pointer stands for the present; no memory is touched.
    let set = check(unsafe { libc::futimens(fd, core::ptr::null()) });
    let _ = crate::fd::close(fd);
    set.map(drop)
}

/// `chdir(2)`.
pub fn chdir(path: &CStr) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    follow(path, |path| check(unsafe { libc::chdir(path.as_ptr()) })).map(drop)
}

/// `fchdir(2)`.
pub fn fchdir(fd: i32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::fchdir(fd) }).map(drop)
}

/// The working directory.
pub fn getcwd() -> Result<Vec<u8>> {
    let mut buffer = vec![0u8; 256];
    loop {
        // SAFETY: the call writes at most the buffer's length into it.
        let got = unsafe { libc::getcwd(buffer.as_mut_ptr().cast(), buffer.len()) };
        if !got.is_null() {
            let end = buffer.iter().position(|&b| b == 0).unwrap_or(buffer.len());
            buffer.truncate(end);
            return Ok(buffer);
        }
        match Errno::last() {
            Errno::ERANGE if buffer.len() < 1 << 20 => buffer.resize(buffer.len() * 4, 0),
            e => return Err(e),
        }
    }
}

/// The path without links, `.` and `..`, from the root on.
pub fn realpath(path: &[u8]) -> Result<Vec<u8>> {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    at(path, |path| {
        let found = std::fs::canonicalize(std::ffi::OsStr::from_bytes(path.to_bytes()));
        found
            .map(|path| path.into_os_string().into_vec())
            .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::ENOENT)))
    })
}

/// `umask(2)`: sets the new one, gives the old one.
pub fn umask(mask: u32) -> u32 {
    // SAFETY: no memory is touched; the call can't fail.
    #[allow(clippy::unnecessary_cast)]
    unsafe {
        libc::umask(mask as libc::mode_t) as u32
    }
}

/// The names in a directory but `.` and `..`, in the order in which the file system has them.
pub fn entries(path: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut names = Vec::new();
    at(path, |path| {
        crate::at::each_name(crate::at::CURRENT, path, |name| {
            if !matches!(name.to_bytes(), b"." | b"..") {
                names.push(name.to_bytes().to_vec());
            }
        })
    })?;
    Ok(names)
}

/// [`entries`], sorted.
pub fn list(path: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut names = entries(path)?;
    crate::order::ascending(&mut names);
    Ok(names)
}

/// Is the file on a file system that is mounted noexec?
pub fn is_noexec(path: &[u8]) -> Result<bool> {
    let fd = crate::fd::open_bytes(path, libc::O_PATH | libc::O_CLOEXEC, 0)?;
    let noexec = is_noexec_fd(fd);
    let _ = crate::fd::close(fd);
    noexec
}

/// [`is_noexec`] of one that is open.
pub fn is_noexec_fd(fd: i32) -> Result<bool> {
    // SAFETY: statvfs is plain numbers, for which zeroes are a valid value.
    let mut st: libc::statvfs = unsafe { core::mem::zeroed() };
    // SAFETY: the call fills the structure.
    check(unsafe { libc::fstatvfs(fd, &mut st) })?;
    Ok(st.f_flag & libc::ST_NOEXEC != 0)
}

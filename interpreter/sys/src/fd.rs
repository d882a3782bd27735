//! Descriptors, by number.

use crate::{Errno, Result, check, retry, with_cstr};
use core::ffi::{CStr, c_int};

pub use libc::{
    O_APPEND, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_NOCTTY, O_NONBLOCK, O_PATH, O_RDONLY,
    O_RDWR, O_TRUNC, O_WRONLY, SOCK_CLOEXEC, SOCK_SEQPACKET,
};

/// `open(2)`; interrupted ones are begun again. `mode` counts where the file is made.
pub fn open(path: &CStr, flags: c_int, mode: u32) -> Result<i32> {
    // musl's open(3) spends a second call on O_CLOEXEC, for kernels older than it.
    crate::moved::follow(path, |path| openat(libc::AT_FDCWD, path, flags, mode))
}

/// `/dev/null`, or where there is none, as in an image without devices, an empty file that can be
/// neither written to nor seen.
pub fn null(flags: c_int) -> Result<i32> {
    let opened = open(c"/dev/null", flags, 0);
    if opened.is_ok() {
        return opened;
    }
    let cloexec = if flags & O_CLOEXEC == 0 { 0 } else { libc::MFD_CLOEXEC };
    // SAFETY: the name is NUL-terminated; no other memory is touched.
    let fd =
        check(unsafe { libc::memfd_create(c"null".as_ptr(), cloexec | libc::MFD_ALLOW_SEALING) });
    let Ok(fd) = fd else { return opened };
    let seals = libc::F_SEAL_SEAL | libc::F_SEAL_GROW | libc::F_SEAL_WRITE;
    // SAFETY: no memory is touched.
    let _ = unsafe { libc::fcntl(fd, libc::F_ADD_SEALS, seals) };
    Ok(fd)
}

/// [`open`] for a path without its NUL.
pub fn open_bytes(path: &[u8], flags: c_int, mode: u32) -> Result<i32> {
    with_cstr(path, |path| open(path, flags, mode))
}

/// `openat(2)`.
pub fn openat(dir: i32, path: &CStr, flags: c_int, mode: u32) -> Result<i32> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    retry(|| check(unsafe { libc::openat(dir, path.as_ptr(), flags, mode) }))
}

/// `close(2)`. On Linux the descriptor is free whatever the call says, so it is never repeated.
pub fn close(fd: i32) -> Result<()> {
    // SAFETY: no memory is touched; the number is the caller's to close.
    check(unsafe { libc::close(fd) }).map(drop)
}

/// `dup2(2)`: afterwards `to` is what `from` is, and stays open over an exec.
pub fn copy(to: i32, from: i32) -> Result<()> {
    if to == from {
        return Err(Errno::EINVAL);
    }
    // SAFETY: no memory is touched.
    retry(|| check(unsafe { libc::dup2(from, to) })).map(drop)
}

/// Renumbers a descriptor; `to` stays open over an exec.
pub fn rename(to: i32, from: i32) -> Result<()> {
    if to == from {
        return set_cloexec(to, false);
    }
    copy(to, from)?;
    let _ = close(from);
    Ok(())
}

/// A copy at the lowest free number that is `min` or above, closed by an exec if so asked.
pub fn dup_above(fd: i32, min: i32, cloexec: bool) -> Result<i32> {
    let op = if cloexec { libc::F_DUPFD_CLOEXEC } else { libc::F_DUPFD };
    // SAFETY: no memory is touched.
    check(unsafe { libc::fcntl(fd, op, min) })
}

/// A pipe: the end to read, the end to write. `flags`: `O_CLOEXEC`, `O_NONBLOCK`.
pub fn pipe(flags: c_int) -> Result<(i32, i32)> {
    let mut ends = [0; 2];
    // SAFETY: the call fills the two numbers.
    check(unsafe { libc::pipe2(ends.as_mut_ptr(), flags) })?;
    Ok((ends[0], ends[1]))
}

/// Gives a pipe or fifo room for so many bytes, in whole pages.
pub fn set_pipe_room(fd: i32, bytes: c_int) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::fcntl(fd, libc::F_SETPIPE_SZ, bytes) }).map(drop)
}

/// How many bytes a pipe or fifo has room for.
pub fn pipe_room(fd: i32) -> Result<c_int> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::fcntl(fd, libc::F_GETPIPE_SZ) })
}

/// Copies at most so many bytes from one pipe to another without taking them out; 0 is the end.
/// `EAGAIN` where there are none yet, `EINVAL` if one of them is no pipe.
pub fn tee(from: i32, to: i32, most: usize) -> Result<usize> {
    // SAFETY: no memory is touched.
    let copied = || check(unsafe { libc::tee(from, to, most, libc::SPLICE_F_NONBLOCK) });
    retry(copied).map(|n| n as usize)
}

/// The flags of a descriptor (`F_GETFD`); an error tells that it is closed.
pub fn flags(fd: i32) -> Result<c_int> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::fcntl(fd, libc::F_GETFD) })
}

/// Sets or clears close-on-exec.
pub fn set_cloexec(fd: i32, on: bool) -> Result<()> {
    let flags = flags(fd)?;
    let wanted = if on { flags | libc::FD_CLOEXEC } else { flags & !libc::FD_CLOEXEC };
    // SAFETY: no memory is touched.
    check(unsafe { libc::fcntl(fd, libc::F_SETFD, wanted) }).map(drop)
}

/// Sets or clears non-blocking, for everybody who shares the open file.
pub fn set_nonblock(fd: i32, on: bool) -> Result<()> {
    // SAFETY: no memory is touched.
    let flags = check(unsafe { libc::fcntl(fd, libc::F_GETFL) })?;
    let wanted = if on { flags | O_NONBLOCK } else { flags & !O_NONBLOCK };
    // SAFETY: no memory is touched.
    check(unsafe { libc::fcntl(fd, libc::F_SETFL, wanted) }).map(drop)
}

/// Makes a pipe's end that has no other flags non-blocking.
pub fn set_pipe_nonblock(fd: i32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::fcntl(fd, libc::F_SETFL, O_NONBLOCK) }).map(drop)
}

/// Reads once; 0 is the end of the file.
pub fn read(fd: i32, buffer: &mut [u8]) -> Result<usize> {
    // SAFETY: the kernel writes at most the buffer's length into it.
    retry(|| check(unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) }))
        .map(|n| n as usize)
}

/// Reads once into the spare capacity of a buffer, which grows by what came; 0 is the end.
pub fn read_more(fd: i32, buffer: &mut Vec<u8>) -> Result<usize> {
    read_some(fd, buffer, usize::MAX)
}

/// Reads once into the room behind the buffer's bytes, at most so many.
pub fn read_some(fd: i32, buffer: &mut Vec<u8>, most: usize) -> Result<usize> {
    let spare = buffer.spare_capacity_mut();
    let (target, room) = (spare.as_mut_ptr(), spare.len().min(most));
    // SAFETY: the kernel writes at most `room` bytes into the spare capacity.
    let n = retry(|| check(unsafe { libc::read(fd, target.cast(), room) }))? as usize;
    // SAFETY: the kernel has filled the `n` bytes behind the buffer's length.
    unsafe { buffer.set_len(buffer.len() + n) };
    Ok(n)
}

/// Writes once.
pub fn write(fd: i32, bytes: &[u8]) -> Result<usize> {
    // SAFETY: the kernel reads the bytes only.
    retry(|| check(unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) }))
        .map(|n| n as usize)
}

/// Writes all, waiting where a non-blocking descriptor is full.
pub fn write_all(fd: i32, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        match write(fd, bytes) {
            Ok(0) => return Err(Errno::EIO),
            Ok(n) => bytes = &bytes[n..],
            Err(Errno::EAGAIN) => crate::event::wait_one(fd, libc::POLLOUT, None).map(drop)?,
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Reads once from that place of a file; 0 is the end of the file.
pub fn read_at(fd: i32, buffer: &mut [u8], at: i64) -> Result<usize> {
    let (to, room) = (buffer.as_mut_ptr().cast(), buffer.len());
    // SAFETY: the kernel writes at most the buffer's length into it.
    retry(|| check(unsafe { libc::pread(fd, to, room, at as _) })).map(|n| n as usize)
}

/// Writes all into a file, from that place on.
pub fn write_at(fd: i32, mut bytes: &[u8], mut at: i64) -> Result<()> {
    while !bytes.is_empty() {
        let (from, len) = (bytes.as_ptr().cast(), bytes.len());
        // SAFETY: the kernel reads the bytes only.
        let n = retry(|| check(unsafe { libc::pwrite(fd, from, len, at as _) }))?;
        if n == 0 {
            return Err(Errno::EIO);
        }
        (bytes, at) = (&bytes[n as usize..], at + n as i64);
    }
    Ok(())
}

/// `fsync(2)`: waits until the file is on its disk.
pub fn sync(fd: i32) -> Result<()> {
    // SAFETY: no memory is touched.
    retry(|| check(unsafe { libc::fsync(fd) })).map(drop)
}

/// Reads to the end.
pub fn read_to_end(fd: i32) -> Result<Vec<u8>> {
    read_with(fd, 4096, None)
}

/// Reads to the end, or to a read that comes short at this length: a regular file's end.
fn read_with(fd: i32, hint: usize, known: Option<usize>) -> Result<Vec<u8>> {
    let mut all: Vec<u8> = Vec::with_capacity(hint);
    loop {
        if all.capacity() == all.len() {
            all.reserve(all.len().max(4096));
        }
        let spare = all.spare_capacity_mut();
        let room = spare.len();
        let target = spare.as_mut_ptr();
        // SAFETY: the kernel writes at most `room` bytes into the spare capacity.
        match retry(|| check(unsafe { libc::read(fd, target.cast(), room) })) {
            Ok(0) => return Ok(all),
            Ok(n) => {
                let len = all.len() + n as usize;
                // SAFETY: the kernel has filled the bytes up to `len`.
                unsafe { all.set_len(len) };
                if known == Some(len) && all.capacity() > len {
                    return Ok(all);
                }
            }
            Err(Errno::EAGAIN) => crate::event::wait_one(fd, libc::POLLIN, None).map(drop)?,
            Err(e) => return Err(e),
        }
    }
}

/// A file's whole content.
pub fn read_file(path: &CStr) -> Result<Vec<u8>> {
    read_script(path).map(|(content, _)| content)
}

/// A file's whole content, and whether it is a regular file. One byte more than its size is asked for,
/// so that one that does not grow takes one read.
pub fn read_script(path: &CStr) -> Result<(Vec<u8>, bool)> {
    let fd = open(path, O_RDONLY | O_CLOEXEC, 0)?;
    let stat = crate::fs::fstat(fd);
    let size = stat.map_or(0, |s| s.size.clamp(0, 1 << 30) as usize);
    // Files of /proc are regular, and have no size.
    let known = stat.is_ok_and(|s| s.is_file() && size > 0).then_some(size);
    let content = read_with(fd, size + 1, known);
    let _ = close(fd);
    content.map(|content| (content, known.is_some()))
}

/// [`read_file`] for a path without its NUL.
pub fn read_file_bytes(path: &[u8]) -> Result<Vec<u8>> {
    with_cstr(path, read_file)
}

/// Closes all from 3 on but these, which stand in their order; kernels before 5.9 can't.
pub fn close_but(kept: &[i32]) -> Result<()> {
    let mut first = 3;
    for &fd in kept.iter().chain(&[i32::MAX]).filter(|&&fd| fd >= 3) {
        if first < fd {
            // SAFETY: no memory is touched; whose descriptors they are is the caller's affair.
            check(unsafe { libc::syscall(libc::SYS_close_range, first, fd - 1, 0) })?;
        }
        first = fd.saturating_add(1);
    }
    Ok(())
}

/// Takes or tests an open-file-description lock on the whole file; false if somebody has it.
pub fn lock_exclusive(fd: i32, wait: bool) -> Result<bool> {
    let op = if wait { libc::F_OFD_SETLKW } else { libc::F_OFD_SETLK };
    match record_lock(fd, op, libc::F_WRLCK) {
        Ok(_) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Takes the lock as [`lock_exclusive`] does, from whoever has it until then; false if they keep it.
pub fn lock_exclusive_until(fd: i32, until: crate::time::Time) -> Result<bool> {
    let pause = crate::time::Time::default().plus_millis(1);
    loop {
        match lock_exclusive(fd, false)? {
            false if crate::time::monotonic() < until => crate::time::sleep(pause),
            locked => return Ok(locked),
        }
    }
}

/// Takes a lock of this process on the whole file, which it keeps over an exec, and which its
/// children don't have; false if somebody else has it.
pub fn lock_process(fd: i32, wait: bool) -> Result<bool> {
    retry(|| lock_as(fd, true, wait))
}

/// [`lock_process`], exclusive or shared; an interrupting signal ends the wait with `EINTR`.
pub fn lock_as(fd: i32, exclusive: bool, wait: bool) -> Result<bool> {
    let op = if wait { libc::F_SETLKW } else { libc::F_SETLK };
    let kind = if exclusive { libc::F_WRLCK } else { libc::F_RDLCK };
    match lock_once(fd, op, kind) {
        Ok(_) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Does anybody else hold a write lock on the file? (`F_GETLK`, as s6's tools ask.)
pub fn is_locked(fd: i32) -> Result<bool> {
    Ok(record_lock(fd, libc::F_GETLK, libc::F_RDLCK)?.0 != libc::F_UNLCK)
}

/// The process whose lock keeps this one from taking one, exclusive or shared. `None`: nobody's
/// does, or it is no process's own.
pub fn lock_holder(fd: i32, exclusive: bool) -> Result<Option<i32>> {
    let kind = if exclusive { libc::F_WRLCK } else { libc::F_RDLCK };
    let (kind, pid) = record_lock(fd, libc::F_GETLK, kind)?;
    Ok((kind != libc::F_UNLCK && pid > 0).then_some(pid))
}

fn record_lock(fd: i32, op: c_int, kind: c_int) -> Result<(c_int, i32)> {
    retry(|| lock_once(fd, op, kind))
}

fn lock_once(fd: i32, op: c_int, kind: c_int) -> Result<(c_int, i32)> {
    // SAFETY: flock is plain numbers, for which zeroes are a valid value.
    let mut lock: libc::flock = unsafe { core::mem::zeroed() };
    lock.l_type = kind as _;
    lock.l_whence = libc::SEEK_SET as _;
    // SAFETY: the call reads and writes the one structure.
    check(unsafe { libc::fcntl(fd, op, &mut lock) })?;
    Ok((c_int::from(lock.l_type), lock.l_pid))
}

/// `ftruncate(2)`.
pub fn truncate(fd: i32, length: i64) -> Result<()> {
    // SAFETY: no memory is touched.
    retry(|| check(unsafe { libc::ftruncate(fd, length as libc::off_t) })).map(drop)
}

/// Is it a terminal?
pub fn is_terminal(fd: i32) -> bool {
    // SAFETY: no memory is touched.
    unsafe { libc::isatty(fd) == 1 }
}

/// Bytes that can be read at once from a pipe or socket.
pub fn readable(fd: i32) -> Result<usize> {
    let mut count: c_int = 0;
    // SAFETY: the call writes the one number.
    check(unsafe { libc::ioctl(fd, libc::FIONREAD, &mut count) })?;
    Ok(count.max(0) as usize)
}

/// A connected pair of unix sockets. `kind`: `SOCK_STREAM`, `SOCK_SEQPACKET`, with flags.
pub fn socketpair(kind: c_int) -> Result<(i32, i32)> {
    let mut ends = [0; 2];
    // SAFETY: the call fills the two numbers.
    check(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) })?;
    Ok((ends[0], ends[1]))
}

//! File systems, roots, swap, the host's name, and the kernel's random numbers: what an
//! administrator's commands ask of the kernel.

use crate::{Result, check, retry, with_cstr};
use core::ffi::{c_char, c_ulong};
use core::ptr;

pub use libc::{
    MS_BIND, MS_DIRSYNC, MS_LAZYTIME, MS_MANDLOCK, MS_MOVE, MS_NOATIME, MS_NODEV, MS_NODIRATIME,
    MS_NOEXEC, MS_NOSUID, MS_PRIVATE, MS_RDONLY, MS_REC, MS_RELATIME, MS_REMOUNT, MS_SHARED,
    MS_SILENT, MS_SLAVE, MS_STRICTATIME, MS_SYNCHRONOUS, MS_UNBINDABLE,
};

/// Links in the file system lead nowhere (Linux 5.10).
pub const MS_NOSYMFOLLOW: c_ulong = 256;

/// `mount(2)`; no `data` is a null pointer.
pub fn mount(from: &[u8], at: &[u8], kind: &[u8], flags: c_ulong, data: &[u8]) -> Result<()> {
    with_cstr(from, |from| {
        with_cstr(at, |at| {
            with_cstr(kind, |kind| {
                with_cstr(data, |text| {
                    let text = if data.is_empty() { ptr::null() } else { text.as_ptr() };
                    let (from, at, kind) = (from.as_ptr(), at.as_ptr(), kind.as_ptr());
                    // SAFETY: NUL-terminated strings and a null pointer; the call only reads.
                    check(unsafe { libc::mount(from, at, kind, flags, text.cast()) }).map(drop)
                })
            })
        })
    })
}

/// `umount(2)`.
pub fn umount(at: &[u8]) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    with_cstr(at, |at| check(unsafe { libc::umount(at.as_ptr()) }).map(drop))
}

/// `swapon(2)`, without a priority.
pub fn swapon(device: &[u8]) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    with_cstr(device, |device| check(unsafe { libc::swapon(device.as_ptr(), 0) }).map(drop))
}

/// `swapoff(2)`.
pub fn swapoff(device: &[u8]) -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    with_cstr(device, |device| check(unsafe { libc::swapoff(device.as_ptr()) }).map(drop))
}

/// Makes the working directory the root.
pub fn chroot_here() -> Result<()> {
    // SAFETY: the path is NUL-terminated; no other memory is touched.
    check(unsafe { libc::chroot(c".".as_ptr()) }).map(drop)
}

/// Makes the working directory the root of all, and puts the root that was at `old`.
pub fn pivot_here(old: &[u8]) -> Result<()> {
    with_cstr(old, |old| {
        let here: *const c_char = c".".as_ptr();
        // SAFETY: both paths are NUL-terminated; no other memory is touched.
        check(unsafe { libc::syscall(libc::SYS_pivot_root, here, old.as_ptr()) }).map(drop)
    })
}

/// Flushes and drops what the kernel keeps of a block device.
pub fn flush_device(fd: i32) -> Result<()> {
    /// `BLKFLSBUF`, of `linux/fs.h`.
    const BLKFLSBUF: u16 = 0x1261;
    // SAFETY: no memory is touched.
    check(unsafe { libc::ioctl(fd, BLKFLSBUF.into(), 0) }).map(drop)
}

/// The host's name.
pub fn hostname() -> Result<Vec<u8>> {
    let name = nix::unistd::gethostname()?;
    Ok(std::os::unix::ffi::OsStringExt::into_vec(name))
}

/// Gives the host a name.
pub fn set_hostname(name: &[u8]) -> Result<()> {
    // SAFETY: the kernel reads as many bytes as it is told, which are there.
    check(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }).map(drop)
}

/// Random bytes that are there without waiting; how many there were.
pub fn random_now(buffer: &mut [u8]) -> Result<usize> {
    let (to, room): (*mut libc::c_void, usize) = (buffer.as_mut_ptr().cast(), buffer.len());
    let call = || {
        // SAFETY: the kernel writes at most the buffer's length into it.
        check(unsafe { libc::syscall(libc::SYS_getrandom, to, room, libc::GRND_NONBLOCK) })
    };
    retry(call).map(|got| got as usize)
}

/// Adds bytes to the kernel's pool of random bits, of which `bits` count as random. `fd` is of
/// `/dev/urandom`.
pub fn add_entropy(fd: i32, bits: i32, bytes: &[u8]) -> Result<()> {
    /// `RNDADDENTROPY`, of `linux/random.h`: two numbers and the bytes.
    const RNDADDENTROPY: u32 = 0x4008_5203;
    const SWAPPED: u32 = 0x8008_5203;
    // These architectures number the directions of an ioctl the other way round.
    let swapped = cfg!(any(target_arch = "powerpc64", target_arch = "mips64"));
    let request = if swapped { SWAPPED } else { RNDADDENTROPY };
    let mut info = Vec::with_capacity(8 + bytes.len());
    info.extend_from_slice(&bits.to_ne_bytes());
    info.extend_from_slice(&(bytes.len() as i32).to_ne_bytes());
    info.extend_from_slice(bytes);
    // SAFETY: the kernel reads two numbers and as many bytes as the second says, which are there.
    check(unsafe { libc::ioctl(fd, request as _, info.as_ptr()) }).map(drop)
}

/// Files that change, as `inotify(7)` tells it.
pub mod watch {
    use super::*;

    /// Watches a directory for files that come, go, or are written to: a descriptor that does not
    /// block, and can be read from when that happened.
    pub fn directory(path: &core::ffi::CStr) -> Result<i32> {
        let events = libc::IN_CREATE | libc::IN_MOVE | libc::IN_MODIFY;
        // SAFETY: no memory is touched.
        let fd = check(unsafe { libc::inotify_init1(libc::IN_NONBLOCK | libc::IN_CLOEXEC) })?;
        // SAFETY: the path is NUL-terminated; no other memory is touched.
        check(unsafe { libc::inotify_add_watch(fd, path.as_ptr(), events) })?;
        Ok(fd)
    }

    /// Takes what has been told so far.
    pub fn forget(fd: i32) -> Result<()> {
        let mut buffer = [0u8; 4096];
        loop {
            match crate::fd::read(fd, &mut buffer) {
                Ok(_) => {}
                Err(crate::Errno::EAGAIN) => return Ok(()),
                Err(errno) => return Err(errno),
            }
        }
    }
}

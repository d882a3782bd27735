//! Sockets of the file system: connections, who is at their other end, descriptors through them.

use crate::moved::follow;
use crate::{Errno, Result, check, retry};
use core::ffi::{CStr, c_int};
use nix::sys::socket::{ControlMessage, MsgFlags, UnixAddr, getsockname, sendmsg};
use std::io::IoSlice;

pub use libc::{SHUT_RD, SHUT_WR, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM, SOMAXCONN};

/// The longest path that a socket can have.
pub const LONGEST: usize = 107;

/// How many descriptors go through a socket at once.
pub const MOST_FDS: usize = 253;

/// A socket of the kind `SOCK_STREAM` or `SOCK_DGRAM`, with flags.
pub fn socket(kind: c_int) -> Result<i32> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::socket(libc::AF_UNIX, kind, 0) })
}

/// Gives it a name. `ENAMETOOLONG` over [`LONGEST`].
pub fn bind(fd: i32, path: &CStr) -> Result<()> {
    follow(path, |path| nix::sys::socket::bind(fd, &UnixAddr::new(path)?))
}

/// Lets `backlog` connections wait.
pub fn listen(fd: i32, backlog: u32) -> Result<()> {
    let backlog = c_int::try_from(backlog).unwrap_or(c_int::MAX);
    // SAFETY: no memory is touched.
    check(unsafe { libc::listen(fd, backlog) }).map(drop)
}

/// Connects to the socket of that name. One that does not block gives `EAGAIN` where too many
/// wait.
pub fn connect(fd: i32, path: &CStr) -> Result<()> {
    follow(path, |path| {
        let address = UnixAddr::new(path)?;
        retry(|| nix::sys::socket::connect(fd, &address))
    })
}

/// Takes the next connection, which an exec closes; `flags`: `SOCK_NONBLOCK` or 0. The name that
/// the other end has, empty for none.
pub fn accept(fd: i32, flags: c_int) -> Result<(i32, Vec<u8>)> {
    // SAFETY: sockaddr_un is plain numbers, for which zeroes are a valid value.
    let mut address: libc::sockaddr_un = unsafe { core::mem::zeroed() };
    let mut length = size_of::<libc::sockaddr_un>() as libc::socklen_t;
    let connection = retry(|| {
        let at = (&raw mut address).cast();
        // SAFETY: the call fills at most so many bytes of the structure, and the number.
        check(unsafe { libc::accept4(fd, at, &mut length, flags | libc::SOCK_CLOEXEC) })
    })?;
    let name = address.sun_path.iter().take_while(|b| **b != 0).flat_map(|b| b.to_ne_bytes());
    Ok((connection, name.collect()))
}

/// The name that a socket has, empty for none. `EINVAL`: it is none of the file system's.
pub fn name(fd: i32) -> Result<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt;
    let address: UnixAddr = getsockname(fd)?;
    Ok(address.path().map_or_else(Vec::new, |path| path.as_os_str().as_bytes().to_vec()))
}

/// Who has connected: user and group.
pub fn peer(fd: i32) -> Result<(u32, u32)> {
    let mut who = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    let at = (&raw mut who).cast();
    // SAFETY: the call fills at most so many bytes of the structure, and the number.
    check(unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, at, &mut length) })?;
    Ok((who.uid, who.gid))
}

/// Ends one direction: `SHUT_RD`, `SHUT_WR`.
pub fn shutdown(fd: i32, how: c_int) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::shutdown(fd, how) }).map(drop)
}

/// Sends bytes, and descriptors with the first of them; how many bytes. No signal where nobody
/// reads: `EPIPE`.
pub fn send(fd: i32, parts: &[&[u8]], fds: &[i32]) -> Result<usize> {
    let parts: Vec<IoSlice> = parts.iter().map(|part| IoSlice::new(part)).collect();
    let rights = [ControlMessage::ScmRights(fds)];
    let rights = if fds.is_empty() { &[][..] } else { &rights[..] };
    retry(|| sendmsg::<()>(fd, &parts, rights, MsgFlags::MSG_NOSIGNAL, None))
}

/// Receives bytes, and adds to `fds` the descriptors that come with them, which an exec closes;
/// how many bytes, 0 at the end. Never waits: `EAGAIN`. `ENOBUFS`: not all of the descriptors
/// could be had, because this process may not open as many; those that could are in `fds`.
pub fn receive(fd: i32, buffer: &mut [u8], fds: &mut Vec<i32>) -> Result<usize> {
    // nix gives no descriptors where some are missing, and they would stay open.
    #[repr(align(16))]
    struct Space([u8; 32 + MOST_FDS * size_of::<c_int>()]);
    let mut space = Space([0; 32 + MOST_FDS * size_of::<c_int>()]);
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: msghdr is plain numbers and pointers, for which zeroes are a valid value.
    let mut message: libc::msghdr = unsafe { core::mem::zeroed() };
    message.msg_iov = &mut part;
    message.msg_iovlen = 1;
    message.msg_control = space.0.as_mut_ptr().cast();
    message.msg_controllen = space.0.len() as _;
    let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
    // SAFETY: the kernel fills at most the buffer and the space, whose sizes it is told.
    let got = retry(|| check(unsafe { libc::recvmsg(fd, &mut message, flags) }))?;
    // SAFETY: the kernel has filled the header's control data, within the space, which is aligned;
    // the walk over it stays within what the header says, and the numbers of a header of this
    // kind lie behind it, as many as its length says.
    unsafe {
        let mut control = libc::CMSG_FIRSTHDR(&message);
        while !control.is_null() {
            let head = &*control;
            if head.cmsg_level == libc::SOL_SOCKET && head.cmsg_type == libc::SCM_RIGHTS {
                let bytes = head.cmsg_len as usize - libc::CMSG_LEN(0) as usize;
                let numbers: *const c_int = libc::CMSG_DATA(control).cast();
                for i in 0..bytes / size_of::<c_int>() {
                    fds.push(numbers.add(i).read_unaligned());
                }
            }
            control = libc::CMSG_NXTHDR(&message, control);
        }
    }
    if message.msg_flags & libc::MSG_CTRUNC == 0 { Ok(got as usize) } else { Err(Errno::ENOBUFS) }
}

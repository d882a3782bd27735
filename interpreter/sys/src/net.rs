//! Sockets that are bound to a name.

use crate::moved::follow;
use crate::{Errno, Result};
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, SockaddrStorage, UnixAddr, bind,
    getsockname, recvfrom, sendmsg, setsockopt, socket, sockopt,
};
use std::io::IoSlice;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};

const FLAGS: SockFlag = SockFlag::SOCK_CLOEXEC.union(SockFlag::SOCK_NONBLOCK);

/// A datagram socket in the file system: non-blocking, closed by exec. Who is there already is
/// the caller's to find out and to take away.
pub fn unix_datagram(path: &[u8]) -> Result<i32> {
    let fd = socket(AddressFamily::Unix, SockType::Datagram, FLAGS, None)?;
    crate::with_cstr(path, |path| crate::unix::bind(fd.as_raw_fd(), path))?;
    Ok(fd.into_raw_fd())
}

/// A datagram socket under a name that the kernel chooses, which is in no file system:
/// non-blocking, closed by exec; and the name without the NUL that such names begin with.
pub fn unix_datagram_unnamed() -> Result<(i32, Vec<u8>)> {
    let fd = socket(AddressFamily::Unix, SockType::Datagram, FLAGS, None)?;
    bind(fd.as_raw_fd(), &UnixAddr::new_unnamed())?;
    let address: UnixAddr = getsockname(fd.as_raw_fd())?;
    let name = address.as_abstract().ok_or(Errno::EAFNOSUPPORT)?.to_vec();
    Ok((fd.into_raw_fd(), name))
}

/// A datagram socket without a name, blocking, closed by exec.
pub fn unix_datagram_sender() -> Result<i32> {
    let fd = socket(AddressFamily::Unix, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    Ok(fd.into_raw_fd())
}

/// Sends a datagram, and a copy of a descriptor with it, to a path, or to a name that is in no
/// file system where it begins with `@`. `ENAMETOOLONG`: no socket has such a name.
pub fn send_to_unix(fd: i32, to: &[u8], bytes: &[u8], gift: Option<i32>) -> Result<()> {
    let gifts = gift.map(|fd| [fd]);
    let messages = gifts.as_ref().map(|fds| [ControlMessage::ScmRights(fds)]);
    let messages = messages.as_ref().map_or(&[][..], |m| &m[..]);
    let pieces = [IoSlice::new(bytes)];
    let send = |address| {
        let send = || sendmsg(fd, &pieces, messages, MsgFlags::MSG_NOSIGNAL, Some(&address));
        crate::retry(send).map(drop)
    };
    match to {
        [b'@', name @ ..] => send(UnixAddr::new_abstract(name)?),
        path => crate::with_cstr(path, |path| follow(path, |path| send(UnixAddr::new(path)?))),
    }
}

/// A UDP socket: non-blocking, closed by exec. The port may still be some other's who has
/// ended; a socket of IPv6 gets IPv6 only.
pub fn udp(address: SocketAddr) -> Result<i32> {
    let family = if address.is_ipv6() { AddressFamily::Inet6 } else { AddressFamily::Inet };
    let fd: OwnedFd = socket(family, SockType::Datagram, FLAGS, None)?;
    if address.is_ipv6() {
        setsockopt(&fd, sockopt::Ipv6V6Only, &true)?;
    }
    setsockopt(&fd, sockopt::ReuseAddr, &true)?;
    bind(fd.as_raw_fd(), &SockaddrStorage::from(address))?;
    Ok(fd.into_raw_fd())
}

/// Takes the next datagram, cut to the buffer's size: how long it was cut to, and where it came
/// from if that has an address of the internet. `None` where there is none.
pub fn receive(fd: i32, buffer: &mut [u8]) -> Result<Option<(usize, Option<SocketAddr>)>> {
    match recvfrom::<SockaddrStorage>(fd, buffer) {
        Ok((n, from)) => Ok(Some((n, from.and_then(internet)))),
        Err(Errno::EAGAIN | Errno::EINTR) => Ok(None),
        Err(errno) => Err(errno),
    }
}

fn internet(address: SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|a| SocketAddr::V4((*a).into()));
    v4.or_else(|| address.as_sockaddr_in6().map(|a| SocketAddr::V6((*a).into())))
}

//! Requests of others, answered in the loop.

use super::request::{Reply, Request};
use super::tree::{Source, Tree, token};
use sys::event::EPOLLIN;

impl Tree {
    /// Answers the requests (see [`super::request`]) that come on a connected SOCK_SEQPACKET
    /// socket, which is the tree's from now on and is closed when the peer has closed its end.
    pub fn serve(&mut self, fd: i32) -> sys::Result<()> {
        sys::fd::set_nonblock(fd, true)?;
        self.epoll.add(fd, EPOLLIN, token(Source::Request, fd as usize))
    }

    /// Takes a request in, and answers it.
    pub(super) fn answer(&mut self, fd: i32) {
        let mut packet = [0; 64];
        let reply = match sys::fd::read(fd, &mut packet) {
            Err(sys::Errno::EAGAIN) => return,
            Ok(0) | Err(_) => return self.retire(Some(fd)),
            Ok(n) => match Request::decode(&packet[..n]) {
                Some(Request::Scan) => match self.try_scan() {
                    Ok(()) => Reply::Done,
                    Err(errno) => Reply::Failed(errno),
                },
                None => Reply::Failed(sys::Errno::EPROTO),
            },
        };
        if sys::fd::write(fd, &reply.encode()).is_err() {
            self.retire(Some(fd));
        }
    }
}

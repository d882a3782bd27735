//! Requests of others, answered in the loop: over sockets that are given to the tree, and over
//! those of who connects to its own ([`super::request::SOCKET`]).

use super::request::{LONGEST, Reply, Request, SOCKET, at};
use super::script;
use super::setup::with_umask;
use super::tree::{Source, Tree, token};
use crate::supervise::home::{FOR_NEWS, room_beyond};
use std::ffi::CString;
use sys::Errno;
use sys::event::{EPOLLET, EPOLLIN};
use sys::fd::{SOCK_CLOEXEC, SOCK_SEQPACKET};
use sys::process::Status;
use sys::unix::SOCK_NONBLOCK;

/// Somebody who asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    /// The connection.
    pub fd: i32,
    /// The script that runs for it; 0: none.
    pub script: i32,
}

/// A socket that listens below the scan directory `dir`, for its owner only.
pub(super) fn listen(dir: i32) -> sys::Result<i32> {
    match sys::at::unlink(dir, SOCKET) {
        Ok(()) | Err(Errno::ENOENT) => {}
        Err(errno) => return Err(errno),
    }
    let fd = sys::unix::socket(SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC)?;
    let bound = with_umask(0o177, || at(dir, || sys::unix::bind(fd, SOCKET)));
    let listens = bound.and_then(|()| sys::unix::listen(fd, sys::unix::SOMAXCONN.unsigned_abs()));
    listens.map(|()| fd).inspect_err(|_| {
        let _ = sys::fd::close(fd);
    })
}

impl Tree {
    /// Answers the requests (see [`super::request`]) that come on a connected SOCK_SEQPACKET
    /// socket, which is the tree's from now on and is closed when the peer has closed its end.
    pub fn serve(&mut self, fd: i32) -> sys::Result<()> {
        sys::fd::set_nonblock(fd, true)?;
        self.epoll.add(fd, EPOLLIN, token(Source::Request, fd as usize))?;
        self.served.push(Client { fd, script: 0 });
        Ok(())
    }

    /// Watches the listening socket. By its edges: what can't be taken in for want of descriptors
    /// waits until somebody goes, and does not wake the loop until then.
    pub(super) fn watch_listener(&self, fd: i32) -> sys::Result<()> {
        self.epoll.add(fd, EPOLLIN | EPOLLET, token(Source::Request, fd as usize))
    }

    fn listener(&self) -> Option<i32> {
        self.place.as_ref()?.listener
    }

    /// A client has gone: what runs for it is told to end, as if it were its child.
    fn hang_up(&mut self, fd: i32) {
        for client in self.served.iter().filter(|client| client.fd == fd) {
            script::terminate(client.script);
        }
        self.served.retain(|client| client.fd != fd);
        self.retire(Some(fd));
        self.take_in();
    }

    /// Takes in all who have connected and may.
    fn take_in(&mut self) {
        let Some(listener) = self.listener() else { return };
        loop {
            let fd = match sys::unix::accept(listener, SOCK_NONBLOCK) {
                Ok((fd, _)) => fd,
                Err(Errno::ECONNABORTED) => continue,
                Err(_) => return,
            };
            let (uid, own) = (sys::unix::peer(fd).map(|(uid, _)| uid), sys::process::ids().1);
            let may = match uid {
                Ok(uid) if uid == 0 || uid == own => room_beyond(fd, FOR_NEWS),
                Ok(_) => Err(Errno::EPERM),
                Err(errno) => Err(errno),
            };
            if let Err(errno) = may.and_then(|()| self.serve(fd)) {
                let _ = sys::fd::write(fd, &Reply::Failed(errno).encode());
                let _ = sys::fd::close(fd);
            }
        }
    }

    /// Takes a request in, and answers it.
    pub(super) fn answer(&mut self, fd: i32) {
        if Some(fd) == self.listener() {
            return self.take_in();
        }
        // Whoever has gone in this very turn has left its number to somebody else.
        if !self.served.iter().any(|client| client.fd == fd) {
            return;
        }
        let (mut packet, mut files) = ([0; LONGEST + 1], Vec::new());
        let got = sys::unix::receive(fd, &mut packet, &mut files);
        let reply = match got {
            Err(Errno::EAGAIN) => return,
            Ok(0) | Err(_) => return self.hang_up(fd),
            Ok(n) if n > LONGEST => Some(Reply::Failed(Errno::EMSGSIZE)),
            Ok(n) => self.reply(fd, Request::decode(&packet[..n]), &files),
        };
        for file in files {
            let _ = sys::fd::close(file);
        }
        if let Some(reply) = reply {
            self.send(fd, reply);
        }
    }

    fn send(&mut self, fd: i32, reply: Reply) {
        if sys::unix::send(fd, &[&reply.encode()], &[]).is_err() {
            self.hang_up(fd);
        }
    }

    fn reply(&mut self, fd: i32, request: Option<Request>, files: &[i32]) -> Option<Reply> {
        let done = match request {
            Some(Request::Scan) => self.try_scan().map(|()| Reply::Done),
            Some(Request::Run(words)) => self.begin_script(fd, words),
            Some(Request::RunFile) => {
                script::read(files).and_then(|words| self.begin_script(fd, words))
            }
            Some(Request::Terminate) => {
                let client = self.served.iter().find(|client| client.fd == fd);
                script::terminate(client.map_or(0, |client| client.script));
                return None;
            }
            None => Err(Errno::EPROTO),
        };
        Some(done.unwrap_or_else(Reply::Failed))
    }

    fn begin_script(&mut self, fd: i32, words: Vec<CString>) -> sys::Result<Reply> {
        if self.stopping.is_some() {
            return Err(Errno::ESHUTDOWN);
        }
        let place = self.served.iter().position(|client| client.fd == fd && client.script == 0);
        let place = place.ok_or(Errno::EBUSY)?;
        let pid = self.run_script(&words)?;
        self.served[place].script = pid;
        Ok(Reply::Started(pid))
    }

    /// Tells all scripts to end. Nothing waits for them.
    pub(super) fn stop_scripts(&self) {
        self.served.iter().for_each(|client| script::terminate(client.script));
    }

    /// A child has ended: is it a script that somebody waits for? Then that one is told.
    pub(super) fn script_ended(&mut self, pid: i32, status: Status) -> bool {
        let Some(client) = self.served.iter_mut().find(|client| client.script == pid) else {
            return false;
        };
        client.script = 0;
        let fd = client.fd;
        self.send(fd, Reply::Ended(status));
        true
    }
}

//! Requests of others, answered in the loop: over sockets that are given to the tree, and over
//! those of who connects to its own ([`super::request::SOCKET`]).

use super::request::{LONGEST, Reply, Request, SOCKET, at};
use super::script::{self, Script};
use super::setup::with_umask;
use super::tree::{Source, Tree, token};
use crate::supervise::home::{FOR_NEWS, room_beyond};
use std::ffi::CString;
use sys::Errno;
use sys::event::{EPOLLET, EPOLLIN};
use sys::fd::{SOCK_CLOEXEC, SOCK_SEQPACKET};
use sys::process::Status;
use sys::signal::SIGTERM;
use sys::unix::SOCK_NONBLOCK;

/// Somebody who asks.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// The connection.
    pub fd: i32,
    /// The script that runs for it; 0: none.
    pub script: i32,
    /// The service's name and the command line of one that waits for another's end.
    pub waits: Vec<CString>,
}

impl Client {
    fn is_busy(&self) -> bool {
        self.script != 0 || !self.waits.is_empty()
    }
}

/// A socket that listens below the scan directory `dir`, for its owner only. Where not all is new
/// an earlier one goes.
pub(super) fn listen(dir: i32, is_new: bool) -> sys::Result<i32> {
    match if is_new { Ok(()) } else { sys::at::unlink(dir, SOCKET) } {
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
        self.served.push(Client { fd, script: 0, waits: Vec::new() });
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

    /// A client has gone: what runs for it is told to end, as if it were its child. Until it has,
    /// nothing else runs for the same service.
    fn hang_up(&mut self, fd: i32) {
        for client in self.served.iter().filter(|client| client.fd == fd) {
            script::terminate(client.script);
        }
        self.served.retain(|client| client.fd != fd);
        self.followers.forget(fd);
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

    /// Takes requests in, and answers them.
    pub(super) fn answer(&mut self, fd: i32) {
        if Some(fd) == self.listener() {
            return self.take_in();
        }
        // Whoever has gone in this very turn has left its number to somebody else.
        while self.served.iter().any(|client| client.fd == fd) && self.answer_one(fd) {}
    }

    /// False: there is none by now.
    fn answer_one(&mut self, fd: i32) -> bool {
        let (mut packet, mut files) = ([0; LONGEST + 1], Vec::new());
        let got = sys::unix::receive(fd, &mut packet, &mut files);
        let reply = match got {
            Err(Errno::EAGAIN) => return false,
            Ok(0) | Err(_) => {
                self.hang_up(fd);
                return false;
            }
            Ok(n) if n > LONGEST => Some(Reply::Failed(Errno::EMSGSIZE)),
            Ok(n) => self.reply(fd, Request::decode(&packet[..n]), &files),
        };
        for file in files {
            let _ = sys::fd::close(file);
        }
        if let Some(reply) = reply {
            self.send(fd, reply);
        }
        true
    }

    fn send(&mut self, fd: i32, reply: Reply) {
        self.send_packet(fd, &reply.encode());
    }

    /// Whoever does not take in what he is told is told no more.
    pub(super) fn send_packet(&mut self, fd: i32, packet: &[u8]) {
        if sys::unix::send(fd, &[packet], &[]).is_err() {
            self.hang_up(fd);
        }
    }

    fn reply(&mut self, fd: i32, request: Option<Request>, files: &[i32]) -> Option<Reply> {
        let done = match request {
            Some(Request::Scan) => {
                self.try_scan().map(|whole| if whole { Reply::Done } else { Reply::Partly })
            }
            Some(Request::Run(words)) => self.begin_script(fd, words),
            Some(Request::RunFile) => {
                script::read(files).and_then(|words| self.begin_script(fd, words))
            }
            Some(Request::Terminate) => {
                let client = self.served.iter_mut().find(|client| client.fd == fd)?;
                script::terminate(client.script);
                let waited = !std::mem::take(&mut client.waits).is_empty();
                return waited.then_some(Reply::Ended(Status(SIGTERM)));
            }
            Some(Request::Orders(orders)) => {
                self.order(fd, &orders);
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
        let idle = |client: &&mut Client| client.fd == fd && !client.is_busy();
        let client = self.served.iter_mut().find(idle).ok_or(Errno::EBUSY)?;
        let name = words.first().ok_or(Errno::EINVAL)?;
        if let Some(other) = self.scripts.iter().find(|script| script.name == *name) {
            client.waits = words;
            return Ok(Reply::Behind(other.pid));
        }
        let pid = self.run_script(&words)?;
        for client in self.served.iter_mut().filter(|client| client.fd == fd) {
            client.script = pid;
        }
        self.scripts.extend(words.into_iter().next().map(|name| Script { pid, name }));
        Ok(Reply::Started(pid))
    }

    /// Tells all scripts to end, and nothing waits for them; and those who wait that nothing begins.
    pub(super) fn stop_scripts(&mut self) {
        self.scripts.iter().for_each(|script| script::terminate(script.pid));
        let waited = |client: &mut Client| {
            (!std::mem::take(&mut client.waits).is_empty()).then_some(client.fd)
        };
        let waiting: Vec<i32> = self.served.iter_mut().filter_map(waited).collect();
        waiting.into_iter().for_each(|fd| self.send(fd, Reply::Failed(Errno::ESHUTDOWN)));
    }

    /// A child has ended: is it a script that somebody waits for? Then that one is told. Whoever has
    /// waited for its end has his turn.
    pub(super) fn script_ended(&mut self, pid: i32, status: Status) -> bool {
        let Some(at) = self.scripts.iter().position(|script| script.pid == pid) else {
            return false;
        };
        let Script { name, .. } = self.scripts.swap_remove(at);
        let asker = self.served.iter_mut().find(|client| client.script == pid).map(|client| {
            client.script = 0;
            client.fd
        });
        if let Some(fd) = asker {
            self.send(fd, Reply::Ended(status));
        }
        while self.scripts.iter().all(|script| script.name != name) {
            let waits = |client: &&mut Client| client.waits.first() == Some(&name);
            let Some(client) = self.served.iter_mut().find(waits) else { break };
            let (fd, words) = (client.fd, std::mem::take(&mut client.waits));
            let reply = self.begin_script(fd, words).unwrap_or_else(Reply::Failed);
            self.send(fd, reply);
        }
        asker.is_some()
    }
}

//! A place that lines go to, which is never waited for.

use sys::Errno;
use sys::event::{EPOLLOUT, Epoll, POLLOUT, wait_one};
use sys::fd::{O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_WRONLY};

/// As much as a pipe takes at once, where it takes anything.
const PIECE: usize = 4096;

pub(super) struct Sink {
    /// The descriptor that it is for.
    target: i32,
    /// The one that is written to, once something was.
    fd: Option<i32>,
    /// Writing to it does not block; else it is asked before.
    free: bool,
    pub(super) waiting: Vec<u8>,
    watched: bool,
    /// Pipes are not read because so much waits.
    pub(super) held: bool,
}

impl Sink {
    pub(super) fn new(target: i32) -> Sink {
        Sink { target, fd: None, free: false, waiting: Vec::new(), watched: false, held: false }
    }

    /// A pipe or a terminal is opened anew, because whether a write blocks is shared by all who
    /// have it from each other. A file never blocks, and has a place to write to that is shared, too.
    fn open(&mut self) -> i32 {
        if let Some(fd) = self.fd {
            return fd;
        }
        let stat = sys::fs::fstat(self.target);
        let reopens = stat.is_ok_and(|stat| stat.is_fifo() || stat.is_char());
        let path = [b"/proc/self/fd/", &[b'0' + self.target as u8][..]].concat();
        let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
        let own = if reopens { sys::fd::open_bytes(&path, flags, 0).ok() } else { None };
        self.free = own.is_some() || stat.is_ok_and(|stat| stat.is_file());
        let fd = own.unwrap_or(self.target);
        self.fd = Some(fd);
        fd
    }

    /// Lets go of it: what waits goes to what its descriptor is then.
    pub(super) fn close(&mut self, epoll: &Epoll) {
        if let Some(fd) = self.fd.take() {
            if std::mem::take(&mut self.watched) {
                let _ = epoll.remove(fd);
            }
            if fd != self.target {
                let _ = sys::fd::close(fd);
            }
        }
    }

    /// Writes what it can.
    pub(super) fn write(&mut self) {
        let mut done = 0;
        while done < self.waiting.len() {
            let fd = self.open();
            let rest = &self.waiting[done..];
            let piece = if self.free { rest } else { &rest[..rest.len().min(PIECE)] };
            let ready = self.free || wait_one(fd, POLLOUT, Some(0)).is_ok_and(|came| came != 0);
            match if ready { sys::fd::write(fd, piece) } else { Err(Errno::EAGAIN) } {
                Ok(count) => done += count,
                Err(Errno::EAGAIN) => break,
                // Nobody reads it any more, or ever will.
                Err(_) => done = self.waiting.len(),
            }
        }
        self.waiting.drain(..done);
        if self.waiting.is_empty() && self.waiting.capacity() > 2 * PIECE {
            self.waiting = Vec::new();
        }
    }

    /// Writes all, unless whoever reads stands still for so many milliseconds.
    pub(super) fn write_patiently(&mut self, millis: u64) {
        loop {
            self.write();
            if self.waiting.is_empty() {
                return;
            }
            let fd = self.open();
            if !wait_one(fd, POLLOUT, Some(millis)).is_ok_and(|came| came != 0) {
                return self.waiting.clear();
            }
        }
    }

    /// Is told when it can go on, while something waits.
    pub(super) fn watch(&mut self, epoll: &Epoll, token: u64) {
        let wanted = !self.waiting.is_empty();
        if wanted == self.watched {
            return;
        }
        let fd = self.open();
        self.watched = match wanted {
            true => epoll.add(fd, EPOLLOUT, token).is_ok(),
            false => epoll.remove(fd).is_err(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_stands_still_holds_nobody_up() {
        let (read, write) = sys::fd::pipe(O_CLOEXEC).unwrap();
        let mut sink = Sink::new(write);
        sink.fd = Some(write);
        let text: Vec<u8> = (0..300_000).map(|n| b'a' + (n % 26) as u8).collect();
        sink.waiting = text.clone();
        sink.write();
        assert!(!sink.waiting.is_empty() && sink.waiting.len() < text.len());
        sys::fd::set_nonblock(read, true).unwrap();
        let mut got = Vec::new();
        while got.len() < text.len() {
            let mut room = [0; 1000];
            match sys::fd::read(read, &mut room) {
                Ok(count) => got.extend_from_slice(&room[..count]),
                Err(_) => sink.write(),
            }
        }
        assert_eq!(got, text);
        sys::fd::close(read).unwrap();
        sink.waiting = text;
        sys::signal::dispose(sys::signal::SIGPIPE, sys::signal::Disposition::Ignore).unwrap();
        sink.write();
        assert!(sink.waiting.is_empty(), "nobody reads");
        sys::fd::close(write).unwrap();
    }
}

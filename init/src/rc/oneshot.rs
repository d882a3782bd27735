//! The scripts of oneshots, from the side of who asks for them: the tree runs them, as its own
//! children.

use crate::scan::request::{self, LONGEST, Reply, Request};
use interpreter::arg::Arg;
use std::ffi::{CStr, CString};
use sys::event::POLLIN;
use sys::process::Status;
use sys::time::Time;
use sys::{Errno, Result};

/// A script that the tree has been asked to run. Who lets go of it before its end ends it: it is
/// told SIGTERM, as the original's runner does when its client goes.
#[derive(Debug)]
pub struct Running {
    fd: i32,
}

/// What the tree tells about a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It waits until this process has ended, which somebody else has had started for the same
    /// service.
    Behind(i32),
    /// It runs, as this process.
    Started(i32),
    /// It could not be started. `ESHUTDOWN`: the tree is being stopped. That is the last answer.
    NotStarted(Errno),
    /// It has ended. That is the last answer.
    Ended(Status),
}

impl Running {
    /// Asks the tree on a scan directory to run a command line in the name of a service, and does
    /// not wait for an answer. `ENOENT`, `ECONNREFUSED`: no tree of ours runs there.
    pub fn start(scandir: &[u8], name: &[u8], argv: &[Arg]) -> Result<Running> {
        let name = CString::new(name).map_err(|_| Errno::EINVAL)?;
        let running = Running { fd: request::connect(scandir)? };
        let words = request::words([&*name].into_iter().chain(argv.iter().copied()));
        if words.len() < LONGEST {
            running.ask(&[&Request::RUN, &words], &[])?;
        } else {
            running.ask_by_file(&words)?;
        }
        Ok(running)
    }

    fn ask(&self, packet: &[&[u8]], files: &[i32]) -> Result<()> {
        sys::unix::send(self.fd, packet, files).map(drop)
    }

    fn ask_by_file(&self, words: &[u8]) -> Result<()> {
        const NAME: &CStr = c"chainit-oneshot";
        let file = sys::handover::memory_file(NAME)?;
        let written = sys::fd::write_all(file, words).and_then(|()| sys::handover::rewind(file));
        let asked = written.and_then(|()| self.ask(&[&Request::RunFile.encode()], &[file]));
        let _ = sys::fd::close(file);
        asked
    }

    /// What can be polled: there is an answer when it is readable.
    pub fn fd(&self) -> i32 {
        self.fd
    }

    /// The next answer, if there is one by now. `EPIPE`: the tree is gone.
    pub fn answer(&self) -> Result<Option<Answer>> {
        let mut packet = [0; 64];
        let got = match sys::unix::receive(self.fd, &mut packet, &mut Vec::new()) {
            Err(Errno::EAGAIN) => return Ok(None),
            other => other?,
        };
        match Reply::decode(&packet[..got]) {
            _ if got == 0 => Err(Errno::EPIPE),
            Some(Reply::Behind(pid)) => Ok(Some(Answer::Behind(pid))),
            Some(Reply::Started(pid)) => Ok(Some(Answer::Started(pid))),
            Some(Reply::Failed(errno)) => Ok(Some(Answer::NotStarted(errno))),
            Some(Reply::Ended(status)) => Ok(Some(Answer::Ended(status))),
            Some(Reply::Done | Reply::Partly) | None => Err(Errno::EPROTO),
        }
    }

    /// Tells the script to end: SIGTERM, and SIGCONT. Its end is told as any other.
    pub fn terminate(&self) {
        let _ = self.ask(&[&Request::Terminate.encode()], &[]);
    }
}

/// Waits, at most until then, for an answer of the tree on a scan directory, whatever it is. By then
/// it has done all that it has read before.
pub fn ping(scandir: &[u8], until: Time) {
    let Ok(fd) = request::connect(scandir) else { return };
    // What nobody understands is answered, too.
    if sys::unix::send(fd, &[b"?"], &[]).is_ok() {
        let left = until.millis_since(sys::time::monotonic());
        let _ = sys::event::wait_one(fd, POLLIN, Some(left));
    }
    let _ = sys::fd::close(fd);
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = sys::fd::close(self.fd);
    }
}

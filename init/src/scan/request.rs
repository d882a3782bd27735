//! What others ask of a tree: small messages over a SOCK_SEQPACKET socket, one packet each way.
//!
//! The codec is pure: bytes in, bytes out. Stage 2 asks over a socket pair that it inherits,
//! everybody else over the tree's listening socket ([`SOCKET`]).

use std::ffi::{CStr, CString};
use sys::process::Status;
use sys::time::Time;
use sys::{Errno, Result};

/// The listening socket, below the scan directory.
pub const SOCKET: &CStr = c".s6-svscan/oneshots";

/// A longer packet is not sent: its words go through a file.
pub const LONGEST: usize = 4096;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Read the scan directory now. The reply comes when every service that is new in it has
    /// its `supervise/` and `event/` and has been started (unless it is down by its definition),
    /// so that it can be waited for.
    Scan,
    /// Run a oneshot's script: the service's name, and the words of the command line. The replies
    /// are that it has started, and how it has ended.
    Run(Vec<CString>),
    /// The same, where the words are in the file whose descriptor comes with the packet.
    RunFile,
    /// The script that runs for this connection is to end.
    Terminate,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Not done, for this reason.
    Failed(Errno),
    /// The script runs, as this process.
    Started(i32),
    /// The script has ended.
    Ended(Status),
}

/// Words, each with a NUL behind it, as bytes.
pub fn words<'a>(words: impl IntoIterator<Item = &'a CStr>) -> Vec<u8> {
    words.into_iter().flat_map(CStr::to_bytes_with_nul).copied().collect()
}

/// The words in such bytes. `None`: something else is there.
pub fn read_words(bytes: &[u8]) -> Option<Vec<CString>> {
    let pieces = bytes.split_inclusive(|&b| b == 0);
    pieces.map(|word| CStr::from_bytes_with_nul(word).ok().map(CStr::to_owned)).collect()
}

impl Request {
    /// What the packet of [`Request::Run`] begins with; the words follow.
    pub const RUN: [u8; 1] = *b"R";

    /// The packet.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Request::Scan => b"S".to_vec(),
            Request::Run(all) => [&Request::RUN, &words(all.iter().map(|w| &**w))[..]].concat(),
            Request::RunFile => b"F".to_vec(),
            Request::Terminate => b"T".to_vec(),
        }
    }

    /// What the packet asks; `None`: nothing that is known here.
    pub fn decode(packet: &[u8]) -> Option<Request> {
        match packet {
            b"S" => Some(Request::Scan),
            [b'R', bytes @ ..] => read_words(bytes).map(Request::Run),
            b"F" => Some(Request::RunFile),
            b"T" => Some(Request::Terminate),
            _ => None,
        }
    }
}

impl Reply {
    /// The packet.
    pub fn encode(self) -> Vec<u8> {
        let with = |letter: u8, number: i32| [&[letter], &number.to_be_bytes()[..]].concat();
        match self {
            Reply::Done => b"K".to_vec(),
            Reply::Failed(errno) => with(b'E', errno as i32),
            Reply::Started(pid) => with(b'P', pid),
            Reply::Ended(status) => with(b'X', status.0),
        }
    }

    /// What the packet says.
    pub fn decode(packet: &[u8]) -> Option<Reply> {
        if packet == b"K" {
            return Some(Reply::Done);
        }
        let (letter, number) = packet.split_first()?;
        let number = i32::from_be_bytes(number.try_into().ok()?);
        match letter {
            b'E' => Some(Reply::Failed(Errno::from_raw(number))),
            b'P' => Some(Reply::Started(number)),
            b'X' => Some(Reply::Ended(Status(number))),
            _ => None,
        }
    }
}

/// Tells the other end of a socket pair that the tree is there, before anything was asked. Whoever
/// has gone already needs no word: its end is heard of elsewhere.
pub fn greet(socket: i32) {
    let _ = sys::unix::send(socket, &[&Reply::Done.encode()], &[]);
}

/// Waits for the greeting. A tree that failed is waited for no longer: who asks it then is told.
pub fn await_greeting(socket: i32) {
    let _ = sys::fd::read(socket, &mut [0u8; 8]);
}

/// Asks for a scan over a connected socket, and waits until it is done. `ETIMEDOUT`: the deadline
/// is over; `EPIPE`: the tree is gone; `EPROTO`: it said something else.
pub fn scan(socket: i32, deadline: Option<Time>) -> Result<()> {
    sys::unix::send(socket, &[&Request::Scan.encode()], &[])?;
    let left = deadline.map(|at| at.millis_since(sys::time::monotonic()));
    if left.is_some() && sys::event::wait_one(socket, sys::event::POLLIN, left)? == 0 {
        return Err(Errno::ETIMEDOUT);
    }
    let mut packet = [0u8; 64];
    let n = sys::fd::read(socket, &mut packet)?;
    match Reply::decode(&packet[..n]) {
        _ if n == 0 => Err(Errno::EPIPE),
        Some(Reply::Done) => Ok(()),
        Some(Reply::Failed(errno)) => Err(errno),
        _ => Err(Errno::EPROTO),
    }
}

/// Connects to the tree that runs on a scan directory. `ENOENT`, `ECONNREFUSED`: there is none,
/// or it is not ours.
pub fn connect(scandir: &[u8]) -> Result<i32> {
    let fd = sys::unix::socket(sys::fd::SOCK_SEQPACKET | sys::fd::SOCK_CLOEXEC)?;
    let path = [scandir, b"/", SOCKET.to_bytes()].concat();
    let connected = match path.len() > sys::unix::LONGEST {
        false => sys::with_cstr(&path, |path| sys::unix::connect(fd, path)),
        true => sys::fd::open_bytes(scandir, sys::at::O_PLACE, 0).and_then(|dir| {
            let connected = at(dir, || sys::unix::connect(fd, SOCKET));
            let _ = sys::fd::close(dir);
            connected
        }),
    };
    connected.map(|()| fd).inspect_err(|_| {
        let _ = sys::fd::close(fd);
    })
}

/// Does something with another working directory: no socket's path is too long there.
pub(super) fn at<T>(dir: i32, f: impl FnOnce() -> Result<T>) -> Result<T> {
    let back = sys::fd::open(c".", sys::at::O_PLACE, 0)?;
    let done = sys::fs::fchdir(dir).and_then(|()| f());
    let came_back = sys::fs::fchdir(back);
    let _ = sys::fd::close(back);
    came_back.and(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_back_as_they_went() {
        let words = [c"name", c"", c"a b"].map(CStr::to_owned).to_vec();
        for request in [Request::Scan, Request::Run(words), Request::RunFile, Request::Terminate] {
            assert_eq!(Request::decode(&request.encode()), Some(request));
        }
        let (started, ended) = (Reply::Started(1 << 20), Reply::Ended(Status(0x8b)));
        for reply in [Reply::Done, Reply::Failed(Errno::EROFS), started, ended] {
            assert_eq!(Reply::decode(&reply.encode()), Some(reply));
        }
    }

    #[test]
    fn garbage_is_nothing() {
        assert_eq!(Request::decode(b""), None);
        assert_eq!(Request::decode(b"Sx"), None);
        assert_eq!(Request::decode(b"Rno end"), None);
        assert_eq!(Reply::decode(b"E12"), None);
        assert_eq!(Reply::decode(b"Y1234"), None);
        assert_eq!(Reply::decode(b""), None);
    }
}

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
    /// are that it has started, and how it has ended. Where a script runs for that service already,
    /// the first reply is that this one waits for the other's end.
    Run(Vec<CString>),
    /// The same, where the words are in the file whose descriptor comes with the packet.
    RunFile,
    /// The script that runs for this connection, or waits, is to end.
    Terminate,
    /// Tell services something, and whoever asks their news. The replies are [`News`], as they come.
    Orders(Vec<Order>),
}

/// What a service is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What its news are called from now on.
    pub tag: u32,
    /// As through its control fifo.
    pub letter: u8,
    /// Its name in the scan directory.
    pub name: Vec<u8>,
}

impl Order {
    /// What a packet of them begins with.
    pub const BEGIN: &[u8] = b"C";

    /// How much of a packet it takes besides its name.
    pub const SIZE: usize = size_of::<u32>() + 2;

    /// Adds it to a packet.
    pub fn encode(&self, packet: &mut Vec<u8>) {
        packet.extend(self.tag.to_be_bytes());
        packet.push(self.letter);
        packet.extend_from_slice(&self.name);
        packet.push(0);
    }

    fn decode(mut bytes: &[u8]) -> Option<Vec<Order>> {
        let mut all = Vec::new();
        while !bytes.is_empty() {
            let (tag, rest) = bytes.split_first_chunk()?;
            let (&letter, rest) = rest.split_first()?;
            let end = rest.iter().position(|&b| b == 0)?;
            let tag = u32::from_be_bytes(*tag);
            all.push(Order { tag, letter, name: rest[..end].to_vec() });
            bytes = &rest[end + 1..];
        }
        Some(all)
    }
}

/// Something that happened to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// What it is called.
    pub tag: u32,
    /// As through a fifo in `event/`. The first one is the state in which it was when it was told:
    /// one of `uUdD`, or [`News::UNKNOWN`].
    pub byte: u8,
}

impl News {
    /// What a packet of them begins with.
    pub const BEGIN: &[u8] = b"N";
    /// How much of a packet one takes.
    pub const SIZE: usize = size_of::<u32>() + 1;
    /// No service of that name is supervised.
    pub const UNKNOWN: u8 = b'?';

    /// Adds it to a packet.
    pub fn encode(self, packet: &mut Vec<u8>) {
        packet.extend(self.tag.to_be_bytes());
        packet.push(self.byte);
    }

    /// Those in a packet; `None`: it is another one.
    pub fn decode(packet: &[u8]) -> Option<Vec<News>> {
        let all = packet.strip_prefix(News::BEGIN)?.chunks(News::SIZE);
        let one = |bytes: &[u8]| {
            let (tag, rest) = bytes.split_first_chunk()?;
            Some(News { tag: u32::from_be_bytes(*tag), byte: *rest.first()? })
        };
        all.map(one).collect()
    }
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Done, but that there is a service that can't be supervised.
    Partly,
    /// Not done, for this reason.
    Failed(Errno),
    /// The script waits until this process has ended, which runs for the same service.
    Behind(i32),
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
            Request::Orders(all) => {
                let mut packet = Order::BEGIN.to_vec();
                all.iter().for_each(|order| order.encode(&mut packet));
                packet
            }
        }
    }

    /// What the packet asks; `None`: nothing that is known here.
    pub fn decode(packet: &[u8]) -> Option<Request> {
        match packet {
            b"S" => Some(Request::Scan),
            [b'R', bytes @ ..] => read_words(bytes).map(Request::Run),
            b"F" => Some(Request::RunFile),
            b"T" => Some(Request::Terminate),
            [b'C', bytes @ ..] => Order::decode(bytes).map(Request::Orders),
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
            Reply::Partly => b"L".to_vec(),
            Reply::Failed(errno) => with(b'E', errno as i32),
            Reply::Behind(pid) => with(b'B', pid),
            Reply::Started(pid) => with(b'P', pid),
            Reply::Ended(status) => with(b'X', status.0),
        }
    }

    /// What the packet says.
    pub fn decode(packet: &[u8]) -> Option<Reply> {
        match packet {
            b"K" => return Some(Reply::Done),
            b"L" => return Some(Reply::Partly),
            _ => {}
        }
        let (letter, number) = packet.split_first()?;
        let number = i32::from_be_bytes(number.try_into().ok()?);
        match letter {
            b'E' => Some(Reply::Failed(Errno::from_raw(number))),
            b'B' => Some(Reply::Behind(number)),
            b'P' => Some(Reply::Started(number)),
            b'X' => Some(Reply::Ended(Status(number))),
            _ => None,
        }
    }
}

/// Asks for a scan over a connected socket, and waits until it is done: whether all that is there is
/// supervised. `ETIMEDOUT`: the deadline is over; `EPIPE`: the tree is gone; `EPROTO`: it said
/// something else.
pub fn scan(socket: i32, deadline: Option<Time>) -> Result<bool> {
    sys::unix::send(socket, &[&Request::Scan.encode()], &[])?;
    let left = deadline.map(|at| at.millis_since(sys::time::monotonic()));
    if left.is_some() && sys::event::wait_one(socket, sys::event::POLLIN, left)? == 0 {
        return Err(Errno::ETIMEDOUT);
    }
    let mut packet = [0u8; 64];
    let n = sys::fd::read(socket, &mut packet)?;
    match Reply::decode(&packet[..n]) {
        _ if n == 0 => Err(Errno::EPIPE),
        Some(Reply::Done) => Ok(true),
        Some(Reply::Partly) => Ok(false),
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
        let failed = Reply::Failed(Errno::EROFS);
        for reply in [Reply::Done, Reply::Partly, failed, Reply::Behind(7), started, ended] {
            assert_eq!(Reply::decode(&reply.encode()), Some(reply));
        }
    }

    #[test]
    fn orders_and_news_come_back_as_they_went() {
        let order = |tag, name: &[u8]| Order { tag, letter: b'u', name: name.to_vec() };
        let orders = Request::Orders(vec![order(1, b"a"), order(1 << 30, b"another")]);
        assert_eq!(Request::decode(&orders.encode()), Some(orders));
        let news = [News { tag: 7, byte: b'U' }, News { tag: 1 << 31, byte: 0 }];
        let mut packet = News::BEGIN.to_vec();
        news.iter().for_each(|news| news.encode(&mut packet));
        assert_eq!(News::decode(&packet), Some(news.to_vec()));
        packet.pop();
        assert_eq!(News::decode(&packet), None);
        assert_eq!(News::decode(b"K"), None);
        assert_eq!(Request::decode(b"C\0\0\0\x01uno end"), None);
        assert_eq!(Request::decode(b"C\0\0"), None);
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

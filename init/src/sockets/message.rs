//! Messages with descriptors in them, as skarnet's programs send them through a socket: the bytes'
//! length in 4 bytes and the descriptors' count in 2, the highest first, and then the bytes. The
//! descriptors come with the first of these.

use std::collections::VecDeque;
use std::rc::Rc;
use sys::event::{self, POLLIN, POLLOUT};
use sys::time::{Time, monotonic};
use sys::unix::MOST_FDS;
use sys::{Errno, Result, fd, unix};

/// How long a message may be, in bytes.
const LONGEST: u32 = 1 << 28;

const HEAD: usize = 6;

/// How much is read at once, in bytes.
const CHUNK: usize = 4096;

/// A descriptor that is closed when nobody has it any more.
#[derive(Debug)]
pub struct Descriptor(i32);

impl Descriptor {
    /// Takes one over.
    pub fn new(fd: i32) -> Descriptor {
        Descriptor(fd)
    }

    /// Its number.
    pub fn number(&self) -> i32 {
        self.0
    }

    /// Its number, which stays open.
    pub fn release(self) -> i32 {
        let fd = self.0;
        std::mem::forget(self);
        fd
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        let _ = fd::close(self.0);
    }
}

/// What came.
#[derive(Debug)]
pub struct Message {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The descriptors, which an exec closes.
    pub fds: Vec<Descriptor>,
}

/// One end that messages come from.
#[derive(Default)]
pub struct Receiver {
    bytes: Vec<u8>,
    fds: VecDeque<Descriptor>,
}

impl Receiver {
    /// Part of a message has come.
    pub fn is_amid(&self) -> bool {
        !self.bytes.is_empty() || !self.fds.is_empty()
    }

    /// Reads once, without waiting: `EAGAIN` where there is nothing, `EPIPE` at the end. `ENOBUFS`:
    /// more descriptors than belong to anything.
    pub fn fill(&mut self, socket: i32) -> Result<()> {
        let (mut chunk, mut fds) = ([0; CHUNK], Vec::new());
        let got = unix::receive(socket, &mut chunk, &mut fds);
        self.fds.extend(fds.into_iter().map(Descriptor::new));
        let got = got?;
        self.bytes.extend_from_slice(&chunk[..got]);
        match got {
            0 => Err(Errno::EPIPE),
            _ if self.fds.len() > 2 * MOST_FDS => Err(Errno::ENOBUFS),
            _ => Ok(()),
        }
    }

    /// The next message, if it is whole. `EPROTO`: this is none.
    pub fn take(&mut self) -> Result<Option<Message>> {
        let [a, b, c, d, e, f, rest @ ..] = &self.bytes[..] else { return Ok(None) };
        let length = u32::from_be_bytes([*a, *b, *c, *d]);
        let count = usize::from(u16::from_be_bytes([*e, *f]));
        if length > LONGEST || count > MOST_FDS {
            return Err(Errno::EPROTO);
        }
        let length = length as usize;
        if rest.len() < length || self.fds.len() < count {
            // Descriptors come no later than the bytes.
            return if rest.len() < length { Ok(None) } else { Err(Errno::EPROTO) };
        }
        let bytes = rest[..length].to_vec();
        self.bytes.drain(..HEAD + length);
        Ok(Some(Message { bytes, fds: self.fds.drain(..count).collect() }))
    }
}

/// What waits to be sent.
#[derive(Default)]
pub struct Sender {
    queue: VecDeque<Packet>,
}

struct Packet {
    bytes: Vec<u8>,
    sent: usize,
    fds: Vec<Rc<Descriptor>>,
}

impl Sender {
    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Adds a message, with at most [`MOST_FDS`] descriptors, which stay open until it is sent.
    pub fn put(&mut self, bytes: &[u8], fds: Vec<Rc<Descriptor>>) {
        self.queue.push_back(Packet { bytes: packed(bytes, fds.len()), sent: 0, fds });
    }

    /// Sends what the socket takes; whether that is all.
    pub fn flush(&mut self, socket: i32) -> Result<bool> {
        while let Some(packet) = self.queue.front_mut() {
            let fds: Vec<i32> = packet.fds.iter().map(|fd| fd.number()).collect();
            match unix::send(socket, &[&packet.bytes[packet.sent..]], &fds) {
                Ok(n) => packet.sent += n,
                Err(Errno::EAGAIN) => return Ok(false),
                Err(errno) => return Err(errno),
            }
            packet.fds.clear();
            if packet.sent == packet.bytes.len() {
                self.queue.pop_front();
            }
        }
        Ok(true)
    }
}

fn packed(bytes: &[u8], fds: usize) -> Vec<u8> {
    let mut packet = Vec::with_capacity(HEAD + bytes.len());
    packet.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    packet.extend_from_slice(&(fds as u16).to_be_bytes());
    packet.extend_from_slice(bytes);
    packet
}

/// When the time is over; none: never.
pub type Deadline = Option<Time>;

/// So many milliseconds from now; 0: never.
pub fn deadline(millis: u32) -> Deadline {
    (millis > 0).then(|| monotonic().plus_millis(millis.into()))
}

/// Waits for a descriptor. `ETIMEDOUT`.
fn wait(fd: i32, events: i16, deadline: Deadline) -> Result<()> {
    loop {
        match event::wait_one(fd, events, deadline.map(|at| at.millis_since(monotonic()))) {
            Ok(0) => return Err(Errno::ETIMEDOUT),
            Ok(_) => return Ok(()),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Fills the buffer from a descriptor that does not block; how much came before the end.
pub fn read_exactly(from: i32, buffer: &mut [u8], deadline: Deadline) -> Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match fd::read(from, &mut buffer[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(Errno::EAGAIN) => wait(from, POLLIN, deadline)?,
            Err(errno) => return Err(errno),
        }
    }
    Ok(got)
}

/// Writes all of it through a socket that does not block.
pub fn write_all(to: i32, mut bytes: &[u8], deadline: Deadline) -> Result<()> {
    while !bytes.is_empty() {
        match unix::send(to, &[bytes], &[]) {
            Ok(n) => bytes = &bytes[n..],
            Err(Errno::EAGAIN) => wait(to, POLLOUT, deadline)?,
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Sends a message through a socket that does not block. The descriptors stay open.
pub fn send(to: i32, bytes: &[u8], fds: &[i32], deadline: Deadline) -> Result<()> {
    let packet = packed(bytes, fds.len());
    loop {
        match unix::send(to, &[&packet], fds) {
            Ok(n) => return write_all(to, &packet[n..], deadline),
            Err(Errno::EAGAIN) => wait(to, POLLOUT, deadline)?,
            Err(errno) => return Err(errno),
        }
    }
}

/// The next message. `EPIPE`: the other end has closed.
pub fn receive(from: i32, receiver: &mut Receiver, deadline: Deadline) -> Result<Message> {
    loop {
        if let Some(message) = receiver.take()? {
            return Ok(message);
        }
        match receiver.fill(from) {
            Err(Errno::EAGAIN) => wait(from, POLLIN, deadline)?,
            other => other?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Descriptor, Descriptor) {
        let (a, b) = sys::fd::socketpair(unix::SOCK_STREAM | unix::SOCK_NONBLOCK).unwrap();
        (Descriptor::new(a), Descriptor::new(b))
    }

    #[test]
    fn messages_with_descriptors_come_out_as_they_went_in() {
        let (a, b) = pair();
        let (read, write) = sys::fd::pipe(sys::fd::O_CLOEXEC).unwrap();
        let mut sender = Sender::default();
        sender.put(b"first", vec![Rc::new(Descriptor::new(write))]);
        sender.put(b"", Vec::new());
        sender.put(&[7; 10000], Vec::new());
        assert_eq!(sender.flush(a.number()), Ok(true));
        let mut receiver = Receiver::default();
        let first = receive(b.number(), &mut receiver, None).unwrap();
        assert_eq!((&first.bytes[..], first.fds.len()), (&b"first"[..], 1));
        sys::fd::write(first.fds[0].number(), b"x").unwrap();
        drop(first);
        let mut buffer = [0; 2];
        assert_eq!(sys::fd::read(read, &mut buffer), Ok(1));
        assert_eq!(sys::fd::read(read, &mut buffer), Ok(0), "nobody else has the pipe");
        assert_eq!(receive(b.number(), &mut receiver, None).unwrap().bytes, b"");
        assert_eq!(receive(b.number(), &mut receiver, None).unwrap().bytes, [7; 10000]);
        assert!(!receiver.is_amid());
        drop(a);
        assert_eq!(receive(b.number(), &mut receiver, None).unwrap_err(), Errno::EPIPE);
        let _ = sys::fd::close(read);
    }

    #[test]
    fn what_is_no_message() {
        for (bytes, outcome) in [
            (&b""[..], Ok(None)),
            (b"\0\0\0\x01\0", Ok(None)),
            (b"\0\0\0\x01\0\0", Ok(None)),
            (b"\0\0\0\x01\0\0x", Ok(Some(1))),
            (b"\x7f\0\0\0\0\0", Err(Errno::EPROTO)),
            (b"\0\0\0\0\xff\xff", Err(Errno::EPROTO)),
            (b"\0\0\0\x01\0\x01x", Err(Errno::EPROTO)),
        ] {
            let mut receiver = Receiver { bytes: bytes.to_vec(), fds: VecDeque::new() };
            let got = receiver.take().map(|m| m.map(|m| m.bytes.len()));
            assert_eq!(got, outcome, "{}", bytes.escape_ascii());
        }
    }
}

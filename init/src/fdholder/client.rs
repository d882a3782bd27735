//! What the commands have in common: a connection, questions and answers.

use super::{LONGEST, Moment, later};
use crate::sockets::message::{self, Deadline, Descriptor, Message, Receiver};
use interpreter::arg::{Arg, Argv};
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use stdlib_commands::options;
use sys::time::{monotonic, now};
use sys::{Errno, Result, tai, unix};

/// A connection to a server.
pub struct Client {
    socket: Descriptor,
    receiver: Receiver,
    deadline: Deadline,
}

/// A descriptor that a server holds, or shall hold.
pub struct Held {
    /// Its name.
    pub id: Vec<u8>,
    /// When the server forgets it.
    pub limit: Moment,
    /// The descriptor.
    pub fd: Descriptor,
}

/// Reads the options of a command that has `-t timeout` alone.
pub fn timeout(argv: &mut Argv) -> core::result::Result<Deadline, Fail> {
    let mut millis = 0;
    options::take(argv, "t:", |_, word| {
        millis = options::number(word)?;
        Ok(())
    })?;
    Ok(message::deadline(millis))
}

/// Connects; `which` server it is, for the message. Exit code 111.
pub fn connect(path: Arg, deadline: Deadline, which: &str) -> core::result::Result<Client, Fail> {
    let dial = || {
        let socket = Descriptor::new(unix::socket(unix::SOCK_STREAM)?);
        let connect = || unix::connect(socket.number(), path);
        match deadline.map(|at| at.millis_since(monotonic())) {
            None => connect()?,
            Some(millis) => sys::signal::with_alarm(millis, connect)
                .map_err(|e| if e == Errno::EINTR { Errno::ETIMEDOUT } else { e })?,
        }
        sys::fd::set_nonblock(socket.number(), true)?;
        Ok(socket)
    };
    let socket = dial().map_err(|errno| {
        let path = shown(path.to_bytes());
        Fail::sys(format!("connect to a {which}fd-holder daemon at {path}"), errno)
    })?;
    Ok(Client { socket, receiver: Receiver::default(), deadline })
}

/// The failure of a question; its exit code is 1.
pub fn refused(what: &str, id: Option<Arg>, errno: Errno) -> Fail {
    let id = id.map(|id| format!(" for id {}", shown(id.to_bytes()))).unwrap_or_default();
    let help = match errno {
        Errno::EPIPE => "the server's rules don't let this user connect",
        Errno::EPERM => {
            "the server's rules don't let this user do that: see the S6_FDHOLDER_* files in the \
             rule's env/"
        }
        Errno::EBUSY => "the server holds a descriptor under that name already",
        Errno::ENOENT => "the server holds no descriptor under that name",
        Errno::ENFILE => "the server holds as many descriptors as its option -n lets it",
        Errno::EPROTO => "what listens there is no s6-fdholderd",
        Errno::ENAMETOOLONG => "a name has at most 255 bytes",
        _ => "",
    };
    let help = if help.is_empty() { String::new() } else { format!("\nhelp: {help}") };
    let what = format!("unable to {what}{id}: {}{help}", sys::reason(errno));
    Fail::with_code(1, what)
}

impl Client {
    /// A connection that is there already.
    pub fn at(fd: i32, deadline: Deadline) -> Result<Client> {
        sys::fd::set_nonblock(fd, true)?;
        let socket = Descriptor::new(fd);
        Ok(Client { socket, receiver: Receiver::default(), deadline })
    }

    fn receive(&mut self) -> Result<Message> {
        message::receive(self.socket.number(), &mut self.receiver, self.deadline)
    }

    fn ask(&mut self, bytes: &[u8], fds: &[i32]) -> Result<Message> {
        message::send(self.socket.number(), bytes, fds, self.deadline)?;
        self.receive()
    }

    /// A question whose answer is yes or no.
    fn tell(&mut self, bytes: &[u8], fds: &[i32]) -> Result<()> {
        match opened(&self.ask(bytes, fds)?)? {
            (&[], []) => Ok(()),
            _ => Err(Errno::EPROTO),
        }
    }

    /// Gives a descriptor to the server until that moment.
    pub fn store(&mut self, fd: i32, id: &[u8], limit: &Moment) -> Result<()> {
        self.tell(&[&b"S"[..], limit, &named(id)?].concat(), &[fd])
    }

    /// Makes the server forget one.
    pub fn delete(&mut self, id: &[u8]) -> Result<()> {
        self.tell(&[b"D", &named(id)?[..]].concat(), &[])
    }

    /// Gets one, which the server forgets if so wished.
    pub fn retrieve(&mut self, id: &[u8], delete: bool) -> Result<Descriptor> {
        let question = [&[b'R', u8::from(delete)][..], &named(id)?].concat();
        let mut answer = self.ask(&question, &[])?;
        match opened(&answer)? {
            (&[], [_]) => answer.fds.pop().ok_or(Errno::EPROTO),
            _ => Err(Errno::EPROTO),
        }
    }

    /// The names of all.
    pub fn list(&mut self) -> Result<Vec<Vec<u8>>> {
        let answer = self.ask(b"L", &[])?;
        let (&[a, b, c, d, ref names @ ..], []) = opened(&answer)? else {
            return Err(Errno::EPROTO);
        };
        let names = match names.strip_suffix(b"\0") {
            Some(names) => names.split(|&b| b == 0).map(<[u8]>::to_vec).collect(),
            None => Vec::new(),
        };
        let count = u32::from_be_bytes([a, b, c, d]) as usize;
        if names.len() == count { Ok(names) } else { Err(Errno::EPROTO) }
    }

    /// All of them.
    pub fn dump(&mut self) -> Result<Vec<Held>> {
        let answer = self.ask(b"?", &[])?;
        let (&[_, _, _, _, a, b, c, d], []) = opened(&answer)? else {
            return Err(Errno::EPROTO);
        };
        let count = u32::from_be_bytes([a, b, c, d]) as usize;
        let mut all = Vec::new();
        while all.len() < count {
            let message = self.receive()?;
            let some = unpack(message)?;
            if some.is_empty() || all.len() + some.len() > count {
                return Err(Errno::EPROTO);
            }
            all.extend(some);
        }
        Ok(all)
    }

    /// Gives all of them to the server; those of the same names are replaced.
    pub fn set_dump(&mut self, all: &[Held]) -> Result<()> {
        if all.is_empty() {
            return Ok(());
        }
        let question = [b"!", &(all.len() as u32).to_be_bytes()[..]].concat();
        let answer = self.ask(&question, &[])?;
        let (&[a, b, c, d], []) = opened(&answer)? else { return Err(Errno::EPROTO) };
        let trips = super::parts(all);
        if u32::from_be_bytes([a, b, c, d]) as usize != trips.len() {
            return Err(Errno::EPROTO);
        }
        let last = trips.len() - 1;
        for (i, some) in trips.enumerate() {
            let mut bytes = vec![b'.'];
            for held in some {
                bytes.extend_from_slice(&held.limit);
                bytes.extend(named(&held.id)?);
            }
            let fds: Vec<i32> = some.iter().map(|held| held.fd.number()).collect();
            match self.tell(&bytes, &fds) {
                Ok(()) if i == last => {}
                Err(Errno::EAGAIN) if i < last => {}
                Ok(()) | Err(Errno::EAGAIN) => return Err(Errno::EPROTO),
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }
}

/// The bytes behind the one that says yes, and the descriptors; or what the server says instead.
fn opened(answer: &Message) -> Result<(&[u8], &[Descriptor])> {
    match &answer.bytes[..] {
        [] => Err(Errno::EPROTO),
        [0, rest @ ..] => Ok((rest, &answer.fds)),
        [no, ..] => Err(Errno::from_raw((*no).into())),
    }
}

/// A name as it is sent. `ENAMETOOLONG`.
fn named(id: &[u8]) -> Result<Vec<u8>> {
    match u8::try_from(id.len()) {
        Ok(length) if id.len() <= LONGEST => Ok([&[length], id, b"\0"].concat()),
        _ => Err(Errno::ENAMETOOLONG),
    }
}

/// The descriptors of a part of a dump. `EPROTO` where they are not as many as the names.
pub fn unpack(message: Message) -> Result<Vec<Held>> {
    let mut rest = &message.bytes[..];
    let mut some = Vec::with_capacity(message.fds.len());
    for fd in message.fds {
        let (limit, behind) = rest.split_first_chunk::<12>().ok_or(Errno::EPROTO)?;
        let (id, behind) = name(behind).ok_or(Errno::EPROTO)?;
        some.push(Held { id: id.to_vec(), limit: *limit, fd });
        rest = behind;
    }
    if rest.is_empty() { Ok(some) } else { Err(Errno::EPROTO) }
}

/// A name as it is sent, and what is behind it. It ends at its first NUL.
pub fn name(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    let (id, rest) = rest.split_at_checked(length.into())?;
    let rest = rest.strip_prefix(b"\0")?;
    Some((id.split(|&b| b == 0).next().unwrap_or(id), rest))
}

/// The moment so many milliseconds from now; 0: never.
pub fn moment(millis: u32) -> Moment {
    match millis {
        0 => later(&tai::pack(now()), super::FOR_EVER),
        _ => tai::pack(now().plus_millis(millis.into())),
    }
}

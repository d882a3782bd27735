//! One client: what it may do, its questions, and the answers.

use super::super::{client, parts, trips};
use super::store::{Entry, Store};
use crate::sockets::message::{Descriptor, Message, Receiver, Sender};
use std::ffi::CString;
use std::rc::Rc;
use sys::posix::Regex;
use sys::time::Time;
use sys::{Errno, Result};

/// What the rules let a client do.
#[derive(Default)]
pub struct Rights {
    /// The names under which it may store and delete.
    pub store: Option<Regex>,
    /// The names that it may retrieve.
    pub retrieve: Option<Regex>,
    /// It may see the names.
    pub list: bool,
    /// It may get everything.
    pub get_dump: bool,
    /// It may store everything.
    pub set_dump: bool,
}

/// A connection.
pub struct Session {
    /// Its socket.
    pub socket: Descriptor,
    /// When it has been silent for too long.
    pub deadline: Option<Time>,
    /// What comes.
    pub receiver: Receiver,
    /// What goes.
    pub sender: Sender,
    rights: Rights,
    /// So many descriptors of a dump are yet to come.
    dumping: usize,
}

/// The protocol is broken: the connection ends.
const BROKEN: Errno = Errno::EPROTO;

impl Session {
    /// A new one.
    pub fn new(socket: Descriptor, rights: Rights, deadline: Option<Time>) -> Session {
        let (receiver, sender) = Default::default();
        Session { socket, deadline, receiver, sender, rights, dumping: 0 }
    }

    fn yes(&mut self) -> Result<()> {
        self.sender.put(&[0], Vec::new());
        Ok(())
    }

    fn no(&mut self, errno: Errno) -> Result<()> {
        self.sender.put(&[errno as i32 as u8], Vec::new());
        Ok(())
    }

    /// Does what a message asks for, with at most `most` descriptors held. An error ends the
    /// connection.
    pub fn answer(&mut self, mut message: Message, store: &mut Store, most: usize) -> Result<()> {
        if message.bytes.is_empty() {
            return Err(BROKEN);
        }
        let rest = message.bytes.split_off(1);
        if message.bytes != b"." && self.dumping > 0 {
            return Err(BROKEN);
        }
        match (&message.bytes[..], &rest[..], message.fds.len()) {
            (b"S", bytes, 1) => match message.fds.pop() {
                Some(fd) => self.store(bytes, fd, store, most),
                None => Err(BROKEN),
            },
            (b"D", bytes, 0) => self.delete(bytes, store),
            (b"R", [delete, bytes @ ..], 0) => self.retrieve(*delete != 0, bytes, store),
            (b"L", [], 0) => self.list(store),
            (b"?", [], 0) => self.dump(store),
            (b"!", [a, b, c, d], 0) => {
                self.begin_dump(u32::from_be_bytes([*a, *b, *c, *d]) as usize, store, most)
            }
            (b".", _, 1..) => {
                message.bytes = rest;
                self.take_dump(message, store, most)
            }
            _ => Err(BROKEN),
        }
    }

    fn store(
        &mut self,
        bytes: &[u8],
        fd: Descriptor,
        store: &mut Store,
        most: usize,
    ) -> Result<()> {
        let (limit, id) = bytes.split_first_chunk::<12>().ok_or(BROKEN)?;
        let id = whole(id)?;
        if !allows(&self.rights.store, id) {
            return self.no(Errno::EPERM);
        }
        if store.len() >= most {
            return self.no(Errno::ENFILE);
        }
        if store.find(id).is_some() {
            return self.no(Errno::EBUSY);
        }
        store.insert(Entry { id: id.to_vec(), limit: *limit, fd: Rc::new(fd) });
        self.yes()
    }

    fn delete(&mut self, bytes: &[u8], store: &mut Store) -> Result<()> {
        let id = whole(bytes)?;
        if !allows(&self.rights.store, id) {
            return self.no(Errno::EPERM);
        }
        if store.find(id).is_none() {
            return self.no(Errno::ENOENT);
        }
        store.remove(id);
        self.yes()
    }

    fn retrieve(&mut self, delete: bool, bytes: &[u8], store: &mut Store) -> Result<()> {
        let id = whole(bytes)?;
        let rights = &self.rights;
        if !allows(&rights.retrieve, id) || (delete && !allows(&rights.store, id)) {
            return self.no(Errno::EPERM);
        }
        let Some(entry) = store.find(id) else { return self.no(Errno::ENOENT) };
        self.sender.put(&[0], vec![entry.fd.clone()]);
        if delete {
            store.remove(id);
        }
        Ok(())
    }

    fn list(&mut self, store: &Store) -> Result<()> {
        if !self.rights.list {
            return self.no(Errno::EPERM);
        }
        let mut bytes = [&[0], &(store.len() as u32).to_be_bytes()[..]].concat();
        for entry in store.iter() {
            bytes.extend_from_slice(&entry.id);
            bytes.push(0);
        }
        self.sender.put(&bytes, Vec::new());
        Ok(())
    }

    fn dump(&mut self, store: &Store) -> Result<()> {
        if !self.rights.get_dump {
            return self.no(Errno::EPERM);
        }
        let all: Vec<&Entry> = store.iter().collect();
        let counts = [trips(all.len()), all.len()].map(|n| (n as u32).to_be_bytes()).concat();
        self.sender.put(&[&[0], &counts[..]].concat(), Vec::new());
        for some in parts(&all) {
            let mut bytes = Vec::new();
            for entry in some {
                bytes.extend_from_slice(&entry.limit);
                bytes.push(entry.id.len() as u8);
                bytes.extend_from_slice(&entry.id);
                bytes.push(0);
            }
            self.sender.put(&bytes, some.iter().map(|entry| entry.fd.clone()).collect());
        }
        Ok(())
    }

    fn begin_dump(&mut self, count: usize, store: &Store, most: usize) -> Result<()> {
        if !self.rights.set_dump {
            return self.no(Errno::EPERM);
        }
        if count > most || count + store.len() > most {
            return self.no(Errno::ENFILE);
        }
        self.dumping = count;
        self.sender.put(&[&[0], &(trips(count) as u32).to_be_bytes()[..]].concat(), Vec::new());
        Ok(())
    }

    fn take_dump(&mut self, message: Message, store: &mut Store, most: usize) -> Result<()> {
        let count = message.fds.len();
        if count > self.dumping {
            return Err(BROKEN);
        }
        if store.len() + count > most {
            return self.no(Errno::ENFILE);
        }
        for held in client::unpack(message)? {
            store.insert(Entry { id: held.id, limit: held.limit, fd: Rc::new(held.fd) });
        }
        self.dumping -= count;
        if self.dumping > 0 { self.no(Errno::EAGAIN) } else { self.yes() }
    }
}

/// A name with nothing behind it.
fn whole(bytes: &[u8]) -> Result<&[u8]> {
    match client::name(bytes) {
        Some((id, [])) if bytes.len() > 2 => Ok(id),
        _ => Err(BROKEN),
    }
}

fn allows(names: &Option<Regex>, id: &[u8]) -> bool {
    let id = CString::new(id).unwrap_or_default();
    names.as_ref().is_some_and(|names| names.is_match(&id))
}

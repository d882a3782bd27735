//! What a tree remembers of each service: who it is, who its logger is, its end of their pipe.

use crate::supervise::child::Stdio;
use crate::supervise::service::Service;
use std::ffi::CString;
use sys::time::Time;

/// A directory, wherever its name is.
pub type Id = (u64, u64);

/// A service or a logger.
#[derive(Debug)]
pub struct Entry {
    /// Its name in the scan directory; a logger's is `NAME/log`.
    pub name: CString,
    /// Its directory.
    pub id: Id,
    /// The last scan has found it.
    pub active: bool,
    /// It has been told to go: what is left of it ends and is not begun again.
    pub leaving: bool,
    /// It has been left to end with its input.
    pub drained: bool,
    /// It reads what its peer writes.
    pub is_logger: bool,
    /// The logger of a service, the service of a logger.
    pub peer: Option<usize>,
    /// The end of the pipe between them: a service's for writing, a logger's for reading. Held
    /// so that nothing is lost when either is started again.
    pub pipe: Option<i32>,
    /// The pipes that its lines are read from, by their numbers: standard output and error.
    pub voice: Option<[usize; 2]>,
    /// Supervised, when it is.
    pub service: Option<Service>,
    /// Else, when to begin.
    pub begin_at: Time,
    /// Its input has ended, and when it is told to end, if it has not by then.
    pub end_at: Option<Time>,
    /// Why it could not begin, the last time.
    pub trouble: Option<String>,
}

impl Entry {
    /// One that is found for the first time.
    pub fn new(name: CString, id: Id, is_logger: bool) -> Entry {
        Entry {
            name,
            id,
            active: true,
            leaving: false,
            drained: false,
            is_logger,
            peer: None,
            pipe: None,
            voice: None,
            service: None,
            begin_at: Time::default(),
            end_at: None,
            trouble: None,
        }
    }

    /// What its processes get as standard input and output.
    pub fn stdio(&self) -> Stdio {
        match self.is_logger {
            true => Stdio { input: self.pipe, ..Stdio::default() },
            false => Stdio { output: self.pipe, ..Stdio::default() },
        }
    }

    /// The pid of its process, or of its finish script; 0: none.
    pub fn pid(&self) -> i32 {
        self.service.as_ref().map_or(0, |s| s.machine.status.pid)
    }

    /// When something is due.
    pub fn deadline(&self) -> Option<Time> {
        match &self.service {
            Some(service) => [service.machine.deadline, service.unwritten, self.end_at]
                .into_iter()
                .flatten()
                .min(),
            None => (self.active && !self.leaving).then_some(self.begin_at),
        }
    }

    /// Lets go of its end of the pipe.
    pub fn close_pipe(&mut self) {
        if let Some(fd) = self.pipe.take() {
            let _ = sys::fd::close(fd);
        }
    }
}

/// Entries under numbers that stay theirs as long as they live.
#[derive(Debug, Default)]
pub struct Entries {
    pub(super) slots: Vec<Option<Entry>>,
    pub(super) count: usize,
}

impl Entries {
    /// Puts one in; its number.
    pub fn insert(&mut self, entry: Entry) -> usize {
        self.count += 1;
        match self.slots.iter().position(Option::is_none) {
            Some(free) => {
                self.slots[free] = Some(entry);
                free
            }
            None => {
                self.slots.push(Some(entry));
                self.slots.len() - 1
            }
        }
    }

    /// Takes one out.
    pub fn remove(&mut self, index: usize) -> Option<Entry> {
        let entry = self.slots.get_mut(index)?.take();
        self.count -= usize::from(entry.is_some());
        entry
    }

    /// The one of that number.
    pub fn get(&self, index: usize) -> Option<&Entry> {
        self.slots.get(index)?.as_ref()
    }

    /// The one of that number, to be changed.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut Entry> {
        self.slots.get_mut(index)?.as_mut()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// None?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Entry)> {
        self.slots.iter().enumerate().filter_map(|(i, slot)| Some((i, slot.as_ref()?)))
    }

    /// All, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.slots.iter_mut().flatten()
    }

    /// The numbers of those that fit.
    pub fn which(&self, fits: impl Fn(&Entry) -> bool) -> Vec<usize> {
        self.iter().filter(|(_, entry)| fits(entry)).map(|(i, _)| i).collect()
    }
}

//! A compiled database: a directory with the file `db`, read where it lies, the longruns' service
//! directories in `servicedirs/NAME`, and the file `lock`.
//!
//! The file `db`, numbers little-endian, 32 bits each unless said otherwise:
//!
//! | from | |
//! |---|---|
//! | 0 | `MAGIC`, 16 bytes |
//! | 16 | `VERSION` |
//! | 20 | length of the file |
//! | 24 | `sum` of all that follows, 64 bits |
//! | 32 | numbers of services, of longruns among them, of bundles, of numbers in the pool |
//! | 48 | the services, `SERVICE` numbers each: longruns first |
//! | | the bundles, `BUNDLE` numbers each |
//! | | all names, `NAME` numbers each, by name: which service, or which bundle behind the last |
//! | | the pool: the numbers of services that others have in lists |
//! | | bytes: names and words of scripts, each with a NUL behind it |
//!
//! A list is two numbers: where it begins, and how many. What a reader gives out was checked when
//! the file was opened, so that nothing has to be checked later.

pub mod build;
mod open;
#[cfg(test)]
mod tests;

pub use open::Damaged;

use interpreter::arg::Arg;
use std::ffi::CStr;

/// The first bytes.
pub const MAGIC: &[u8; 16] = b"chainit s6-rc db";
/// Raised by whoever changes what stands in the file.
pub const VERSION: u32 = 1;

const HEADER: usize = 48;
const SERVICE: usize = 18;
const BUNDLE: usize = 4;
const NAME: usize = 1;
const NONE: u32 = u32::MAX;

/// A service of a database, by its place in it.
pub type Id = u32;

/// Which kind of atomic service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A process that is supervised.
    Longrun,
    /// A script for the way up, and one for the way down.
    Oneshot,
}

/// The way that services go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Up: a service waits for those that it depends on.
    Up,
    /// Down: it waits for those that depend on it.
    Down,
}

/// A oneshot's script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// `up`.
    Up,
    /// `down`.
    Down,
    /// `reload`.
    Reload,
}

/// Flags of a service: it is only stopped by force (`flag-essential`).
pub const ESSENTIAL: u32 = 1;
/// Flags of a service: a repository enables it (`flag-recommended`).
pub const RECOMMENDED: u32 = 2;
/// Flags of a service: there is no process and no script behind it, it is up as soon as its
/// dependencies are (the names that the original has for its helpers).
pub const NOMINAL: u32 = 1 << 31;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An atomic service.
    Service(Id),
    /// A bundle, by its place among them.
    Bundle(u32),
}

/// A database that has been opened.
#[derive(Clone, Copy, Debug)]
pub struct Db {
    all: &'static [u8],
    services: u32,
    longruns: u32,
    bundles: u32,
    pool: usize,
    bytes: usize,
}

/// A service of a database.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    db: Db,
    /// Its place.
    pub id: Id,
}

/// A checksum: FNV-1a over words of eight bytes, the last one filled up with zeroes.
pub fn sum(bytes: &[u8]) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        sum = (sum ^ u64::from_le_bytes(word)).wrapping_mul(0x0100_0000_01b3);
        sum ^= sum >> 29;
    }
    sum
}

impl Db {
    fn number(&self, at: usize) -> u32 {
        let bytes = self.all.get(at..at + 4).and_then(|b| b.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    }

    fn string(&self, at: u32) -> Arg {
        let rest = self.all.get(self.bytes + at as usize..).unwrap_or_default();
        CStr::from_bytes_until_nul(rest).unwrap_or_default()
    }

    fn list(&self, at: usize) -> impl ExactSizeIterator<Item = Id> + use<> {
        let db = *self;
        let (first, count) = (self.number(at) as usize, self.number(at + 4) as usize);
        (0..count).map(move |i| db.number(db.pool + (first + i) * 4))
    }

    fn bundle_at(&self, bundle: u32) -> usize {
        HEADER + (self.services as usize * SERVICE + bundle as usize * BUNDLE) * 4
    }

    /// How many atomic services.
    pub fn len(&self) -> usize {
        self.services as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.services == 0
    }

    /// How many longruns: the services from 0 to that.
    pub fn longruns(&self) -> u32 {
        self.longruns
    }

    /// How many bundles.
    pub fn bundles(&self) -> u32 {
        self.bundles
    }

    /// A service. One that is not there has no name and no dependencies.
    pub fn service(&self, id: Id) -> Service {
        Service { db: *self, id }
    }

    /// All services, longruns first.
    pub fn services(&self) -> impl ExactSizeIterator<Item = Service> + use<> {
        let db = *self;
        (0..self.services).map(move |id| db.service(id))
    }

    /// A bundle's name.
    pub fn bundle_name(&self, bundle: u32) -> Arg {
        self.string(self.number(self.bundle_at(bundle)))
    }

    /// The atomic services of a bundle, those of the bundles in it too; in ascending order.
    pub fn contents(&self, bundle: u32) -> impl ExactSizeIterator<Item = Id> + use<> {
        self.list(self.bundle_at(bundle) + 8)
    }

    /// What a name stands for.
    pub fn find(&self, name: &[u8]) -> Option<Entry> {
        let (mut low, mut high) = (0, self.services + self.bundles);
        while low < high {
            let middle = low + (high - low) / 2;
            let entry = self.entry(middle);
            match self.name(entry).to_bytes().cmp(name) {
                core::cmp::Ordering::Equal => return Some(entry),
                core::cmp::Ordering::Less => low = middle + 1,
                core::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The entry whose name is in this place among all names.
    fn entry(&self, place: u32) -> Entry {
        match self.number(self.bundle_at(self.bundles) + place as usize * NAME * 4) {
            id if id < self.services => Entry::Service(id),
            bundle => Entry::Bundle(bundle - self.services),
        }
    }

    /// All services and bundles, by name.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry> + use<> {
        let db = *self;
        (0..self.services + self.bundles).map(move |place| db.entry(place))
    }

    /// Its name.
    pub fn name(&self, entry: Entry) -> Arg {
        match entry {
            Entry::Service(id) => self.service(id).name(),
            Entry::Bundle(bundle) => self.bundle_name(bundle),
        }
    }

    /// The atomic services that an entry stands for.
    pub fn atoms(&self, entry: Entry) -> Vec<Id> {
        match entry {
            Entry::Service(id) => vec![id],
            Entry::Bundle(bundle) => self.contents(bundle).collect(),
        }
    }

    /// Adds to a set of services (one truth value a service) all that they depend on (up), or
    /// that depends on them (down), directly or not.
    pub fn close(&self, set: &mut [bool], way: Way) {
        let mut todo: Vec<Id> = (0..).zip(&*set).filter(|(_, is)| **is).map(|(id, _)| id).collect();
        while let Some(id) = todo.pop() {
            for other in self.service(id).needs(way) {
                if let Some(seen @ false) = set.get_mut(other as usize) {
                    *seen = true;
                    todo.push(other);
                }
            }
        }
    }
}

/// Numbers of a service: where they stand in its record.
mod field {
    pub const NAME: usize = 0;
    pub const FLAGS: usize = 2;
    pub const TIMEOUTS: usize = 3;
    pub const DEPENDENCIES: usize = 5;
    pub const DEPENDENTS: usize = 7;
    pub const SCRIPTS: usize = 9;
    pub const CONSUMER: usize = 15;
    pub const PRODUCERS: usize = 16;
}

impl Service {
    fn at(&self, field: usize) -> usize {
        HEADER + (self.id as usize * SERVICE + field) * 4
    }

    fn number(&self, field: usize) -> u32 {
        self.db.number(self.at(field))
    }

    /// Its name.
    pub fn name(&self) -> Arg {
        self.db.string(self.number(field::NAME))
    }

    /// Longrun or oneshot.
    pub fn kind(&self) -> Kind {
        if self.id < self.db.longruns { Kind::Longrun } else { Kind::Oneshot }
    }

    /// [`ESSENTIAL`], [`RECOMMENDED`], [`NOMINAL`].
    pub fn flags(&self) -> u32 {
        self.number(field::FLAGS)
    }

    /// Only stopped by force?
    pub fn is_essential(&self) -> bool {
        self.flags() & ESSENTIAL != 0
    }

    /// A name with nothing behind it?
    pub fn is_nominal(&self) -> bool {
        self.flags() & NOMINAL != 0
    }

    /// Milliseconds after which a transition has failed; 0: never.
    pub fn timeout(&self, way: Way) -> u32 {
        self.number(field::TIMEOUTS + usize::from(way == Way::Down))
    }

    /// What it waits for on this way: its dependencies, or its dependents; in ascending order.
    pub fn needs(&self, way: Way) -> impl ExactSizeIterator<Item = Id> + use<> {
        self.db.list(self.at(match way {
            Way::Up => field::DEPENDENCIES,
            Way::Down => field::DEPENDENTS,
        }))
    }

    /// The command line of one of its scripts. None: it has no such script, which succeeds.
    pub fn script(&self, which: Script) -> Vec<Arg> {
        let at = field::SCRIPTS + which as usize * 2;
        let mut next = self.number(at);
        let mut words = Vec::new();
        for _ in 0..self.number(at + 1) {
            let word = self.db.string(next);
            next += word.count_bytes() as u32 + 1;
            words.push(word);
        }
        words
    }

    /// Whose input its output is.
    pub fn consumer(&self) -> Option<Id> {
        Some(self.number(field::CONSUMER)).filter(|&id| id != NONE)
    }

    /// Whose output its input is.
    pub fn producers(&self) -> impl ExactSizeIterator<Item = Id> + use<> {
        self.db.list(self.at(field::PRODUCERS))
    }
}

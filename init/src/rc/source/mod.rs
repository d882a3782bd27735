//! Source directories: what services are defined as, before they are compiled.
//!
//! Reading (`read`) looks at each definition once; the words in its files are pure functions'
//! (`words`). What the definitions say of each other is found out without a look at a file
//! (`graph`). Whatever is wrong is noted as a [`Fault`], and the work goes on: all faults of a run
//! come out at once.

mod cycles;
mod fault;
mod graph;
mod longrun;
mod pipelines;
mod read;
mod reader;
#[cfg(test)]
mod tests;
mod words;

pub use cycles::parts;
pub use fault::{Fault, Flaw, code};
pub use graph::link;
pub use read::{Talk, read, read_with};
pub use reader::files;

use interpreter::diagnose::shown;
use std::ops::Range;

/// What a definition is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nobody knows: its type is wrong, and a fault says so.
    Unknown,
    /// A process.
    Longrun,
    /// A script up, and one down.
    Oneshot,
    /// Others.
    Bundle,
}

impl Kind {
    /// Its name, as the file `type` has it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Unknown => "unknown",
            Kind::Longrun => "longrun",
            Kind::Oneshot => "oneshot",
            Kind::Bundle => "bundle",
        }
    }
}

/// Source directories that have been read.
#[derive(Debug, Default)]
pub struct Sources {
    /// The directories, as they were given.
    pub dirs: Vec<Vec<u8>>,
    /// What they define: in the order of the directories, by name in each.
    pub definitions: Vec<Definition>,
}

/// A name in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: Vec<u8>,
    /// Where it stands in the file; nowhere if it is a file's name.
    pub at: Range<usize>,
}

/// A list of names: of dependencies, of contents, of producers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The file or the directory that it was read from; empty: there is none.
    pub file: &'static str,
    /// What is in it.
    pub names: Vec<Named>,
}

/// A file of a service directory, or a directory in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A file with its content.
    File(Vec<u8>),
    /// A file that is too big to be kept: it is copied.
    Big,
    /// A directory that is copied.
    Tree,
}

/// A service or bundle as it is defined.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name.
    pub name: Vec<u8>,
    /// Which of [`Sources::dirs`] it is in.
    pub source: usize,
    /// What it is.
    pub kind: Kind,
    /// [`super::compiled::ESSENTIAL`] and its like.
    pub flags: u32,
    /// Milliseconds: up, down.
    pub timeouts: [u32; 2],
    /// Dependencies, or a bundle's contents.
    pub list: List,
    /// A oneshot's command lines: up, down, reload.
    pub scripts: [Vec<Vec<u8>>; 3],
    /// The consumer that a longrun writes to.
    pub producer_for: List,
    /// The producers that a longrun reads from.
    pub consumer_for: List,
    /// What a pipeline that ends here is called.
    pub pipeline_name: List,
    /// What a longrun's service directory has.
    pub parts: Vec<(&'static str, Part)>,
}

impl Definition {
    /// One of which nothing is known yet but its name, and which directory it is in.
    pub fn new(name: Vec<u8>, source: usize) -> Definition {
        Definition {
            name,
            source,
            kind: Kind::Unknown,
            flags: 0,
            timeouts: [0; 2],
            list: List::default(),
            scripts: Default::default(),
            producer_for: List::default(),
            consumer_for: List::default(),
            pipeline_name: List::default(),
            parts: Vec::new(),
        }
    }

    /// Its name, for messages.
    pub fn shown(&self) -> String {
        shown(&self.name)
    }

    /// The path of one of its files.
    pub fn path(&self, dirs: &[Vec<u8>], file: &str) -> Vec<u8> {
        let dir = dirs.get(self.source).map_or(&b""[..], |dir| dir);
        let mut path = [dir, b"/", &self.name].concat();
        if !file.is_empty() {
            path.push(b'/');
            path.extend_from_slice(file.as_bytes());
        }
        path
    }

    /// The path of the file that has a name of a list in it.
    pub fn path_of(&self, dirs: &[Vec<u8>], list: &List, named: &Named) -> Vec<u8> {
        let mut path = self.path(dirs, list.file);
        if list.file.ends_with(".d") {
            path.push(b'/');
            path.extend_from_slice(&named.name);
        }
        path
    }
}

/// Whether a name is kept for what is made by the compiler.
pub fn is_reserved(name: &[u8]) -> bool {
    name.starts_with(b"s6rc-") || name.starts_with(b"s6-rc-")
}

//! What is wrong with definitions.

use interpreter::diagnose::{Place, shown};
use std::ops::Range;
use sys::Errno;

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The system said no.
    System,
    /// A file that has to be there is not.
    Missing,
    /// The file `type` has no type in it.
    Type,
    /// A name that no service may have.
    Name,
    /// Two definitions have one name.
    Duplicate,
    /// Nothing has the name.
    Undefined,
    /// Services wait for each other, or bundles hold each other.
    Cycle,
    /// Producers and consumers don't fit together.
    Pipeline,
    /// A number is none, or does not fit.
    Number,
    /// A script does not parse.
    Syntax,
    /// Something else than a file, or than a directory, has the name.
    NoFile,
    /// A warning: a source directory defines nothing.
    Empty,
    /// A warning: a file that nobody will read.
    Ignored,
    /// A warning: a descriptor that is standard input, output or error.
    LowDescriptor,
    /// A warning: a `#!` line where none is read.
    FirstLine,
    /// A warning for those who want to hear more: a name stands in a list twice.
    Repeated,
}

impl Flaw {
    /// The exit code that it leads to; none for a warning.
    pub fn code(self) -> Option<i32> {
        match self {
            Flaw::System => Some(111),
            _ if self.loudness() == 0 => Some(1),
            _ => None,
        }
    }

    /// How verbose a run has to be for it to be said.
    pub fn loudness(self) -> u32 {
        match self {
            Flaw::Empty | Flaw::Ignored | Flaw::LowDescriptor | Flaw::FirstLine => 1,
            Flaw::Repeated => 2,
            _ => 0,
        }
    }
}

/// Something that is wrong, and what to do about it.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Which kind.
    pub flaw: Flaw,
    /// The file, or the directory.
    pub path: Vec<u8>,
    /// Where in the file, if that is known.
    pub at: Range<usize>,
    /// What is wrong; begins as the original's message does.
    pub what: String,
    /// Lines that show the place, with their ends.
    pub place: Vec<u8>,
    /// Ways out.
    pub help: Vec<String>,
}

impl Fault {
    /// A fault of a file.
    pub fn new(flaw: Flaw, path: Vec<u8>, what: impl Into<String>) -> Fault {
        let what = what.into();
        Fault { flaw, path, at: 0..0, what, place: Vec::new(), help: Vec::new() }
    }

    /// The system said no to something with a path.
    pub fn sys(verb: &str, path: &[u8], errno: Errno) -> Fault {
        let what = format!("unable to {verb} {}: {}", shown(path), sys::reason(errno));
        let fault = Fault::new(Flaw::System, path.to_vec(), what);
        match errno {
            Errno::EACCES => {
                fault.help("its permissions, or those of a directory above, forbid it")
            }
            _ => fault,
        }
    }

    /// The fault with one more way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Fault {
        self.help.push(help.into());
        self
    }

    /// The fault with its place, and the line that is there.
    #[must_use]
    pub fn at(mut self, source: &[u8], at: Range<usize>, cause: &[u8]) -> Fault {
        self.place = Place { file: &self.path, source, span: at.clone() }.show(cause);
        self.at = at;
        self
    }

    /// The message, with the lines' ends.
    pub fn message(&self, who: &str) -> Vec<u8> {
        let level = if self.flaw.code().is_some() { "fatal" } else { "warning" };
        let mut text = format!("{who}: {level}: {}\n", self.what).into_bytes();
        text.extend_from_slice(&self.place);
        for help in &self.help {
            text.extend_from_slice(b"help: ");
            text.extend_from_slice(help.as_bytes());
            text.push(b'\n');
        }
        text
    }
}

/// The exit code of a run with these faults: that of a definition goes before the system's.
pub fn code(faults: &[Fault]) -> Option<i32> {
    faults.iter().filter_map(|fault| fault.flaw.code()).min()
}

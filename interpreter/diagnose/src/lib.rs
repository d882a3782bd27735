//! Messages that say what is wrong, where, and what to do about it.
//!
//! A message's first line is upstream's, because people and programs look for it; what we know
//! beyond it follows:
//!
//! ```text
//! execlineb: fatal: unmatched } in file run
//! run:3:12: no block is open here
//!   foreground }
//!              ^
//! help: a } that is meant as a word is written \}
//! ```
//!
//! Everything here is a pure function of facts that were gathered elsewhere, and takes only as much
//! of a script or a name into the message as a terminal shows. It is a crate of its own because
//! the language is compiled for speed, and this for least room.

mod elf;
mod exec;
mod family;
mod names;
mod remedy;
mod shell;
mod show;

pub use elf::interpreter_of;
pub use exec::{ExecFacts, FileFacts, FileKind, is_foreign, why_exec_failed};
pub use family::package_of;
pub use names::{nearest, nearest_within};
pub use remedy::remedy;
pub use shell::{Habit, habit};
pub use show::{Place, position, printable, shortened, shown};

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// The cause, in a sentence whose subject is the thing that the message is about, without a
    /// full stop.
    pub cause: Vec<u8>,
    /// Ways out, the likeliest first.
    pub help: Vec<Vec<u8>>,
}

impl Remark {
    /// A cause without a way out.
    pub fn new(cause: impl Into<Vec<u8>>) -> Self {
        Remark { cause: cause.into(), help: Vec::new() }
    }

    /// The remark with one more way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<Vec<u8>>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The lines below a message's first one: the cause under the place's name or, where no place
    /// is known, the subject's; the place's line; the ways out.
    pub fn lines(&self, place: Option<&Place>, subject: &[u8]) -> Vec<u8> {
        let mut lines = match place {
            Some(place) => place.show(&self.cause),
            None => [&printable(subject), &b": "[..], &self.cause, b"\n"].concat(),
        };
        for help in &self.help {
            lines.extend_from_slice(&[b"help: ", &help[..], b"\n"].concat());
        }
        lines
    }
}

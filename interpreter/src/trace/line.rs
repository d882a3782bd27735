//! One line of a trace: what it tells, put into one of the formats.

use super::changes::Changes;
use super::variable::{Format, Known};
use crate::arg::{Arg, Argv};
use crate::args::number::Decimal;
use sys::Errno;
use sys::process::Status;

/// What happens.
pub(super) enum What<'a> {
    /// A word of this binary runs.
    Word {
        name: &'static str,
        argv: &'a Argv,
        /// How many words are not the rest of the chain.
        own: usize,
    },
    /// The process becomes another program.
    Exec { file: Arg, argv: &'a Argv },
    /// A program could not be run.
    Failed { program: Arg, errno: Errno },
    /// The process ends while it is this word.
    Exit { name: &'static str, code: i32 },
    /// A child has ended.
    End { pid: i32, status: Status },
}

/// A line, but for the pid of the process that writes it, which may not be known yet.
pub(super) struct Line<'a> {
    pub(super) micros: u64,
    /// The parent of the process that the line is about.
    pub(super) parent: i32,
    pub(super) depth: usize,
    pub(super) what: What<'a>,
    pub(super) changes: Changes,
    format: Format,
}

impl<'a> Line<'a> {
    pub(super) fn new(known: &Known, what: What<'a>, changes: Changes) -> Self {
        let depth = usize::try_from(known.depth).unwrap_or(usize::MAX);
        let (micros, parent) = (known.micros(), sys::process::getppid());
        Line { micros, parent, depth, what, changes, format: known.format }
    }

    /// What stands before the pid, behind it and, where that is not empty, behind the pid again.
    pub(super) fn pieces(&self) -> [Vec<u8>; 3] {
        match self.format {
            Format::Json => super::json::pieces(self),
            Format::Text => super::text::pieces(self, false),
            Format::Color => super::text::pieces(self, true),
        }
    }

    /// [`Line::pieces`] of a line that a child of this process is to write.
    pub(super) fn for_child(mut self) -> [&'static [u8]; 3] {
        self.parent = sys::process::getpid();
        self.pieces().map(|piece| &*piece.leak())
    }
}

/// Seconds with six decimals.
pub(super) fn seconds(micros: u64) -> Vec<u8> {
    let fraction = Decimal::new(1_000_000 + micros % 1_000_000);
    [&Decimal::new(micros / 1_000_000)[..], b".", &fraction[1..]].concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn seconds() {
        for (micros, text) in [(0, "0.000000"), (1_500_000, "1.500000"), (10_000_007, "10.000007")]
        {
            assert_eq!(super::seconds(micros), text.as_bytes());
        }
    }
}

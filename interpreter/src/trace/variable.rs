//! The variable `CHAINIT_TRACE`: where the trace goes, and what of it survives an exec.
//!
//! A person sets `FD` or `FD:FORMAT`. The first process that sees it puts in its place what its
//! successors have to know: `FD:FORMAT:START:DEPTH:DEV:INO`, in decimal, where START is the
//! beginning of the trace in nanoseconds of the monotonic clock, DEPTH how many blocks lie around
//! the process, and DEV and INO the file that FD was. Behind that stands `:announced` for a word
//! whose line has been written, or `:hidden` where besides it may not see the variable.

use crate::arg::{Arg, leak};
use crate::args::number::{Decimal, uint, uint64};
use crate::env::Env;
use sys::Errno;

/// Its name. Every process looks for it: a static of its own stands where the layout of the musl
/// build puts it, while a literal lies among those that nobody needs.
static LETTERS: [u8; 13] = *b"CHAINIT_TRACE";

/// Its name.
pub(super) const NAME: &[u8] = &LETTERS;

/// Where the copy of a standard descriptor is put: at the first of these or above, as the limit of
/// open files allows.
const HIGH: [i32; 4] = [1000, 200, 50, 10];

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For people, in colour.
    Color,
    /// One JSON object a line.
    Json,
}

const FORMATS: [(&str, Format); 3] =
    [("text", Format::Text), ("color", Format::Color), ("json", Format::Json)];

impl Format {
    /// Text; in colour if the descriptor is a terminal and `NO_COLOR` is not set.
    pub fn text_for(fd: i32, env: &Env) -> Format {
        let plain = env.get(b"NO_COLOR").is_some_and(|value| !value.is_empty());
        if !plain && sys::fd::is_terminal(fd) { Format::Color } else { Format::Text }
    }

    fn name(self) -> &'static str {
        FORMATS.iter().find(|(_, format)| *format == self).map_or("text", |(name, _)| name)
    }

    fn named(name: &[u8]) -> Option<Format> {
        FORMATS.iter().find(|(n, _)| n.as_bytes() == name).map(|(_, format)| *format)
    }
}

/// Why there can be no trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The value is not understood.
    Value,
    /// The descriptor is not open.
    Fd(Errno),
}

impl Unusable {
    /// Warns of it. The script runs all the same.
    pub(super) fn warn(self, value: &[u8]) {
        let (cause, help): (&[u8], &[u8]) = match self {
            Unusable::Value => (
                b" is no descriptor",
                b"CHAINIT_TRACE=FD or FD:text, FD:color, FD:json, where FD is the number of an \
                  open descriptor",
            ),
            Unusable::Fd(_) => {
                (b" is not open: nothing is traced", b"CHAINIT_TRACE=9 command 9>>FILE")
            }
        };
        let shown = crate::diagnose::printable(value);
        let parts: [&[u8]; 6] =
            [b"chainit: warning: CHAINIT_TRACE=", &shown, cause, b"\nhelp: ", help, b"\n"];
        let _ = sys::fd::write_all(2, &parts.concat());
    }
}

/// What is known of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) fd: i32,
    pub(super) format: Format,
    /// Nanoseconds of the monotonic clock.
    pub(super) start: u64,
    pub(super) depth: u64,
    /// The device and the inode behind the descriptor.
    pub(super) file: (u64, u64),
}

impl Known {
    /// A trace that begins now. What goes to a standard descriptor goes to a copy of it, under a
    /// number that scripts don't use, because what they do with 2 is not meant for the trace.
    fn new(fd: i32, format: Format) -> Result<Known, Unusable> {
        if fd <= 2 {
            return Known::high(fd, format);
        }
        let file = file_of(fd).ok_or(Unusable::Fd(Errno::EBADF))?;
        Ok(Known { fd, format, start: now(), depth: 0, file })
    }

    /// A trace that begins now, through a copy of that descriptor.
    pub(super) fn high(fd: i32, format: Format) -> Result<Known, Unusable> {
        sys::fd::flags(fd).map_err(Unusable::Fd)?;
        let copy = HIGH.iter().find_map(|&high| sys::fd::dup_above(fd, high, false).ok());
        Known::new(copy.ok_or(Unusable::Fd(Errno::EMFILE))?, format)
    }

    /// The descriptor is open, and still the same file.
    pub(super) fn is_there(&self) -> bool {
        file_of(self.fd) == Some(self.file)
    }

    /// The microseconds since the begin.
    pub(super) fn micros(&self) -> u64 {
        now().saturating_sub(self.start) / 1000
    }

    /// The variable as it is handed on, with a mark at the end.
    pub(super) fn word(&self, mark: &str) -> Arg {
        let mut word = [NAME, b"=", &Decimal::new(self.fd as u64)[..], b":"].concat();
        word.extend_from_slice(self.format.name().as_bytes());
        for number in [self.start, self.depth, self.file.0, self.file.1] {
            word.push(b':');
            word.extend_from_slice(&Decimal::new(number));
        }
        word.extend_from_slice(mark.as_bytes());
        leak(word)
    }
}

fn file_of(fd: i32) -> Option<(u64, u64)> {
    sys::fs::fstat(fd).ok().map(|s| (s.dev, s.ino))
}

fn now() -> u64 {
    u64::try_from(sys::time::monotonic().nanos()).unwrap_or(0)
}

/// What the variable says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) known: Known,
    pub(super) announced: bool,
    pub(super) hidden: bool,
}

impl Variable {
    pub(super) fn parse(value: &[u8], env: &Env) -> Result<Variable, Unusable> {
        let fields: Vec<&[u8]> = value.split(|&b| b == b':').collect();
        let fd = uint(fields[0]).and_then(|fd| i32::try_from(fd).ok()).ok_or(Unusable::Value)?;
        let format = match fields.get(1) {
            Some(name) => Format::named(name).ok_or(Unusable::Value)?,
            None => Format::text_for(fd, env),
        };
        let numbers: Option<Vec<u64>> = fields.iter().skip(2).take(4).map(|f| uint64(f)).collect();
        let (known, mark) = match (numbers.as_deref(), fields.get(6)) {
            (Some([]), None) => (Known::new(fd, format)?, None),
            (Some(&[start, depth, dev, ino]), mark) => {
                (Known { fd, format, start, depth, file: (dev, ino) }, mark.copied())
            }
            _ => return Err(Unusable::Value),
        };
        let hidden = mark == Some(b"hidden");
        Ok(Variable { known, announced: mark.is_some(), hidden })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_on_is_understood() {
        for format in [Format::Text, Format::Color, Format::Json] {
            let known = Known { fd: 9, format, start: 123, depth: 4, file: (5, u64::MAX) };
            for (mark, announced, hidden) in
                [("", false, false), (":announced", true, false), (":hidden", true, true)]
            {
                let word = known.word(mark).to_bytes();
                let value = word.strip_prefix(b"CHAINIT_TRACE=").unwrap();
                assert_eq!(
                    Variable::parse(value, &Env::default()),
                    Ok(Variable { known, announced, hidden })
                );
            }
        }
    }

    #[test]
    fn what_is_no_value() {
        for value in ["", "x", "-1", "9:", "9:xml", "9:json:", "9:json:1", "9:json:1:2:3:x", "9 "] {
            let parsed = Variable::parse(value.as_bytes(), &Env::default());
            assert_eq!(parsed, Err(Unusable::Value), "{value}");
        }
        assert_eq!(Variable::parse(b"999:text", &Env::default()), Err(Unusable::Fd(Errno::EBADF)));
    }
}

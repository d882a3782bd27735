//! What `forstdin` reads: a round's value at a time, and no more of the input at once than the
//! original, because the rounds' children read on where it stops.

use interpreter::args::number::uint64_prefix;
use sys::{Errno, Result};

/// The room of the original's buffer.
const ROOM: usize = 8191;

/// As many digits, and their colon, are looked at for a netstring's length.
const LENGTH: usize = 21;

/// How values are told apart.
pub enum Cut<'a> {
    /// By any of these bytes.
    At(&'a [u8]),
    /// Each is a netstring.
    Netstrings,
}

/// What has been read.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A value with its delimiter.
    Ended,
    /// A value that the end of the input cut short.
    Unended,
    /// A netstring's value.
    Whole,
    /// The end.
    Nothing,
}

/// The standard input.
pub struct Lines {
    buffer: Vec<u8>,
    at: usize,
}

impl Lines {
    /// Nothing has been read.
    pub fn new() -> Lines {
        Lines { buffer: Vec::with_capacity(ROOM), at: 0 }
    }

    /// Puts the next value into `value`. `EPROTO`: no netstring, or not all of one.
    pub fn next(&mut self, cut: &Cut, value: &mut Vec<u8>) -> Result<Line> {
        value.clear();
        match cut {
            Cut::At(delimiters) => self.line(delimiters, value),
            Cut::Netstrings => self.netstring(value),
        }
    }

    fn line(&mut self, delimiters: &[u8], value: &mut Vec<u8>) -> Result<Line> {
        loop {
            let rest = &self.buffer[self.at..];
            let end = match delimiters {
                [one] => rest.iter().position(|b| b == one),
                several => rest.iter().position(|b| several.contains(b)),
            };
            let taken = end.map_or(rest.len(), |end| end + 1);
            value.extend_from_slice(&rest[..taken]);
            self.at += taken;
            if end.is_some() {
                return Ok(Line::Ended);
            }
            if !self.fill()? {
                return Ok(if value.is_empty() { Line::Nothing } else { Line::Unended });
            }
        }
    }

    fn netstring(&mut self, value: &mut Vec<u8>) -> Result<Line> {
        let colon = loop {
            let head = &self.buffer[self.at..];
            let head = &head[..head.len().min(LENGTH)];
            match head.iter().position(|&b| b == b':') {
                Some(colon) => break colon,
                None if head.len() == LENGTH => return Err(Errno::EPROTO),
                None if self.fill()? => {}
                None if self.at == self.buffer.len() => return Ok(Line::Nothing),
                None => return Err(Errno::EPROTO),
            }
        };
        let (length, digits) = uint64_prefix(&self.buffer[self.at..self.at + colon]);
        let whole = usize::try_from(length).ok().and_then(|length| length.checked_add(1));
        let Some(mut left) = whole.filter(|_| colon > 0 && digits == colon) else {
            return Err(Errno::EPROTO);
        };
        self.at += colon + 1;
        loop {
            let rest = &self.buffer[self.at..];
            let taken = rest.len().min(left);
            value.try_reserve(taken).map_err(|_| Errno::ENOMEM)?;
            value.extend_from_slice(&rest[..taken]);
            self.at += taken;
            left -= taken;
            if left == 0 {
                break;
            }
            if !self.fill()? {
                return Err(Errno::EPROTO);
            }
        }
        if value.pop() == Some(b',') { Ok(Line::Whole) } else { Err(Errno::EPROTO) }
    }

    /// Reads once, into what room is left; false at the end.
    fn fill(&mut self) -> Result<bool> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let filled = self.buffer.len();
        self.buffer.resize(ROOM, 0);
        let got = sys::fd::read(0, &mut self.buffer[filled..]);
        self.buffer.truncate(filled + *got.as_ref().unwrap_or(&0));
        Ok(got? > 0)
    }
}

//! The syntax of execline: bytes to words and blocks, in argv form.
//!
//! In argv form a block is words too: each of its words has one space more in front than the word
//! that the block belongs to, and a word that lacks just that space ends it. The parser writes that
//! form into one buffer as it reads, and keeps nothing else: it is on the way from `execlineb` to
//! the first exec of every script.
//!
//! What stands where in the source is found out by parsing again, when a message needs it.
//!
//! The rules are upstream's (`el_parse`), observed on the real program:
//! - words are separated by the bytes 1 to 32; the script ends at its end or at the first NUL;
//! - `#` where a word could begin starts a comment, up to the end of the line;
//! - `{` is a block's begin where a word could begin and a separator follows, and `}` its end where
//!   a separator or the end follows; elsewhere both are bytes like any other, as `#` is;
//! - outside of quotes a backslash makes any byte behind it a byte of a word; but where a word could
//!   begin, a backslash and a line's end are skipped;
//! - in double quotes `\a \b \t \n \v \f \r` are control bytes, `\0x41 \0101 \65` (at most two
//!   hexadecimal, three octal, three decimal digits) any byte from 1 to 255, a backslash and a
//!   line's end are skipped, and a backslash in front of any other byte stands for that byte;
//! - quotes may begin and end anywhere in a word;
//! - a number's escape may be the last thing of a script, its quotes then being closed by the end;
//! - a brace with a backslash behind it, where a word could begin, is the begin of the next word,
//!   whatever separates the two, and is forgotten where there is none.

mod error;
mod lexer;
mod writer;

pub use error::{SyntaxError, SyntaxErrorKind};

use std::ops::Range;
use writer::{Trace, write};

/// The words of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The words in argv form, each with a NUL behind it.
    pub blob: Vec<u8>,
    /// How many words.
    pub count: usize,
}

/// Where a word stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// In [`Parsed::blob`], with the spaces in front and the NUL behind.
    pub blob: Range<usize>,
    /// In the source, as it is written.
    pub source: Range<usize>,
}

/// Parses a script.
pub fn parse(source: &[u8]) -> Result<Parsed, SyntaxError> {
    write(source, &mut ()).map_err(|error| match error.kind {
        SyntaxErrorKind::UnmatchedOpen => unmatched_open(source),
        _ => error,
    })
}

/// The error at the innermost of the blocks that are open at the end.
fn unmatched_open(source: &[u8]) -> SyntaxError {
    let open = blocks(source).iter().rev().find(|b| b.close.is_none()).map_or(0, |b| b.open);
    SyntaxError { kind: SyntaxErrorKind::UnmatchedOpen, place: open..open + 1 }
}

/// Where the words stand, as far as the script parses.
pub fn spans(source: &[u8]) -> Vec<Span> {
    let mut spans = Spans(Vec::new());
    // An error ends the list; whoever wants it has called `parse`.
    let _ = write(source, &mut spans);
    spans.0
}

/// Where in the source the word stands that byte `blob_offset` of [`Parsed::blob`] belongs to.
pub fn place_of(source: &[u8], blob_offset: usize) -> Option<Range<usize>> {
    spans(source).into_iter().find(|s| s.blob.contains(&blob_offset)).map(|s| s.source)
}

/// A block: where its `{` stands, and its `}` if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The offset of its `{`.
    pub open: usize,
    /// The offset of its `}`.
    pub close: Option<usize>,
}

/// The blocks, by where they begin, as far as the script parses.
pub fn blocks(source: &[u8]) -> Vec<Block> {
    let mut blocks = Blocks::default();
    // As in `spans`.
    let _ = write(source, &mut blocks);
    blocks.all
}

/// Where the quoted parts of words stand, their quotes included, as far as the script parses.
pub fn quotes(source: &[u8]) -> Vec<Range<usize>> {
    let mut quotes = Quotes(Vec::new());
    // As in `spans`.
    let _ = write(source, &mut quotes);
    quotes.0
}

struct Quotes(Vec<Range<usize>>);

impl Trace for Quotes {
    fn quotes(&mut self, source: Range<usize>) {
        self.0.push(source);
    }
}

struct Spans(Vec<Span>);

impl Trace for Spans {
    fn word(&mut self, source: Range<usize>, blob: Range<usize>) {
        self.0.push(Span { blob, source });
    }
}

#[derive(Default)]
struct Blocks {
    all: Vec<Block>,
    unclosed: Vec<usize>,
}

impl Trace for Blocks {
    fn open(&mut self, at: usize) {
        self.unclosed.push(self.all.len());
        self.all.push(Block { open: at, close: None });
    }

    fn close(&mut self, at: usize) {
        if let Some(block) = self.unclosed.pop().and_then(|index| self.all.get_mut(index)) {
            block.close = Some(at);
        }
    }
}

#[cfg(test)]
mod tests;

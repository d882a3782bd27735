//! Tokens to argv form.

use super::lexer::{Fault, Piece, Token, is_space, piece, quoted_piece, token};
use super::{Parsed, SyntaxError, SyntaxErrorKind as Kind};
use std::ffi::CStr;
use std::ops::Range;

/// Is told of what is written, and where it stood in the source.
pub(super) trait Trace {
    fn word(&mut self, _source: Range<usize>, _blob: Range<usize>) {}
    fn quotes(&mut self, _source: Range<usize>) {}
    fn open(&mut self, _at: usize) {}
    fn close(&mut self, _at: usize) {}
}

impl Trace for () {}

/// How many spaces may be written in front of words altogether: the form costs a space a word and
/// level, the square of a script's length at worst. The kernel takes 6 MiB as the arguments of a
/// program, so that upstream can't run what is anywhere near it.
const MOST_SPACES: usize = 64 << 20;

/// Writes the argv form of a script.
pub(super) fn write<T: Trace>(source: &[u8], trace: &mut T) -> Result<Parsed, SyntaxError> {
    let source = CStr::from_bytes_until_nul(source).map_or(source, CStr::to_bytes);
    let mut writer = Writer {
        blob: Vec::with_capacity(source.len() + source.len() / 4 + 1),
        count: 0,
        ended: 0,
        depth: 0,
        spaces: 0,
        source_len: source.len(),
        word_at: None,
        trace,
    };
    let mut rest = source;
    while !rest.is_empty() {
        rest = writer.step(rest)?;
    }
    writer.finish()
}

struct Writer<'t, T> {
    blob: Vec<u8>,
    count: usize,
    /// The length of the words that are complete.
    ended: usize,
    depth: usize,
    /// How many spaces have been written.
    spaces: usize,
    source_len: usize,
    /// Where in the source the word that is not complete began.
    word_at: Option<usize>,
    trace: &'t mut T,
}

impl<T: Trace> Writer<'_, T> {
    fn step<'s>(&mut self, input: &'s [u8]) -> Result<&'s [u8], SyntaxError> {
        let (rest, token) = token(input).map_err(|e| self.error(e))?;
        match token {
            Token::Space => {}
            Token::Open => {
                self.depth += 1;
                self.trace.open(self.offset(input));
            }
            Token::Close => self.close(input)?,
            Token::Joined(brace) => {
                self.begin(input)?;
                self.blob.push(brace);
            }
            Token::Word => {
                self.begin(input)?;
                let rest = self.word(input)?;
                self.end(rest);
                return Ok(rest);
            }
        }
        Ok(rest)
    }

    fn close(&mut self, input: &[u8]) -> Result<(), SyntaxError> {
        let at = self.offset(input);
        let outer = self.depth.checked_sub(1);
        self.depth = outer.ok_or(SyntaxError { kind: Kind::UnmatchedClose, place: at..at + 1 })?;
        self.trace.close(at);
        self.begin(input)?;
        self.end(&input[1..]);
        Ok(())
    }

    fn begin(&mut self, input: &[u8]) -> Result<(), SyntaxError> {
        let at = self.offset(input);
        self.word_at.get_or_insert(at);
        self.spaces += self.depth;
        if self.spaces > MOST_SPACES {
            return Err(SyntaxError { kind: Kind::TooDeep, place: at..at + 1 });
        }
        self.blob.resize(self.blob.len() + self.depth, b' ');
        Ok(())
    }

    fn end(&mut self, rest: &[u8]) {
        self.blob.push(0);
        let began = self.word_at.take().unwrap_or_default();
        self.trace.word(began..self.offset(rest), self.ended..self.blob.len());
        self.ended = self.blob.len();
        self.count += 1;
    }

    fn word<'s>(&mut self, mut input: &'s [u8]) -> Result<&'s [u8], SyntaxError> {
        loop {
            let (rest, piece) = match piece(input) {
                Ok(lexed) => lexed,
                Err(nom::Err::Failure(fault)) => return Err(self.fault(fault)),
                Err(_) => return Ok(input),
            };
            input = rest;
            match piece {
                Piece::Bytes(bytes) => {
                    self.blob.extend_from_slice(bytes);
                    // Nearly every word ends so.
                    if rest.first().is_none_or(|&byte| is_space(byte)) {
                        return Ok(rest);
                    }
                }
                Piece::Quote => input = self.quoted(rest)?,
                Piece::Number(_) => {}
            }
        }
    }

    fn quoted<'s>(&mut self, begin: &'s [u8]) -> Result<&'s [u8], SyntaxError> {
        let mut input = begin;
        loop {
            let (rest, piece) = match quoted_piece(input) {
                Ok(lexed) => lexed,
                Err(nom::Err::Failure(fault)) => return Err(self.fault(fault)),
                Err(_) => return Err(self.unterminated(begin)),
            };
            input = rest;
            match piece {
                Piece::Bytes(bytes) => self.blob.extend_from_slice(bytes),
                Piece::Quote => {
                    self.trace.quotes(self.offset(begin) - 1..self.offset(rest));
                    return Ok(rest);
                }
                Piece::Number(byte) => {
                    self.blob.push(byte);
                    if rest.is_empty() {
                        return Ok(rest);
                    }
                }
            }
        }
    }

    fn finish(mut self) -> Result<Parsed, SyntaxError> {
        if self.depth > 0 {
            // Where it was opened is for the caller to find: remembering it would cost every script.
            let place = self.source_len..self.source_len;
            return Err(SyntaxError { kind: Kind::UnmatchedOpen, place });
        }
        self.blob.truncate(self.ended);
        Ok(Parsed { blob: self.blob, count: self.count })
    }

    fn offset(&self, rest: &[u8]) -> usize {
        self.source_len - rest.len()
    }

    fn unterminated(&self, begin: &[u8]) -> SyntaxError {
        let quote = self.offset(begin) - 1;
        SyntaxError { kind: Kind::UnterminatedQuote, place: quote..quote + 1 }
    }

    fn error(&self, error: nom::Err<Fault>) -> SyntaxError {
        match error {
            nom::Err::Error(fault) | nom::Err::Failure(fault) => self.fault(fault),
            nom::Err::Incomplete(_) => self.fault(Fault { rest: &[], kind: None }),
        }
    }

    /// An escape's place begins with its backslash, which the lexer has taken already.
    fn fault(&self, fault: Fault) -> SyntaxError {
        let at = self.offset(fault.rest);
        let kind = fault.kind.unwrap_or(Kind::UnterminatedQuote);
        let digits = fault.rest.iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
        let (start, end) = match kind {
            Kind::NoDigits if fault.rest.starts_with(b"0x") => (at - 1, at + 2),
            Kind::NoDigits => (at - 1, at + 1),
            Kind::NullEscape | Kind::EscapeTooBig(_) => (at - 1, at + 1 + digits),
            _ => (at, at + 1),
        };
        SyntaxError { kind, place: start..end.min(self.source_len) }
    }
}

//! Substitution (`el_substitute`): `$key` and `${key}` in the words of a command line become the
//! key's value, all keys at once, so that no value is ever looked at for a key.
//!
//! The key is everything from the `$` up to the next of `$ { } \` or the word's end; in braces, up
//! to the `}`. There is no longest match: with the key `A`, `$AB` is left alone. A key in front of
//! which stand 2n backslashes is replaced, and n of them stay; in front of 2n+1 it is left, and
//! again n stay. Backslashes before a `$` that names no key of ours are left as they are.
//!
//! A value of several words makes of a word with the key in it several words, one each; with
//! several such keys in a word, the leftmost changes slowest. A value of no words removes the word.

use crate::arg::{Arg, Argv, leak};
use std::ffi::CStr;

/// A key and the words that take its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subst {
    /// The key: any bytes but NUL; one that holds `$ { } \` can't be written in a word.
    pub name: Vec<u8>,
    /// Its value: one word, or several or none after a split.
    pub values: Vec<Vec<u8>>,
}

/// The words that take the place of a key.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// Words computed by a command.
    Computed(&'a [Vec<u8>]),
    /// Words that some command line already holds.
    Words(&'a [Arg]),
}

/// What keys stand for.
pub trait Keys {
    /// The value of `name`; none if it is no key.
    fn lookup(&self, name: &[u8]) -> Option<Values<'_>>;
}

/// Substitution would make more than a gigabyte of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the substitution makes too many words to hold in memory")]
pub struct TooBig;

/// How much one substitution may make. The kernel takes 6 MiB as the arguments of a program, so
/// that upstream can't exec what is anywhere near it.
const MOST_BYTES: usize = 1 << 30;

/// The words after substitution. One that has no key in it comes out as the same pointer.
pub fn substitute(words: &[Arg], keys: &dyn Keys) -> Result<Vec<Arg>, TooBig> {
    substitute_into(words, keys, Box::leak(Box::default()))
}

/// [`substitute`] in a command line, in which all words stay where they are while each key in them
/// has one value.
pub fn substitute_in(mut argv: Argv, keys: &dyn Keys) -> Result<Argv, TooBig> {
    let (mut pieces, mut made) = (Vec::new(), 0);
    let mut at = 0;
    while let Some(plain) = argv[at..].iter().position(|word| {
        dissect(word.to_bytes(), keys, &mut pieces);
        !pieces.is_empty()
    }) {
        at += plain;
        let Some(word) = joined(&pieces) else {
            let rest = substitute(&argv[at..], keys)?;
            argv.replace_from(at, &rest);
            break;
        };
        made += word.len();
        if made > MOST_BYTES {
            return Err(TooBig);
        }
        argv.set(at, leak(word));
        at += 1;
    }
    Ok(argv)
}

/// The word that the pieces make, if they make one.
fn joined(pieces: &[Piece]) -> Option<Vec<u8>> {
    if pieces.iter().any(|piece| matches!(piece, Piece::Key(values, _) if values.len() != 1)) {
        return None;
    }
    let bytes = |piece: &Piece<'_>| piece.bytes().len();
    let mut word = Vec::with_capacity(pieces.iter().map(bytes).sum::<usize>() + 1);
    pieces.iter().for_each(|piece| word.extend_from_slice(piece.bytes()));
    Some(word)
}

/// [`substitute`], with the new words in a buffer of the caller's, whose bytes are given up.
pub fn substitute_into<'a>(
    words: &[&'a CStr],
    keys: &dyn Keys,
    fresh: &'a mut Vec<u8>,
) -> Result<Vec<&'a CStr>, TooBig> {
    fresh.clear();
    let mut out = Output { words: Vec::with_capacity(words.len()), fresh, runs: Vec::new() };
    let mut pieces = Vec::new();
    for &word in words {
        dissect(word.to_bytes(), keys, &mut pieces);
        if pieces.is_empty() {
            out.words.push(word);
        } else {
            out.product(&pieces)?;
        }
    }
    Ok(out.finish())
}

impl Keys for &[Subst] {
    fn lookup(&self, name: &[u8]) -> Option<Values<'_>> {
        self.iter().find(|s| s.name == name).map(|s| Values::Computed(&s.values))
    }
}

impl Keys for Vec<Subst> {
    fn lookup(&self, name: &[u8]) -> Option<Values<'_>> {
        self.iter().find(|s| s.name == name).map(|s| Values::Computed(&s.values))
    }
}

impl<A: Keys, B: Keys> Keys for (A, B) {
    fn lookup(&self, name: &[u8]) -> Option<Values<'_>> {
        self.0.lookup(name).or_else(|| self.1.lookup(name))
    }
}

impl<'a> Values<'a> {
    /// How many words.
    pub fn len(&self) -> usize {
        match self {
            Values::Computed(words) => words.len(),
            Values::Words(words) => words.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a word; none beyond the last.
    pub fn get(&self, index: usize) -> &'a [u8] {
        let bytes = match self {
            Values::Computed(words) => words.get(index).map(Vec::as_slice),
            Values::Words(words) => words.get(index).map(|w| w.to_bytes()),
        };
        bytes.and_then(|b| b.split(|&b| b == 0).next()).unwrap_or_default()
    }

    fn bytes(&self) -> usize {
        (0..self.len()).map(|i| self.get(i).len()).sum()
    }
}

/// A part of a word that is made anew.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Literal(&'a [u8]),
    /// A key's words, and which of them is being written.
    Key(Values<'a>, usize),
}

impl<'a> Piece<'a> {
    /// What is written for it in this turn.
    fn bytes(&self) -> &'a [u8] {
        match self {
            Piece::Literal(bytes) => bytes,
            Piece::Key(values, index) => values.get(*index),
        }
    }
}

/// Something in a word that is written as a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Where its `$` stands.
    pub dollar: usize,
    /// Behind its last byte, which is the `}` if it has braces.
    pub end: usize,
    /// The key.
    pub name: &'a [u8],
}

/// All that is written as a key in a word, whether it is one or not; a backslash in front of it is
/// for the caller to look at.
pub fn references(word: &[u8]) -> impl Iterator<Item = Reference<'_>> {
    std::iter::successors(next_reference(word, 0), move |found| next_reference(word, found.end))
}

/// Takes a word apart at the keys that are ours; leaves `pieces` empty if there are none.
fn dissect<'a>(word: &'a [u8], keys: &'a dyn Keys, pieces: &mut Vec<Piece<'a>>) {
    pieces.clear();
    // Most words have none, and this search takes a fraction of the other's time.
    if !word.contains(&b'$') {
        return;
    }
    let mut copied = 0;
    let mut from = 0;
    while let Some(found) = next_reference(word, from) {
        from = found.end;
        let Some(values) = keys.lookup(found.name) else { continue };
        let backslashes =
            word[copied..found.dollar].iter().rev().take_while(|&&b| b == b'\\').count();
        let quoted = backslashes % 2 == 1;
        pieces.push(Piece::Literal(&word[copied..found.dollar - backslashes.div_ceil(2)]));
        copied = if quoted { found.dollar } else { found.end };
        if !quoted {
            pieces.push(Piece::Key(values, 0));
        }
    }
    if !pieces.is_empty() {
        pieces.push(Piece::Literal(&word[copied..]));
    }
}

fn next_reference(word: &[u8], mut from: usize) -> Option<Reference<'_>> {
    loop {
        let dollar = from + word[from..].iter().position(|&b| b == b'$')?;
        let braced = word.get(dollar + 1) == Some(&b'{');
        let start = dollar + 1 + usize::from(braced);
        let len =
            word[start..].iter().take_while(|b| !matches!(b, b'\\' | b'$' | b'{' | b'}')).count();
        let end = start + len;
        let closed = !braced || word.get(end) == Some(&b'}');
        if len > 0 && closed {
            let name = &word[start..end];
            return Some(Reference { dollar, end: end + usize::from(braced), name });
        }
        from = end;
    }
}

/// New words are written into one buffer; until it is whole each has a place among the words that
/// are kept.
struct Output<'a> {
    words: Vec<&'a CStr>,
    fresh: &'a mut Vec<u8>,
    /// Runs of new words: the index of the first, and how many.
    runs: Vec<(usize, usize)>,
}

impl<'a> Output<'a> {
    /// Writes every word that the pieces make, the last key changing fastest.
    fn product(&mut self, pieces: &[Piece]) -> Result<(), TooBig> {
        let count = self.reserve(pieces).ok_or(TooBig)?;
        self.runs.push((self.words.len(), count));
        self.words.resize(self.words.len() + count, c"");
        let mut pieces = pieces.to_vec();
        for _ in 0..count {
            pieces.iter().for_each(|piece| self.fresh.extend_from_slice(piece.bytes()));
            self.fresh.push(0);
            turn(&mut pieces);
        }
        Ok(())
    }

    /// How many words the pieces make, if there is room for them.
    fn reserve(&mut self, pieces: &[Piece]) -> Option<usize> {
        let count = pieces.iter().try_fold(1usize, |n, piece| match piece {
            Piece::Literal(_) => Some(n),
            Piece::Key(values, _) => n.checked_mul(values.len()),
        });
        let count = match count {
            Some(count) => count,
            None if pieces.iter().any(|p| matches!(p, Piece::Key(v, _) if v.is_empty())) => 0,
            None => return None,
        };
        let each = pieces.iter().try_fold(0usize, |sum, piece| {
            sum.checked_add(match piece {
                Piece::Literal(bytes) => bytes.len().checked_mul(count)?,
                Piece::Key(values, _) => {
                    values.bytes().checked_mul(count.checked_div(values.len()).unwrap_or(0))?
                }
            })
        })?;
        let bytes = each.checked_add(count)?;
        let words = count.checked_add(self.words.len())?.checked_mul(size_of::<Arg>())?;
        let total = self.fresh.len().checked_add(bytes)?.checked_add(words)?;
        let reserved = total <= MOST_BYTES
            && self.fresh.try_reserve(bytes).is_ok()
            && self.words.try_reserve(count).is_ok();
        reserved.then_some(count)
    }

    fn finish(mut self) -> Vec<&'a CStr> {
        let mut rest: &'a [u8] = self.fresh;
        for (first, count) in self.runs {
            for word in &mut self.words[first..first + count] {
                if let Ok(new) = CStr::from_bytes_until_nul(rest) {
                    *word = new;
                    rest = &rest[new.to_bytes_with_nul().len()..];
                }
            }
        }
        self.words
    }
}

/// Goes on to the next word of the product, as an odometer does.
fn turn(pieces: &mut [Piece]) {
    for piece in pieces.iter_mut().rev() {
        if let Piece::Key(values, index) = piece {
            *index += 1;
            if *index < values.len() {
                return;
            }
            *index = 0;
        }
    }
}

#[cfg(test)]
mod tests;

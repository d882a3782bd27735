//! Keys to values in words, against a substitution that writes out every word.
//!
//! An input is parts between NULs: how many keys there are (the first part's length), then for
//! each key its name and its values, with the byte 1 between them, and then the words.

use super::input::parts;
use interpreter::arg::leak;
use interpreter::args::subst::{Subst, TooBig, substitute};

/// What one substitution may make, in words; beyond a thousand times that it has to refuse.
const MOST: u128 = 1 << 16;

enum Piece<'a> {
    Text(Vec<u8>),
    Key(&'a [Vec<u8>]),
}

pub fn substitution(input: &[u8]) -> usize {
    let mut rest = parts(input);
    let count = rest.next().map_or(0, <[u8]>::len).min(4);
    let mut keys: Vec<Subst> = Vec::new();
    for _ in 0..count {
        let (Some(name), Some(values)) = (rest.next(), rest.next()) else { break };
        let values = match values {
            b"" => Vec::new(),
            all => all.split(|&b| b == 1).map(<[u8]>::to_vec).collect(),
        };
        keys.push(Subst { name: name.to_vec(), values });
    }
    let words: Vec<_> = rest.map(|word| leak(word.to_vec())).collect();
    let taken: Vec<Vec<Piece>> = words.iter().map(|w| take_apart(w.to_bytes(), &keys)).collect();
    let made: u128 = taken.iter().map(|pieces| size(pieces)).fold(0, u128::saturating_add);
    if made > MOST {
        // The words in front of one that is too big may be made, which takes a while.
        if taken.first().is_some_and(|pieces| size(pieces) > MOST << 20) {
            assert_eq!(substitute(&words[..1], &keys), Err(TooBig));
        }
        return 0;
    }
    let mut expected = Vec::new();
    // Where a key has no value, none of the others' need to be gone through.
    let any = taken.iter().filter(|pieces| size(pieces) > 0);
    any.for_each(|pieces| expand(pieces, Vec::new(), &mut expected));
    let result: Vec<_> = substitute(&words, &keys).unwrap();
    assert!(result.iter().map(|w| w.to_bytes()).eq(expected.iter().map(Vec::as_slice)));
    16 * usize::try_from(made).unwrap()
}

/// The bytes that the pieces make, and one more for each word.
fn size(pieces: &[Piece]) -> u128 {
    let each = |piece: &Piece| match piece {
        Piece::Text(_) => 1,
        Piece::Key(values) => values.len() as u128,
    };
    let count = match pieces.iter().any(|piece| each(piece) == 0) {
        true => 0,
        false => pieces.iter().map(each).fold(1, u128::saturating_mul),
    };
    let longest = |piece: &Piece| match piece {
        Piece::Text(text) => text.len(),
        Piece::Key(values) => values.iter().map(Vec::len).max().unwrap_or(0),
    };
    let longest: usize = pieces.iter().map(longest).sum();
    // Refusing goes by the true size, which is at least one byte a word.
    if count > MOST << 20 { count } else { count * (longest as u128 + 1) }
}

fn take_apart<'a>(word: &[u8], keys: &'a [Subst]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut text: Vec<u8> = Vec::new();
    let mut at = 0;
    while at < word.len() {
        if word[at] != b'$' {
            text.push(word[at]);
            at += 1;
            continue;
        }
        let braced = word.get(at + 1) == Some(&b'{');
        let from = at + 1 + usize::from(braced);
        let ends = |b: &u8| matches!(b, b'$' | b'{' | b'}' | b'\\');
        let to = word[from..].iter().position(ends).map_or(word.len(), |n| from + n);
        let closed = !braced || word.get(to) == Some(&b'}');
        let valid = to > from && closed;
        let end = if valid { to + usize::from(braced) } else { to };
        let key = keys.iter().find(|key| valid && key.name == word[from..to]);
        let slashes = text.iter().rev().take_while(|&&b| b == b'\\').count();
        match key {
            None => text.extend_from_slice(&word[at..end]),
            Some(key) => {
                text.truncate(text.len() - slashes.div_ceil(2));
                if slashes % 2 == 1 {
                    text.extend_from_slice(&word[at..end]);
                } else {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(Piece::Key(&key.values));
                }
            }
        }
        at = end;
    }
    pieces.push(Piece::Text(text));
    pieces
}

fn expand(pieces: &[Piece], so_far: Vec<u8>, out: &mut Vec<Vec<u8>>) {
    match pieces {
        [] => out.push(so_far),
        [Piece::Text(text), rest @ ..] => expand(rest, [so_far, text.clone()].concat(), out),
        [Piece::Key(values), rest @ ..] => {
            for value in *values {
                expand(rest, [&so_far[..], value].concat(), out);
            }
        }
    }
}

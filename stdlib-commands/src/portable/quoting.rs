//! Quoted strings: `\` before what means something, and `\0x` with two digits for bytes that are
//! no text.

use interpreter::word::Fail;
use sys::Errno;

/// The letters behind a backslash for the bytes from 7 on.
const LETTERS: &[u8; 7] = b"abtnvfr";

/// Quotes all that is a delimiter, a backslash, or no text. Exit code 111 for a delimiter that
/// could not be told from what is written behind a backslash.
pub fn quote(out: &mut Vec<u8>, text: &[u8], delimiters: &[u8]) -> Result<(), Fail> {
    let bad = |b: &u8| !(b' '..127).contains(b) || b"0123456789abcdefnrtvx".contains(b);
    if delimiters.iter().any(bad) {
        return Err(Fail::sys("quote", Errno::EINVAL));
    }
    for &b in text {
        match b {
            7..14 => out.extend_from_slice(&[b'\\', LETTERS[usize::from(b) - 7]]),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b' '..127 if delimiters.contains(&b) => out.extend_from_slice(&[b'\\', b]),
            b' '..127 => out.push(b),
            _ => out.extend_from_slice(format!("\\0x{b:02x}").as_bytes()),
        }
    }
    Ok(())
}

/// Takes quotes away, up to a delimiter or the end: what is left, and how long what was read is.
/// An error comes with the place.
pub fn unquote(text: &[u8], delimiters: &[u8]) -> Result<(Vec<u8>, usize), (Errno, usize)> {
    let reserved = |b: &u8| *b == b'\\' || b"0123456789abcdefnrstvx".contains(b);
    if delimiters.iter().any(reserved) {
        return Err((Errno::EINVAL, 0));
    }
    let (mut out, mut at) = (Vec::new(), 0);
    while at < text.len() && !delimiters.contains(&text[at]) {
        if text[at] != b'\\' {
            out.push(text[at]);
            at += 1;
            continue;
        }
        let (byte, length) = match text[at + 1..] {
            [] => return Err((Errno::EPIPE, at + 1)),
            [b'0', b'x', ref digits @ ..] => {
                let digit = |i: usize| match digits.get(i).map(|&b| char::from(b).to_digit(16)) {
                    None => Err((Errno::EPIPE, at + 3 + i)),
                    Some(None) => Err((Errno::EPROTO, at + 3 + i)),
                    Some(Some(digit)) => Ok(digit as u8),
                };
                (digit(0)? << 4 | digit(1)?, 5)
            }
            [b'0', ..] => (0, 2),
            [b's', ..] => (b' ', 2),
            [b, ..] => (LETTERS.iter().position(|&l| l == b).map_or(b, |i| 7 + i as u8), 2),
        };
        out.push(byte);
        at += length;
    }
    Ok((out, at))
}

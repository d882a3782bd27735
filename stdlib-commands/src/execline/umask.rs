//! `umask`: another file mode creation mask, in octal. `execline-umask` is the same under the
//! name that no shell has.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

const USAGE: &str = "umask value prog...";

pub const COMMAND: Command = Command { name: "umask", usage: USAGE, run, kind: Kind::Link };
pub const EXECLINE: Command = Command { name: "execline-umask", ..COMMAND };

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let [value, _, ..] = *argv else { return Err(Fail::Usage) };
    sys::fs::umask(octal(value.to_bytes()).ok_or(Fail::Usage)?);
    argv.advance(1);
    Ok(Next::Chain(argv))
}

/// The octal number that a word begins with; what stands behind it does not matter.
fn octal(word: &[u8]) -> Option<u32> {
    let digit = |b: &u8| matches!(b, b'0'..=b'7').then(|| u32::from(b - b'0'));
    digit(word.first()?)?;
    let mut number: u32 = 0;
    for digit in word.iter().map_while(digit) {
        match number.checked_mul(8) {
            Some(high) => number = high | digit,
            None => break,
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::octal;

    #[test]
    fn octal_takes_what_the_word_begins_with() {
        for (word, mask) in [
            (&b"022"[..], Some(0o22)),
            (b"0", Some(0)),
            (b"77x", Some(0o77)),
            (b"79", Some(7)),
            (b"8", None),
            (b"", None),
            (b"-1", None),
            (b"37777777777", Some(u32::MAX)),
            (b"40000000000", Some(0o4000000000)),
        ] {
            assert_eq!(octal(word), mask, "{}", word.escape_ascii());
        }
    }
}

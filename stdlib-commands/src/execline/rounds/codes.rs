//! Which exit codes end a loop: `-o` and `-x`.

use interpreter::arg::Arg;
use interpreter::args::number::uint16_prefix;
use interpreter::word::Fail;

/// As many codes of a list count.
const MOST: usize = 256;

const SEPARATORS: &[u8] = b",:; \t\r\n";

/// A list of codes.
pub struct Codes {
    list: Vec<u16>,
    /// The listed codes end the loop (`-x`), or all others do (`-o`).
    listed_end: bool,
}

impl Codes {
    /// No code ends the loop.
    pub fn endless() -> Codes {
        Codes { list: Vec::new(), listed_end: true }
    }

    /// The argument of `-o` or `-x`: what begins with no number is wrong usage (exit code 100);
    /// what follows the last number counts for nothing.
    pub fn read(letter: u8, word: Arg) -> Result<Codes, Fail> {
        let list = numbers(word.to_bytes());
        if list.is_empty() {
            Err(Fail::number(word))
        } else {
            Ok(Codes { list, listed_end: letter == b'x' })
        }
    }

    /// Whether a round's end with that code is the loop's.
    pub fn end(&self, code: i32) -> bool {
        self.list.iter().any(|&listed| i32::from(listed) == code) == self.listed_end
    }
}

fn numbers(mut bytes: &[u8]) -> Vec<u16> {
    let mut list = Vec::new();
    while let (number, len @ 1..) = uint16_prefix(bytes) {
        if list.len() == MOST {
            break;
        }
        list.push(number);
        bytes = &bytes[len..];
        let blank = bytes.iter().take_while(|b| SEPARATORS.contains(b)).count();
        bytes = &bytes[blank..];
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_where_no_number_follows() {
        for (word, list) in [
            ("0", &[0][..]),
            ("0,1,2", &[0, 1, 2]),
            ("0 ,:;\t\r\n1,", &[0, 1]),
            ("3,x,4", &[3]),
            ("3x", &[3]),
            ("x3", &[]),
            (",3", &[]),
            ("", &[]),
            ("65535,65536", &[65535, 6553, 6]),
        ] {
            assert_eq!(numbers(word.as_bytes()), list, "{word}");
        }
        assert_eq!(numbers("1,".repeat(300).as_bytes()).len(), 256);
    }

    #[test]
    fn listed_codes_end_or_go_on() {
        let ends = |letter, code| Codes::read(letter, c"1,3").map(|codes| codes.end(code)).ok();
        assert_eq!([0, 1, 3].map(|code| ends(b'x', code)), [Some(false), Some(true), Some(true)]);
        assert_eq!([0, 1, 3].map(|code| ends(b'o', code)), [Some(true), Some(false), Some(false)]);
        assert!(![0, 1, 255].iter().any(|&code| Codes::endless().end(code)));
    }
}

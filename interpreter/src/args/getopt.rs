//! The option parser of skarnet's commands (skalibs' `subgetopt`).
//!
//! Options end at the first word that does not begin with `-`, at a lone `-` (an operand), or
//! after `--`. Letters may be grouped; a letter's argument is the rest of its word if there is
//! any, else the next word, whatever it is (`--` and the empty word too). There are no long
//! options: `--x` is an error.

use crate::arg::{Arg, skip};

/// Walks over the options that `words` begin with. `words` don't hold the command's own name.
#[derive(Clone, Debug)]
pub struct Getopt<'a> {
    words: &'a [Arg],
    letters: &'a [u8],
    index: usize,
    /// Where in the word at `index` the next letter stands; 0 between two words.
    column: usize,
}

/// An option that the command does not have, or that lacks its argument. Exit code 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadOption {
    /// The letter; `-` for a word that begins with `--`.
    pub letter: u8,
    /// The letter is one of the command's, but its argument is missing.
    pub lacks_argument: bool,
    /// Which of the words it stands in.
    pub index: u32,
}

impl<'a> Getopt<'a> {
    /// `letters` are the command's options; one that takes an argument is followed by `:`.
    pub fn new(words: &'a [Arg], letters: &'a [u8]) -> Self {
        Getopt { words, letters, index: 0, column: 0 }
    }

    /// How many words the options were; the operands begin there once the walk has ended.
    pub fn used(&self) -> usize {
        self.index
    }

    fn takes_argument(&self, letter: u8) -> Option<bool> {
        let mut rest = self.letters;
        while let [known, tail @ ..] = rest {
            let takes = tail.first() == Some(&b':');
            if *known == letter {
                return Some(takes);
            }
            rest = &tail[usize::from(takes)..];
        }
        None
    }

    /// Enters the word at `index` if it holds letters.
    fn enter(&mut self) -> Option<Result<(), BadOption>> {
        let word = self.words.get(self.index)?.to_bytes();
        match word {
            b"--" => {
                self.index += 1;
                None
            }
            [b'-', b'-', ..] => Some(Err(self.bad(b'-', false))),
            [b'-', _, ..] => {
                self.column = 1;
                Some(Ok(()))
            }
            _ => None,
        }
    }

    fn bad(&self, letter: u8, lacks_argument: bool) -> BadOption {
        BadOption { letter, lacks_argument, index: self.index as u32 }
    }

    fn leave_word(&mut self) {
        self.index += 1;
        self.column = 0;
    }

    fn argument(&mut self, word: Arg, letter: u8) -> Result<Arg, BadOption> {
        let index = self.index;
        let attached = skip(word, self.column);
        self.leave_word();
        if !attached.is_empty() {
            return Ok(attached);
        }
        let next = self.words.get(self.index).copied();
        self.index += usize::from(next.is_some());
        next.ok_or(BadOption { letter, lacks_argument: true, index: index as u32 })
    }
}

impl Iterator for Getopt<'_> {
    type Item = Result<(u8, Option<Arg>), BadOption>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.column == 0
            && let Err(bad) = self.enter()?
        {
            return Some(Err(bad));
        }
        let word = *self.words.get(self.index)?;
        let letter = *word.to_bytes().get(self.column)?;
        self.column += 1;
        match self.takes_argument(letter) {
            None => Some(Err(self.bad(letter, false))),
            Some(true) => Some(self.argument(word, letter).map(|arg| (letter, Some(arg)))),
            Some(false) => {
                if self.column == word.count_bytes() {
                    self.leave_word();
                }
                Some(Ok((letter, None)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arg::leak;

    fn run(line: &str, letters: &str) -> (String, usize) {
        let words: Vec<Arg> = line.split(' ').map(|w| leak(w.into())).collect();
        let mut got = String::new();
        let mut walk = Getopt::new(&words, letters.as_bytes());
        for option in walk.by_ref() {
            match option {
                Ok((letter, None)) => got.push(letter.into()),
                Ok((letter, Some(arg))) => {
                    got += &format!("{}={},", char::from(letter), arg.to_string_lossy())
                }
                Err(bad) => {
                    let what = if bad.lacks_argument { ':' } else { '?' };
                    got += &format!("{what}{}", char::from(bad.letter));
                    break;
                }
            }
        }
        (got, walk.used())
    }

    #[test]
    fn letters_alone_grouped_and_with_arguments() {
        for (line, got, used) in [
            ("prog -p", "", 0),
            ("-p -P prog", "pP", 2),
            ("-pP prog -x", "pP", 1),
            ("-pPs5 prog", "pPs=5,", 1),
            ("-ps 5 prog", "ps=5,", 2),
            ("-s -- -p prog", "s=--,p", 3),
            ("-p -- -P prog", "p", 2),
            ("-p - -P", "p", 1),
            ("-s  prog", "s=,", 2),
            ("-p  prog", "p", 1),
            ("-", "", 0),
            ("--", "", 1),
        ] {
            assert_eq!(run(line, "pPs:"), (got.to_owned(), used), "{line}");
        }
    }

    #[test]
    fn what_is_no_option_of_the_command() {
        for (line, got) in [
            ("-x", "?x"),
            ("-px", "p?x"),
            ("-s", ":s"),
            ("-ps", "p:s"),
            ("--pp", "?-"),
            ("-:", "?:"),
        ] {
            assert_eq!(run(line, "pPs:").0, got, "{line}");
        }
    }
}

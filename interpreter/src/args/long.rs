//! The option parser with long names of skarnet's newer commands (skalibs' `gol`), as data: a
//! command declares its options in constant tables.
//!
//! Options end as in [`getopt`](super::getopt). A long name is never abbreviated; one with a
//! value has it behind `=` and nowhere else. A short one has it in the rest of its word or in the
//! next word; if there is no next word, or that is `--`, the option counts as not given, without
//! an error (upstream's behaviour).

use crate::arg::{Arg, skip};

/// An option without a value: sets and clears bits.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Its letter; 0 for none.
    pub short: u8,
    /// Its name without the `--`; empty for none.
    pub long: &'static str,
    /// The bits that it clears, before it sets any.
    pub clear: u64,
    /// The bits that it sets.
    pub set: u64,
}

/// An option with a value. The last one given counts.
#[derive(Clone, Copy, Debug)]
pub struct Valued {
    /// Its letter; 0 for none.
    pub short: u8,
    /// Its name without the `--`; empty for none.
    pub long: &'static str,
    /// Which of [`Found::values`] it fills.
    pub slot: usize,
}

/// What was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<const N: usize> {
    /// The bits that the flags left, beginning with none.
    pub bits: u64,
    /// The values, by slot.
    pub values: [Option<Arg>; N],
    /// How many words the options were.
    pub used: usize,
}

/// Why a word is not an option of the command. Exit code 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLong {
    /// What is wrong with it.
    pub kind: BadKind,
    /// The word.
    pub word: Arg,
    /// Which of the words it is.
    pub index: usize,
}

/// The kinds of [`BadLong`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKind {
    /// No option has this letter.
    Letter(u8),
    /// `--=…`.
    NoName,
    /// `--name`, and no flag has the name.
    Flag,
    /// `--name=…`, and no option with a value has the name.
    Valued,
}

impl BadLong {
    /// The message, in upstream's words, without the program's name.
    pub fn message(&self) -> Vec<u8> {
        let (what, which): (&[u8], &[u8]) = match &self.kind {
            BadKind::Letter(letter) => {
                (b"unrecognized short option: ", std::slice::from_ref(letter))
            }
            BadKind::NoName => (b"invalid option: ", self.word.to_bytes()),
            BadKind::Flag => (b"unrecognized boolean option: ", self.word.to_bytes()),
            BadKind::Valued => (b"unrecognized option with argument: ", self.word.to_bytes()),
        };
        [what, which].concat()
    }
}

/// Reads the options that `words` begin with. `words` don't hold the command's own name.
pub fn scan<const N: usize>(
    words: &[Arg],
    flags: &[Flag],
    valued: &[Valued],
) -> Result<Found<N>, BadLong> {
    let mut scan = Scan { flags, valued, found: Found { bits: 0, values: [None; N], used: 0 } };
    while let Some(&word) = words.get(scan.found.used) {
        let index = scan.found.used;
        let outcome = match word.to_bytes() {
            b"--" => {
                scan.found.used += 1;
                break;
            }
            [b'-', b'-', name @ ..] => scan.long(word, name),
            [b'-', _, ..] => scan.group(word, words.get(index + 1).copied()),
            _ => break,
        };
        outcome.map_err(|kind| BadLong { kind, word, index })?;
        scan.found.used += 1;
    }
    Ok(scan.found)
}

struct Scan<'a, const N: usize> {
    flags: &'a [Flag],
    valued: &'a [Valued],
    found: Found<N>,
}

impl<const N: usize> Scan<'_, N> {
    fn long(&mut self, word: Arg, name: &[u8]) -> Result<(), BadKind> {
        let Some(equals) = name.iter().position(|&b| b == b'=') else {
            let flag = self.flags.iter().find(|f| f.long.as_bytes() == name);
            return flag.map(|f| self.raise(*f)).ok_or(BadKind::Flag);
        };
        if equals == 0 {
            return Err(BadKind::NoName);
        }
        let option = self.valued.iter().find(|v| v.long.as_bytes() == &name[..equals]);
        let slot = option.ok_or(BadKind::Valued)?.slot;
        self.fill(slot, skip(word, b"--".len() + equals + 1));
        Ok(())
    }

    fn group(&mut self, word: Arg, next: Option<Arg>) -> Result<(), BadKind> {
        for (column, &letter) in word.to_bytes().iter().enumerate().skip(1) {
            if let Some(option) = self.valued.iter().find(|v| v.short == letter) {
                let attached = skip(word, column + 1);
                self.short_value(option.slot, attached, next);
                return Ok(());
            }
            let flag = self.flags.iter().find(|f| f.short == letter);
            self.raise(*flag.ok_or(BadKind::Letter(letter))?);
        }
        Ok(())
    }

    fn short_value(&mut self, slot: usize, attached: Arg, next: Option<Arg>) {
        if !attached.is_empty() {
            self.fill(slot, attached);
        } else if let Some(next) = next.filter(|n| n.to_bytes() != b"--") {
            self.fill(slot, next);
            self.found.used += 1;
        }
    }

    fn raise(&mut self, flag: Flag) {
        self.found.bits = (self.found.bits & !flag.clear) | flag.set;
    }

    fn fill(&mut self, slot: usize, value: Arg) {
        if let Some(place) = self.found.values.get_mut(slot) {
            *place = Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arg::leak;

    const FLAGS: &[Flag] = &[
        Flag { short: b'i', long: "insist", clear: 0, set: 1 },
        Flag { short: b'I', long: "no-insist", clear: 1, set: 0 },
        Flag { short: b'r', long: "", clear: 4, set: 2 },
        Flag { short: 0, long: "write", clear: 0, set: 4 },
    ];
    const VALUED: &[Valued] = &[Valued { short: b't', long: "timeout", slot: 0 }];

    fn run(line: &str) -> Result<(u64, Option<&'static str>, usize), String> {
        let words: Vec<Arg> = line.split(' ').map(|w| leak(w.into())).collect();
        scan::<1>(&words, FLAGS, VALUED)
            .map(|f| (f.bits, f.values[0].and_then(|v| v.to_str().ok()), f.used))
            .map_err(|bad| String::from_utf8(bad.message()).unwrap())
    }

    #[test]
    fn flags_and_values() {
        for (line, found) in [
            ("prog -i", (0, None, 0)),
            ("-i prog", (1, None, 1)),
            ("--insist -I prog", (0, None, 2)),
            ("--write -ir prog", (3, None, 2)),
            ("-it5 prog", (1, Some("5"), 1)),
            ("-it 5 prog", (1, Some("5"), 2)),
            ("-t 5 --timeout=6 -- -i", (0, Some("6"), 4)),
            ("--timeout= x", (0, Some(""), 1)),
            ("--timeout=a=b x", (0, Some("a=b"), 1)),
            ("-t", (0, None, 1)),
            ("-t -- prog", (0, None, 2)),
            ("- -i", (0, None, 0)),
        ] {
            assert_eq!(run(line), Ok(found), "{line}");
        }
    }

    #[test]
    fn what_is_no_option_of_the_command() {
        for (line, message) in [
            ("-ix", "unrecognized short option: x"),
            ("--=5", "invalid option: --=5"),
            ("--insis", "unrecognized boolean option: --insis"),
            ("--timeout 5", "unrecognized boolean option: --timeout"),
            ("--insist=5", "unrecognized option with argument: --insist=5"),
            ("--t=5", "unrecognized option with argument: --t=5"),
        ] {
            assert_eq!(run(line), Err(message.to_owned()), "{line}");
        }
    }
}

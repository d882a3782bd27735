//! What the loops have in common: their options, their bodies, their children.

mod body;
mod children;
mod codes;
mod lines;

pub use body::Body;
pub use children::Children;
pub use codes::Codes;
pub use lines::{Cut, Line, Lines};

use interpreter::arg::Arg;
use interpreter::word::{Fail, Refuse};

/// What a loop says of its lists of codes. The letters are those of all loops: what a loop does not
/// have its usage line tells.
pub fn examine(words: &[Arg], refuse: &mut Refuse) {
    crate::options::examine(words, "pP:NnCc0d:o:x:Ee", refuse, &|letter, arg| match letter {
        b'o' | b'x' => Codes::read(letter, arg).map(drop),
        _ => Ok(()),
    });
}

/// The options that every loop over values has: `-p -P n -o codes -x codes -E -e`.
pub struct Style {
    /// How many children there may be at once: as `-P` has it, or `u32::MAX` with `-p`.
    pub most: u32,
    /// Which exit codes end the loop.
    pub codes: Codes,
    /// Whether the value takes the place of the name in the body.
    pub import: bool,
}

impl Style {
    /// Round after round, whatever their codes.
    pub fn new() -> Style {
        Style { most: 1, codes: Codes::endless(), import: false }
    }

    /// Takes up one of the options.
    pub fn option(&mut self, letter: u8, arg: Arg) -> Result<(), Fail> {
        match letter {
            b'p' => self.most = u32::MAX,
            b'P' => self.most = crate::options::number(arg)?,
            b'o' | b'x' => self.codes = Codes::read(letter, arg)?,
            _ => self.import = letter == b'E',
        }
        Ok(())
    }
}

//! A table of commands as it is searched at every word of every script.

use crate::word::Command;

/// The longest name that a command may have.
const LONGEST: usize = 32;

/// A name with NULs behind it, as numbers that are in order where names are: they are compared
/// without a call.
type Key = [u64; LONGEST / 8];

/// A row of the table.
#[derive(Clone, Copy)]
pub struct Entry {
    key: Key,
    command: Command,
}

impl Entry {
    /// The row of a command.
    pub const fn new(command: Command) -> Entry {
        let name = command.name.as_bytes();
        assert!(name.len() <= LONGEST, "a command's name is too long");
        let (mut key, mut at) = ([0; LONGEST / 8], 0);
        while at < name.len() {
            key[at / 8] |= (name[at] as u64) << (56 - at % 8 * 8);
            at += 1;
        }
        Entry { key, command }
    }

    /// Whether it stands before another one. Two commands of one name don't compile.
    pub const fn is_before(&self, other: &Entry) -> bool {
        let mut at = 0;
        while self.key[at] == other.key[at] {
            at += 1;
        }
        self.key[at] < other.key[at]
    }
}

/// Finds a command by its name, in a table that is sorted by names.
pub fn find(index: &'static [Entry], name: &[u8]) -> Option<&'static Command> {
    let mut bytes = [0; LONGEST];
    bytes.get_mut(..name.len())?.copy_from_slice(name);
    let (words, _) = bytes.as_chunks();
    let [a, b, c, d] = [0, 1, 2, 3].map(|at: usize| u64::from_be_bytes(words[at]));
    let (mut from, mut len) = (0, index.len());
    while len > 0 {
        let entry = &index[from + len / 2];
        let [p, q, r, s] = entry.key;
        if p == a && q == b && r == c && s == d {
            return Some(&entry.command);
        }
        if (p, q, r, s) < (a, b, c, d) {
            from += len / 2 + 1;
            len -= len / 2 + 1;
        } else {
            len /= 2;
        }
    }
    None
}

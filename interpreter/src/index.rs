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
    let mut bytes = [[0; 8]; LONGEST / 8];
    bytes.as_flattened_mut().get_mut(..name.len())?.copy_from_slice(name);
    let [a, b, c, d] = bytes;
    let [a, b] = [u64::from_be_bytes(a), u64::from_be_bytes(b)];
    let [c, d] = [u64::from_be_bytes(c), u64::from_be_bytes(d)];
    let (mut from, mut len) = (0, index.len());
    while len > 0 {
        let entry = &index[from + len / 2];
        let [p, q, r, s] = entry.key;
        let before = match () {
            () if p != a => p < a,
            () if q != b => q < b,
            () if r != c => r < c,
            () if s != d => s < d,
            () => return Some(&entry.command),
        };
        if before {
            from += len / 2 + 1;
            len -= len / 2 + 1;
        } else {
            len /= 2;
        }
    }
    None
}

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

/// A table, sorted by names. The names' first letters stand together: nearly all of the search is
/// among them.
pub struct Index<const N: usize> {
    first: [u64; N],
    rows: [Entry; N],
}

impl<const N: usize> Index<N> {
    /// The table of rows that are sorted.
    pub const fn new(rows: [Entry; N]) -> Self {
        let (mut first, mut at) = ([0; N], 0);
        while at < N {
            first[at] = rows[at].key[0];
            at += 1;
        }
        Index { first, rows }
    }

    /// Finds a command by its name.
    pub fn find(&'static self, name: &[u8]) -> Option<&'static Command> {
        find(&self.first, &self.rows, name)
    }
}

/// Not for its caller to take in, which is compiled for least room.
#[inline(never)]
fn find(first: &[u64], rows: &'static [Entry], name: &[u8]) -> Option<&'static Command> {
    let mut bytes = [[0; 8]; LONGEST / 8];
    bytes.as_flattened_mut().get_mut(..name.len())?.copy_from_slice(name);
    let [a, b, c, d] = bytes;
    let [a, b] = [u64::from_be_bytes(a), u64::from_be_bytes(b)];
    let [c, d] = [u64::from_be_bytes(c), u64::from_be_bytes(d)];
    let (mut from, mut len) = (0, first.len());
    while len > 1 {
        let half = len / 2;
        if first[from + half] < a {
            from += half;
        }
        len -= half;
    }
    // The first one is before it or is it, and few names have the same first letters.
    let rows = rows[from..].iter().skip(usize::from(first[from] < a));
    for Entry { key: [p, q, r, s], command } in rows {
        if *p != a {
            break;
        }
        if (q ^ b) | (r ^ c) | (s ^ d) == 0 {
            return Some(command);
        }
    }
    None
}

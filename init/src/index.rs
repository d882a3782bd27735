//! All commands by name, in one place: every word of every script is looked up here, and the
//! tables' names lie scattered over more pages than a chain touches otherwise.

use interpreter::word::Command;

/// The longest name that a command may have.
const LONGEST: usize = 32;

/// A name with NULs behind it, as numbers that are in order where names are: they are compared
/// without a call.
type Key = [u64; LONGEST / 8];

#[derive(Clone, Copy)]
struct Entry {
    key: Key,
    command: Command,
}

const COUNT: usize = count(&stdlib_commands::tables()) + count(&crate::OWN);

/// Sorted by names.
static INDEX: [Entry; COUNT] = index();

/// Finds a command by its name.
pub fn find(name: &[u8]) -> Option<&'static Command> {
    let key = key(name)?;
    INDEX.binary_search_by(|entry| entry.key.cmp(&key)).ok().map(|at| &INDEX[at].command)
}

const fn count(tables: &[&[Command]]) -> usize {
    let (mut count, mut at) = (0, 0);
    while at < tables.len() {
        count += tables[at].len();
        at += 1;
    }
    count
}

const fn index() -> [Entry; COUNT] {
    let filler = Entry { key: [0; LONGEST / 8], command: crate::operator::COMMAND };
    let mut index = [filler; COUNT];
    let len = add(&mut index, 0, &stdlib_commands::tables());
    add(&mut index, len, &crate::OWN);
    index
}

/// Adds the tables' commands to an index of `len` entries; its new length.
const fn add(index: &mut [Entry; COUNT], mut len: usize, tables: &[&[Command]]) -> usize {
    let mut table = 0;
    while table < tables.len() {
        let mut row = 0;
        while row < tables[table].len() {
            insert(index, len, entry(tables[table][row]));
            len += 1;
            row += 1;
        }
        table += 1;
    }
    len
}

const fn insert(index: &mut [Entry; COUNT], len: usize, entry: Entry) {
    let mut at = len;
    while at > 0 && is_before(&entry.key, &index[at - 1].key) {
        index[at] = index[at - 1];
        at -= 1;
    }
    index[at] = entry;
}

const fn entry(command: Command) -> Entry {
    let name = command.name.as_bytes();
    assert!(name.len() <= LONGEST, "a command's name is too long");
    Entry { key: packed(name), command }
}

/// None: too long for a command.
fn key(name: &[u8]) -> Option<Key> {
    (name.len() <= LONGEST).then(|| packed(name))
}

const fn packed(name: &[u8]) -> Key {
    let (mut key, mut at) = ([0; LONGEST / 8], 0);
    while at < name.len() {
        key[at / 8] |= (name[at] as u64) << (56 - at % 8 * 8);
        at += 1;
    }
    key
}

/// Two commands of one name don't compile.
const fn is_before(a: &Key, b: &Key) -> bool {
    let mut at = 0;
    while a[at] == b[at] {
        at += 1;
    }
    a[at] < b[at]
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_command_is_found_by_its_name() {
        for command in crate::tables().flatten() {
            let found = super::find(command.name.as_bytes());
            assert_eq!(found.map(|c| c.name), Some(command.name));
        }
        assert!(super::find(b"no-such-command").is_none());
        assert!(super::find(&[b'x'; 100]).is_none());
        assert!(super::find(b"").is_none());
    }
}

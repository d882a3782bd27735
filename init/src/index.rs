//! All commands by name, in one place: every word of every script is looked up here, and the
//! tables' names lie scattered over more pages than a chain touches otherwise.

use interpreter::index::{Entry, Index};
use interpreter::word::Command;

const COUNT: usize = count(&stdlib_commands::tables()) + count(&crate::OWN);

/// Sorted by names.
static INDEX: Index<COUNT> = Index::new(index());

/// Finds a command by its name.
pub fn find(name: &[u8]) -> Option<&'static Command> {
    INDEX.find(name)
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
    let filler = Entry::new(crate::operator::COMMAND);
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
            insert(index, len, Entry::new(tables[table][row]));
            len += 1;
            row += 1;
        }
        table += 1;
    }
    len
}

const fn insert(index: &mut [Entry; COUNT], len: usize, entry: Entry) {
    let mut at = len;
    while at > 0 && entry.is_before(&index[at - 1]) {
        index[at] = index[at - 1];
        at -= 1;
    }
    index[at] = entry;
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

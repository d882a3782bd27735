//! Which variables differ between two environments.

use crate::arg::Arg;

/// What has been set and what has been taken away. Of variables of the same name the first counts.
#[derive(Default)]
pub(super) struct Changes {
    /// `NAME=value`, in the environment's order.
    pub(super) set: Vec<Arg>,
    /// The names.
    pub(super) unset: Vec<&'static [u8]>,
    /// The words are the same ones, and in the same order.
    pub(super) is_same: bool,
}

pub(super) fn name_of(var: Arg) -> &'static [u8] {
    var.to_bytes().split(|&b| b == b'=').next().unwrap_or_default()
}

fn first(vars: &[Arg], name: &[u8]) -> Option<Arg> {
    vars.iter().find(|var| name_of(var) == name).copied()
}

/// The variables that are not the same words at the same places: words are never changed in place,
/// so that the others need no look.
fn moved<'a>(vars: &'a [Arg], others: &'a [Arg]) -> impl Iterator<Item = Arg> + 'a {
    let there = |at: usize| others.get(at).map(|var| var.as_ptr());
    let moved = vars.iter().enumerate().filter(move |(at, var)| there(*at) != Some(var.as_ptr()));
    moved.map(|(_, var)| *var)
}

impl Changes {
    pub(super) fn between(old: &[Arg], new: &[Arg]) -> Changes {
        let is_same = old.len() == new.len() && moved(new, old).next().is_none();
        let mut changes = Changes { is_same, ..Changes::default() };
        if is_same {
            return changes;
        }
        for var in moved(new, old).filter(|var| name_of(var) != super::NAME) {
            let name = name_of(var);
            let is_first = first(new, name).is_some_and(|v| v.as_ptr() == var.as_ptr());
            if is_first && first(old, name) != Some(var) {
                changes.set.push(var);
            }
        }
        for var in moved(old, new) {
            let name = name_of(var);
            if first(new, name).is_none() && name != super::NAME && !changes.unset.contains(&name) {
                changes.unset.push(name);
            }
        }
        changes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.unset.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed() {
        let old = [c"A=1", c"B=2", c"C=3", c"D=4", c"D=5"];
        let same = Changes::between(&old, &old);
        assert!(same.is_same && same.is_empty());
        // Moved into a gap, changed, new, a duplicate come to light; CHAINIT_TRACE is not told.
        let new = [c"D=5", c"B=2", c"C=x", c"CHAINIT_TRACE=9", c"E="];
        let changes = Changes::between(&old, &new);
        assert_eq!(changes.set, [c"D=5", c"C=x", c"E="]);
        assert_eq!(changes.unset, [b"A"]);
        assert!(!changes.is_same && !changes.is_empty());
        let emptied = Changes::between(&old, &[]);
        assert_eq!(emptied.unset, [b"A", b"B", b"C", b"D"]);
    }

    #[test]
    fn what_only_moved_has_not_changed() {
        let changes = Changes::between(&[c"A=1", c"B=2"], &[c"B=2", c"A=1"]);
        assert!(changes.is_empty() && !changes.is_same);
    }
}

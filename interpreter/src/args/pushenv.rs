//! The stacks that execline keeps in the environment.
//!
//! `execlineb` and `elgetopt` set variables that an outer script may have set for itself, so they
//! move those out of the way first: `1` becomes `1:1`, `1:1` becomes `1:2`, and so on; `emptyenv
//! -P` and `-o` move them back (`el_pushenv`, `el_popenv`). A variable belongs to a stack if its
//! name *begins* as one of the names asked for: `1x` is moved along with `1`, as upstream does it.

use super::number::{Decimal, uint};
use crate::arg::{Arg, leak};

/// The names of the positional parameters, by their first byte.
pub const POSITIONALS: &[&[u8]] =
    &[b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9", b"#"];

/// What `elgetopt`'s variables begin with.
pub const ELGETOPT: &[u8] = b"ELGETOPT_";

/// An entry of a stack that has no `=`, so that it is no variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment holds {entry:?}, which has no =")]
pub struct BadEntry {
    /// The entry.
    pub entry: Arg,
}

/// One entry of a stack.
struct Level<'a> {
    entry: Arg,
    name: &'a [u8],
    /// The number behind the name's `:`; none for the variable that commands see.
    depth: Option<u32>,
    /// `=` and what follows.
    value: &'a [u8],
}

/// One level deeper for every entry of `env` whose name begins with one of `names`.
pub fn push(env: &[Arg], names: &[&[u8]]) -> Result<Vec<Arg>, BadEntry> {
    shift(env, names, |level| Some(level.at(level.depth.unwrap_or(0).wrapping_add(1))))
}

/// One level up for every entry of `env` whose name begins with one of `names`; those that have
/// no level to go up to are removed.
pub fn pop(env: &[Arg], names: &[&[u8]]) -> Result<Vec<Arg>, BadEntry> {
    shift(env, names, |level| match level.depth? {
        0 => Some(level.entry),
        1 => Some(leak([level.name, level.value].concat())),
        depth => Some(level.at(depth - 1)),
    })
}

fn shift(
    env: &[Arg],
    names: &[&[u8]],
    moved: impl Fn(&Level) -> Option<Arg>,
) -> Result<Vec<Arg>, BadEntry> {
    let mut out = Vec::with_capacity(env.len());
    for &entry in env {
        match level(entry, names)? {
            None => out.push(entry),
            Some(level) => out.extend(moved(&level)),
        }
    }
    Ok(out)
}

/// None for an entry that stays as it is: in no stack, or with a `:` that no level follows.
fn level<'a>(entry: Arg, names: &[&[u8]]) -> Result<Option<Level<'a>>, BadEntry> {
    let bytes = entry.to_bytes();
    let Some(prefix) = names.iter().find(|n| bytes.starts_with(n)) else { return Ok(None) };
    let after = |byte| bytes.iter().skip(prefix.len()).position(|&b| b == byte);
    let equal = after(b'=').ok_or(BadEntry { entry })?;
    let (name, value) = bytes.split_at(prefix.len() + equal);
    let Some(colon) = after(b':').filter(|&colon| colon < equal) else {
        return Ok(Some(Level { entry, name, depth: None, value }));
    };
    let (name, digits) = name.split_at(prefix.len() + colon);
    Ok(uint(&digits[1..]).map(|depth| Level { entry, name, depth: Some(depth), value }))
}

impl Level<'_> {
    fn at(&self, depth: u32) -> Arg {
        leak([self.name, b":", &Decimal::new(depth.into()), self.value].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Move = fn(&[Arg], &[&[u8]]) -> Result<Vec<Arg>, BadEntry>;

    fn run(move_: Move, env: &str) -> String {
        let env: Vec<Arg> = env.split(' ').map(|e| leak(e.into())).collect();
        let moved = move_(&env, POSITIONALS).unwrap();
        moved.iter().map(|e| e.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn pushing_moves_every_level_down() {
        for (env, moved) in [
            ("A=1 1=x #=1 0=sh", "A=1 1:1=x #:1=1 0:1=sh"),
            ("1:1=x 1=y:z", "1:2=x 1:1=y:z"),
            ("1x=y 12=", "1x:1=y 12:1="),
            ("1:0=x 1:4294967295=y", "1:1=x 1:0=y"),
            ("1:x=y 1:=y 1:1x=y 1:4294967296=y", "1:x=y 1:=y 1:1x=y 1:4294967296=y"),
        ] {
            assert_eq!(run(push, env), moved, "{env}");
        }
    }

    #[test]
    fn popping_moves_every_level_up() {
        for (env, moved) in [
            ("A=1 1=x #=1 0:1=sh", "A=1 0=sh"),
            ("1=x 1:1=y 1:2=z 1:10=a", "1=y 1:1=z 1:9=a"),
            ("1:0=x 1:x=y", "1:0=x 1:x=y"),
        ] {
            assert_eq!(run(pop, env), moved, "{env}");
        }
    }

    #[test]
    fn an_entry_without_a_value_is_refused() {
        assert_eq!(push(&[c"1"], POSITIONALS), Err(BadEntry { entry: c"1" }));
        assert_eq!(push(&[c"1", c"A"], &[ELGETOPT]), Ok(vec![c"1", c"A"]));
    }

    #[test]
    fn what_stays_is_the_same_pointer() {
        let entry = leak(b"A=1".to_vec());
        assert!(std::ptr::eq(push(&[entry], POSITIONALS).unwrap()[0], entry));
    }
}

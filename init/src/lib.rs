//! Everything that lives longer than a chain: supervision, stages, and what an operator types.

pub mod control;
pub mod log;
pub mod operator;
pub mod scan;
pub mod stages;
pub mod supervise;

use interpreter::word::{Catalogue, Command};
use sys::start::Start;

/// The commands of this crate; sorted by name.
static COMMANDS: &[Command] = &[operator::COMMAND, log::COMMAND];

/// All commands that the binary has.
pub fn tables() -> impl Iterator<Item = &'static [Command]> {
    stdlib_commands::tables().into_iter().chain([COMMANDS, control::COMMANDS, stages::COMMANDS])
}

static CATALOGUE: Catalogue = Catalogue { find: lookup, names };

fn names() -> Vec<&'static [u8]> {
    tables().flatten().map(|c| c.name.as_bytes()).collect()
}

fn lookup(name: &[u8]) -> Option<&'static Command> {
    tables().find_map(|table| interpreter::word::find(table, name))
}

/// The process's entry.
pub fn main(start: Start) -> i32 {
    interpreter::start::run(start, CATALOGUE, &operator::COMMAND)
}

//! Everything that lives longer than a chain: supervision, stages, and what an operator types.

pub mod control;
pub mod fdholder;
mod index;
pub mod log;
pub mod operator;
pub mod rc;
pub mod scan;
mod small;
pub mod sockets;
pub mod stages;
pub mod supervise;
pub use stdlib_commands::unique;

use interpreter::word::{Catalogue, Command};
use sys::start::Start;

/// The commands of this crate; sorted by name.
static COMMANDS: &[Command] = &[operator::COMMAND, log::COMMAND];

/// The tables of this crate.
const OWN: [&[Command]; 7] = [
    COMMANDS,
    control::COMMANDS,
    fdholder::COMMANDS,
    rc::COMMANDS,
    small::COMMANDS,
    sockets::COMMANDS,
    stages::COMMANDS,
];

/// All commands that the binary has.
pub fn tables() -> impl Iterator<Item = &'static [Command]> {
    stdlib_commands::tables().into_iter().chain(OWN)
}

static CATALOGUE: Catalogue = Catalogue {
    find: index::find,
    names,
    own: stdlib_commands::execline::own::is,
    own_words: operator::own_words,
};

fn names() -> Vec<&'static [u8]> {
    tables().flatten().map(|c| c.name.as_bytes()).collect()
}

/// The process's entry.
pub fn main(start: Start) -> i32 {
    interpreter::start::run(start, CATALOGUE, &operator::COMMAND)
}

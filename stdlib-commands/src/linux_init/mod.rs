//! The small commands of s6-linux-init; those that end a container are where PID 1 is.

mod logouthookd;
mod nuke;
mod umountall;

use interpreter::word::{Command, Kind};

/// Sorted by name.
pub static COMMANDS: &[Command] = &[ECHO, logouthookd::COMMAND, nuke::COMMAND, umountall::COMMAND];

/// `s6-echo` by another name.
const ECHO: Command = Command {
    name: "s6-linux-init-echo",
    usage: "s6-linux-init-echo [ -n ] [ -s sep ] args...",
    run: crate::portable::ECHO.run,
    kind: Kind::Quick,
    examine: None,
};

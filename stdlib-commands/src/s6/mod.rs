//! Commands of the s6 family.

pub(crate) mod identity;
mod s6_applyuidgid;
pub(crate) mod s6_envdir;
pub(crate) mod s6_envuidgid;
mod s6_setuidgid;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] =
    &[s6_applyuidgid::COMMAND, s6_envdir::COMMAND, s6_envuidgid::COMMAND, s6_setuidgid::COMMAND];

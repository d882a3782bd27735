//! Commands of s6-portable-utils.

mod s6_cat;
mod s6_echo;
mod s6_false;
mod s6_sleep;
mod s6_true;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] =
    &[s6_cat::COMMAND, s6_echo::COMMAND, s6_false::COMMAND, s6_sleep::COMMAND, s6_true::COMMAND];

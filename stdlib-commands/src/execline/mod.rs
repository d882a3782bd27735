//! execline's own commands.

mod export;
mod foreground;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[export::COMMAND, foreground::COMMAND];

//! Commands of the s6 family.

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[];

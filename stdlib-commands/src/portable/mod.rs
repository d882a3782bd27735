//! Commands of the portable family.

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[];

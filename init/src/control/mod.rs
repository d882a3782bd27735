//! The tools that talk to supervisors: `s6-svc`, `s6-svstat` and their like, and the functions
//! under them, for everybody who needs a service's state.

pub mod client;
mod supervise;
mod svscan;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[supervise::COMMAND, svscan::COMMAND];

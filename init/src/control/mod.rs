//! The tools that talk to supervisors: `s6-svc`, `s6-svstat` and their like, and the functions
//! under them, for everybody who needs a service's state.

pub mod client;
mod fifodir;
mod goal;
mod supervise;
mod svc;
mod svok;
mod svscan;
mod svscanctl;
mod svstat;
mod svwait;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    supervise::COMMAND,
    svc::COMMAND,
    svok::COMMAND,
    svscan::COMMAND,
    svscanctl::COMMAND,
    svstat::COMMAND,
    svwait::COMMAND,
];

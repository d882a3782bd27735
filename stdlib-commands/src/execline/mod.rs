//! execline's own commands.

mod background;
mod backtick;
mod block;
mod export;
mod foreground;
mod if_;
mod ifelse;
mod ifte;
mod ifthenelse;
mod pipeline;
mod wait;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    background::COMMAND,
    backtick::COMMAND,
    export::COMMAND,
    foreground::COMMAND,
    if_::COMMAND,
    ifelse::COMMAND,
    ifte::COMMAND,
    ifthenelse::COMMAND,
    pipeline::COMMAND,
    wait::COMMAND,
];

//! s6-overlay's own commands, which are scripts there.

mod container;
mod logutil_newfifo;
pub mod logutil_service;
mod printcontenv;
mod stat;
mod suexec;
mod with_contenv;
mod with_retries;

pub use stat::show_mode;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    logutil_newfifo::COMMAND,
    logutil_service::COMMAND,
    printcontenv::COMMAND,
    stat::COMMAND,
    suexec::COMMAND,
    with_contenv::COMMAND,
    with_retries::COMMAND,
];

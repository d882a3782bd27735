//! s6-overlay's own commands, which are scripts there.

mod container;
mod logutil_service;
mod printcontenv;
mod with_contenv;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] =
    &[logutil_service::COMMAND, printcontenv::COMMAND, with_contenv::COMMAND];

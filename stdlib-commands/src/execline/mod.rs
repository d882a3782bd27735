//! execline's own commands.

mod background;
mod backtick;
mod block;
mod cd;
mod define;
mod elgetopt;
mod elgetpositionals;
mod elglob;
mod eltest;
mod emptyenv;
mod envfile;
pub(crate) mod exec;
mod exit;
mod export;
mod fdclose;
mod fdmove;
mod fdswap;
mod foreground;
mod getcwd;
mod getpid;
mod if_;
mod ifelse;
mod ifte;
mod ifthenelse;
mod importas;
mod multidefine;
mod multisubstitute;
mod pipeline;
mod positionals;
mod redirfd;
mod shift;
pub mod substitution;
mod umask;
mod unexport;
mod wait;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    background::COMMAND,
    backtick::COMMAND,
    cd::COMMAND,
    define::COMMAND,
    elgetopt::COMMAND,
    elgetpositionals::COMMAND,
    elglob::COMMAND,
    eltest::COMMAND,
    emptyenv::COMMAND,
    envfile::COMMAND,
    exec::COMMAND,
    cd::EXECLINE,
    umask::EXECLINE,
    exit::COMMAND,
    export::COMMAND,
    fdclose::COMMAND,
    fdmove::COMMAND,
    fdswap::COMMAND,
    foreground::COMMAND,
    getcwd::COMMAND,
    getpid::COMMAND,
    if_::COMMAND,
    ifelse::COMMAND,
    ifte::COMMAND,
    ifthenelse::COMMAND,
    importas::COMMAND,
    multidefine::COMMAND,
    multisubstitute::COMMAND,
    pipeline::COMMAND,
    redirfd::COMMAND,
    shift::COMMAND,
    umask::COMMAND,
    unexport::COMMAND,
    wait::COMMAND,
];

//! execline's own commands.

mod background;
mod backtick;
pub(crate) mod block;
mod case;
mod cd;
mod define;
mod dollarat;
mod elgetopt;
mod elgetpositionals;
mod elglob;
pub mod eltest;
mod emptyenv;
pub mod envfile;
pub(crate) mod exec;
mod exit;
mod export;
mod export_array;
mod fdblock;
mod fdclose;
mod fdmove;
mod fdreserve;
mod fdswap;
mod forbacktickx;
mod foreground;
mod forstdin;
mod forx;
mod getcwd;
mod getpid;
mod heredoc;
mod homeof;
mod if_;
mod ifelse;
mod ifte;
mod ifthenelse;
mod import;
mod importas;
mod list;
mod loopwhilex;
mod multidefine;
mod multisubstitute;
pub mod own;
mod pipeline;
mod piperw;
mod positionals;
mod posix_cd;
mod posix_umask;
mod redirfd;
mod rounds;
mod runblock;
mod shift;
pub mod substitution;
mod trap;
mod tryexec;
mod umask;
mod unexport;
mod wait;
mod withstdinas;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    background::COMMAND,
    backtick::COMMAND,
    case::COMMAND,
    cd::COMMAND,
    define::COMMAND,
    dollarat::COMMAND,
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
    export_array::COMMAND,
    fdblock::COMMAND,
    fdclose::COMMAND,
    fdmove::COMMAND,
    fdreserve::COMMAND,
    fdswap::COMMAND,
    forbacktickx::COMMAND,
    foreground::COMMAND,
    forstdin::COMMAND,
    forx::COMMAND,
    getcwd::COMMAND,
    getpid::COMMAND,
    heredoc::COMMAND,
    homeof::COMMAND,
    if_::COMMAND,
    ifelse::COMMAND,
    ifte::COMMAND,
    ifthenelse::COMMAND,
    import::COMMAND,
    importas::COMMAND,
    loopwhilex::COMMAND,
    multidefine::COMMAND,
    multisubstitute::COMMAND,
    pipeline::COMMAND,
    piperw::COMMAND,
    posix_cd::COMMAND,
    posix_umask::COMMAND,
    redirfd::COMMAND,
    runblock::COMMAND,
    shift::COMMAND,
    trap::COMMAND,
    tryexec::COMMAND,
    umask::COMMAND,
    unexport::COMMAND,
    wait::COMMAND,
    withstdinas::COMMAND,
];

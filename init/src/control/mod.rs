//! The tools that talk to supervisors: `s6-svc`, `s6-svstat` and their like, and the functions
//! under them, for everybody who needs a service's state.

mod background_watch;
pub mod catch_all;
mod cleanfifodir;
pub mod client;
pub mod fifodir;
pub mod ftrig;
mod ftrig_listen;
mod ftrig_listen1;
mod ftrig_notify;
mod ftrig_wait;
pub mod goal;
pub mod instance;
mod linked;
pub mod maker;
mod mkfifodir;
mod notify;
mod permafailon;
pub mod supervise;
mod svc;
mod svdt;
mod svdt_clear;
mod svlink;
mod svlisten;
mod svok;
mod svperms;
mod svscan;
mod svscanboot;
mod svscanctl;
mod svstat;
mod svunlink;
mod svwait;
mod tally;
mod usertree_maker;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    background_watch::COMMAND,
    cleanfifodir::COMMAND,
    ftrig_listen::COMMAND,
    ftrig_listen1::COMMAND,
    ftrig_notify::COMMAND,
    ftrig_wait::COMMAND,
    instance::control::COMMAND,
    instance::create::COMMAND,
    instance::delete::COMMAND,
    instance::list::COMMAND,
    instance::maker::COMMAND,
    instance::status::COMMAND,
    mkfifodir::COMMAND,
    notify::fd_from_socket::COMMAND,
    notify::socket_from_fd::COMMAND,
    notify::on_check::COMMAND,
    permafailon::COMMAND,
    supervise::COMMAND,
    svc::COMMAND,
    svdt::COMMAND,
    svdt_clear::COMMAND,
    svlink::COMMAND,
    svlisten::COMMAND,
    svlisten::ONE,
    svok::COMMAND,
    svperms::COMMAND,
    svscan::COMMAND,
    svscanboot::COMMAND,
    svscanctl::COMMAND,
    svstat::COMMAND,
    svunlink::COMMAND,
    svwait::COMMAND,
    usertree_maker::COMMAND,
];

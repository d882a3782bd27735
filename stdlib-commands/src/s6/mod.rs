//! Commands of the s6 family.

pub mod identity;
pub mod lines;
mod s6_applyuidgid;
pub mod s6_envdir;
pub mod s6_envuidgid;
mod s6_fghack;
mod s6_setlock;
mod s6_setsid;
mod s6_setuidgid;
mod s6_socklog;
pub mod s6_softlimit;
mod s6_tai64n;
mod s6_tai64nlocal;
mod syslog;
mod ucspilogd;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    s6_applyuidgid::COMMAND,
    s6_envdir::COMMAND,
    s6_envuidgid::COMMAND,
    s6_fghack::COMMAND,
    s6_setlock::COMMAND,
    s6_setsid::COMMAND,
    s6_setuidgid::COMMAND,
    s6_socklog::COMMAND,
    s6_softlimit::COMMAND,
    s6_tai64n::COMMAND,
    s6_tai64nlocal::COMMAND,
    ucspilogd::COMMAND,
];

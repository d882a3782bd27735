//! The service graph: what s6-rc is. Definitions are compiled into a database; a live state says
//! which of its services are up; the engine brings the one to what is asked of the other.
//!
//! PID 1 knows processes, this room knows the graph. It runs in the process that asks for a
//! change, with the state on disk under a lock: nothing that goes wrong here takes the tree of
//! services down.

pub mod change;
pub mod compile;
pub mod compiled;
mod crew;
pub mod db;
pub mod engine;
mod fdholder_filler;
mod format_upgrade;
pub mod init;
pub mod live;
pub mod lock;
pub mod oneshot;
mod oneshot_run;
pub mod repo;
pub mod source;
pub mod update;

use interpreter::word::Command;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    change::COMMAND,
    compile::COMMAND,
    db::COMMAND,
    change::DRYRUN,
    fdholder_filler::COMMAND,
    format_upgrade::COMMAND,
    init::COMMAND,
    oneshot_run::COMMAND,
    repo::REPO_INIT,
    repo::REPO_LIST,
    repo::REPO_SYNC,
    repo::SET_CHANGE,
    repo::SET_COMMIT,
    repo::SET_COPY,
    repo::SET_DELETE,
    repo::SET_FIX,
    repo::SET_INSTALL,
    repo::SET_NEW,
    repo::SET_STATUS,
    update::COMMAND,
];

/// Where the live state is if nothing else is said.
pub const LIVE: &[u8] = b"/run/s6-rc";

/// A container's live state is made when it is first asked for.
fn of_stages(live: &[u8]) {
    if live == LIVE {
        crate::stages::late::make();
    }
}

/// The service that runs oneshots in the original. Here PID 1 does; the name is there for those
/// who list it, or depend on it.
pub const ONESHOT_RUNNER: &[u8] = b"s6rc-oneshot-runner";

/// The service that holds pipelines' pipes in the original; as [`ONESHOT_RUNNER`].
pub const FDHOLDER: &[u8] = b"s6rc-fdholder";

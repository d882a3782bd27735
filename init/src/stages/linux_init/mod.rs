//! The commands of s6-linux-init that end a container. What its other programs do for a machine
//! PID 1 does itself: it starts the tree, waits for these commands, and sees the end through.

mod confirm;
mod hpr;
mod shutdown;
mod telinit;

pub use hpr::{HALT, HPR, POWEROFF, REBOOT};
pub use shutdown::{INIT_SHUTDOWN, SHUTDOWN};
pub use telinit::TELINIT;

use super::pid1::WISHES;
use super::preinit::SCANDIR;
use super::shutdown::End;
use crate::control::client::scanctl;
use interpreter::word::Fail;
use sys::Errno;

/// Tells PID 1 something: nothing, to find out whether it listens. `nobody`: the exit code if it
/// does not.
fn tell(words: &[u8], nobody: i32) -> Result<(), Fail> {
    match scanctl(SCANDIR, words) {
        Ok(true) => Ok(()),
        Ok(false) | Err(Errno::ENOENT | Errno::ENOTDIR) => Err(Fail::with_code(
            nobody,
            "unable to talk to PID 1: nobody supervises /run/service\n\
                   help: this ends a container that /init has started, from within it",
        )),
        Err(errno) => {
            Err(Fail::sys("talk to PID 1 through /run/service/.s6-svscan/control", errno))
        }
    }
}

/// What PID 1 is told to end at once.
fn letter(how: End) -> u8 {
    WISHES.iter().find(|(_, wish)| *wish == how).map_or(b'H', |(letter, _)| *letter)
}

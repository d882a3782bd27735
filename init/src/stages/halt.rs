//! `halt`, `poweroff`, `reboot`: end the container.
//!
//! Exit codes: 0 PID 1 has been told, 100 wrong usage or nobody to tell, 111 the system said no.

use super::pid1::WISHES;
use super::preinit::SCANDIR;
use super::shutdown::End;
use crate::control::client::scanctl;
use interpreter::arg::Argv;
use interpreter::args::getopt::Getopt;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use nix::sys::reboot::{RebootMode, reboot};

macro_rules! command {
    ($name:literal, $how:expr) => {
        Command {
            name: $name,
            usage: concat!($name, " [ -h | -p | -r ] [ -n ] [ -d | -w ] [ -W ] [ -f ]"),
            run: |_, argv| ask($how, &argv),
            kind: Kind::Link,
        }
    };
}

/// Exits with the container's code.
pub const HALT: Command = command!("halt", End::Halt);
/// Has the kernel power the container off.
pub const POWEROFF: Command = command!("poweroff", End::Poweroff);
/// Has the kernel restart the container.
pub const REBOOT: Command = command!("reboot", End::Reboot);

/// `-f` asks the kernel and not PID 1, `-n` without writing the disks' caches out first, `-w`
/// only writes a login record. Neither such records (`-d`: none) nor users at terminals who
/// could be warned (`-W`: don't) exist in a container, so these are done by doing nothing.
fn ask(mut how: End, argv: &Argv) -> Ran {
    let (mut force, mut sync, mut record_only) = (false, true, false);
    for option in &mut Getopt::new(argv, b"hprfdwWn") {
        match option?.0 {
            b'h' => how = End::Halt,
            b'p' => how = End::Poweroff,
            b'r' => how = End::Reboot,
            b'f' => force = true,
            b'n' => sync = false,
            b'w' => record_only = true,
            _ => {}
        }
    }
    if force {
        return at_once(how, sync);
    }
    if record_only {
        return Ok(Next::Exit(0));
    }
    let letter = WISHES.iter().find(|(_, wish)| *wish == how).map_or(b'H', |(letter, _)| *letter);
    match scanctl(SCANDIR, &[letter]) {
        Ok(true) => Ok(Next::Exit(0)),
        Ok(false) => Err(Fail::bad(
            "unable to talk to PID 1: nobody supervises /run/service\n\
             help: this ends a container that /init has started, from within it",
        )),
        Err(errno) => {
            Err(Fail::sys("talk to PID 1 through /run/service/.s6-svscan/control", errno))
        }
    }
}

fn at_once(how: End, sync: bool) -> Ran {
    if sync {
        sys::process::sync();
    }
    let mode = match how {
        End::Halt => RebootMode::RB_HALT_SYSTEM,
        End::Poweroff => RebootMode::RB_POWER_OFF,
        End::Reboot => RebootMode::RB_AUTOBOOT,
    };
    let Err(errno) = reboot(mode);
    Err(Fail::sys("reboot()", errno))
}

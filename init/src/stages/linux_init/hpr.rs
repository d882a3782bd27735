//! `halt`, `poweroff`, `reboot`, and what they are upstream: `s6-linux-init-hpr`. End the
//! container.
//!
//! Exit codes: 0 PID 1 has been told, 1 the host's name was asked for and is another, 100 wrong
//! usage or nobody to tell, 111 the system said no.

use super::confirm::confirm;
use super::{letter, tell};
use crate::stages::shutdown::End;
use interpreter::arg::Argv;
use interpreter::args::getopt::Getopt;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use nix::sys::reboot::{RebootMode, reboot};

macro_rules! command {
    ($name:literal, $options:literal, $how:expr) => {
        Command {
            name: $name,
            usage: concat!($name, $options, " [ -n ] [ -d | -w ] [ -W ] [ -f ] [ -i ]"),
            run: |_, argv| ask($how, &argv),
            kind: Kind::Link,
            examine: None,
        }
    };
}

/// Exits with the container's code.
pub const HALT: Command = command!("halt", " [ -h | -p | -r ]", Some(End::Halt));
/// Has the kernel power the container off.
pub const POWEROFF: Command = command!("poweroff", " [ -h | -p | -r ]", Some(End::Poweroff));
/// Has the kernel restart the container.
pub const REBOOT: Command = command!("reboot", " [ -h | -p | -r ]", Some(End::Reboot));
/// One of them, as the options say.
pub const HPR: Command = command!("s6-linux-init-hpr", " -[ h | p | r ]", None);

/// `-f` asks the kernel and not PID 1, `-n` without writing the disks' caches out first, `-w`
/// only writes a login record. Neither such records (`-d`: none) nor users at terminals who
/// could be warned (`-W`: don't) exist in a container, so these are done by doing nothing.
fn ask(mut how: Option<End>, argv: &Argv) -> Ran {
    let (mut force, mut sync, mut record_only, mut asks) = (false, true, false, false);
    for option in &mut Getopt::new(argv, b"hprfdwWni") {
        match option?.0 {
            b'h' => how = Some(End::Halt),
            b'p' => how = Some(End::Poweroff),
            b'r' => how = Some(End::Reboot),
            b'f' => force = true,
            b'n' => sync = false,
            b'w' => record_only = true,
            b'i' => asks = true,
            _ => {}
        }
    }
    let how = how.ok_or_else(|| Fail::misuse("one of the -h, -p or -r options must be given"))?;
    if asks {
        confirm()?;
    }
    if force {
        return at_once(how, sync);
    }
    let wish = [letter(how)];
    tell(if record_only { &[] } else { &wish }, 100)?;
    Ok(Next::Exit(0))
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

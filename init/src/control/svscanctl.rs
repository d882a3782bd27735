//! `s6-svscanctl`: tells the supervisor of a scan directory what to do.

use super::client::{self, Unheard};
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 0 told, 100 wrong usage or nobody listens, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-svscanctl",
    usage: "s6-svscanctl [ -zabhitqnN ] svscandir",
    run,
    kind: Kind::Link,
    examine: None,
};

/// More commands at once than this are refused.
const MOST: usize = 64;

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut letters = Vec::new();
    options::take(&mut argv, "zabhitqnN", |letter, _| {
        letters.push(letter);
        if letters.len() > MOST { Err(Fail::bad("too many commands")) } else { Ok(()) }
    })?;
    let dir = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let name = shown(dir);
    match client::control(dir, b".s6-svscan", &letters) {
        Ok(()) => Ok(Next::Exit(0)),
        Err(Unheard::NoSupervisor) => {
            Err(Fail::bad(format!("unable to control {name}: supervisor not listening")))
        }
        Err(Unheard::BadDirectory(errno)) => Err(Fail::bad(format!(
            "something is wrong with the {name}/.s6-svscan directory. errno reported: {}",
            sys::reason(errno)
        ))),
        Err(Unheard::Sys(errno)) => Err(Fail::sys_at("control", dir, errno)),
    }
}

//! `s6-svok`: is a service supervised?

use super::client;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 0 it is, 1 it is not, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command =
    Command { name: "s6-svok", usage: "s6-svok servicedir", run, kind: Kind::Link, examine: None };

fn run(_image: &mut Image, argv: Argv) -> Ran {
    let dir = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let supervised =
        client::is_supervised(dir).map_err(|errno| Fail::sys_at("check", dir, errno))?;
    Ok(Next::Exit(i32::from(!supervised)))
}

//! `s6-svdt-clear`: forgets how a service has died.

use super::tally;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 0 forgotten, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-svdt-clear",
    usage: "s6-svdt-clear servicedir",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, argv: Argv) -> Ran {
    let dir = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    tally::clear(dir).map_err(|e| Fail::sys_at("clear death tally for service", dir, e))?;
    Ok(Next::Exit(0))
}

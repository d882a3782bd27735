//! `s6-cleanfifodir`: removes what listeners that were killed have left in a fifodir.

use crate::supervise::events;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 0 it is clean, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-cleanfifodir",
    usage: "s6-cleanfifodir fifodir",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, argv: Argv) -> Ran {
    let fifodir = argv.first().ok_or_else(Fail::usage)?;
    events::clean(sys::at::CURRENT, fifodir)
        .map_err(|errno| Fail::sys_at("clean up fifodir at", fifodir.to_bytes(), errno))?;
    Ok(Next::Exit(0))
}

//! `s6-ftrig-notify`: sends events to everybody who listens in a fifodir.

use crate::supervise::events;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::signal::{SIGPIPE, Set};

/// Exit codes: 0 sent, to nobody if nobody listens; 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-ftrig-notify",
    usage: "s6-ftrig-notify fifodir message",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, argv: Argv) -> Ran {
    let [fifodir, message, ..] = *argv else { return Err(Fail::usage()) };
    // A listener that ends while it is told is one who does not listen.
    sys::signal::block(&Set::of(&[SIGPIPE]));
    events::notify(sys::at::CURRENT, fifodir, message.to_bytes())
        .map_err(|errno| Fail::sys_at("notify", fifodir.to_bytes(), errno))?;
    Ok(Next::Exit(0))
}

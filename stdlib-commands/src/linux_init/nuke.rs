//! `s6-linux-init-nuke`: SIGKILL for everybody.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};
use sys::signal::{SIGKILL, kill};

pub const COMMAND: Command = Command {
    name: "s6-linux-init-nuke",
    usage: "s6-linux-init-nuke",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 1: there is nobody.
fn run(_image: &mut Image, _argv: Argv) -> Ran {
    Ok(Next::Exit(i32::from(kill(-1, SIGKILL).is_err())))
}

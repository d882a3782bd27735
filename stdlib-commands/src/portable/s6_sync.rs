//! `s6-sync`: waits until all that was written is on the disks. Its arguments don't matter.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};

pub const COMMAND: Command =
    Command { name: "s6-sync", usage: "s6-sync", run, kind: Kind::Link, examine: None };

fn run(_image: &mut Image, _argv: Argv) -> Ran {
    sys::process::sync();
    Ok(Next::Exit(0))
}

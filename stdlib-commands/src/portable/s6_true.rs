//! `s6-true`: ends with 0.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};

pub const COMMAND: Command =
    Command { name: "s6-true", usage: "s6-true", run, kind: Kind::Quick, examine: None };

fn run(_image: &mut Image, _argv: Argv) -> Ran {
    Ok(Next::Exit(0))
}

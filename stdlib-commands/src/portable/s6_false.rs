//! `s6-false`: ends with 1.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};

pub const COMMAND: Command =
    Command { name: "s6-false", usage: "s6-false", run, kind: Kind::Quick, examine: None };

fn run(_image: &mut Image, _argv: Argv) -> Ran {
    Ok(Next::Exit(1))
}

//! `s6-rmrf`: removes files, and directories with all that is in them.

use crate::remove::remove;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command =
    Command { name: "s6-rmrf", usage: "s6-rmrf file...", run, kind: Kind::Link, examine: None };

/// 111: one can't be removed; the others behind it stay.
fn run(_image: &mut Image, argv: Argv) -> Ran {
    super::each(argv, "remove", remove)
}

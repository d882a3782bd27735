//! `s6-touch`: makes files that have changed now.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command =
    Command { name: "s6-touch", usage: "s6-touch file...", run, kind: Kind::Link, examine: None };

/// 111: one can't be made or changed; the others behind it are not tried.
fn run(_image: &mut Image, argv: Argv) -> Ran {
    super::each(argv, "touch", sys::fs::touch)
}

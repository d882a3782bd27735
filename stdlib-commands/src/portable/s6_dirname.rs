//! `s6-dirname`: a path without its last part.

use super::{line, names};
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-dirname",
    usage: "s6-dirname [ -n ] file",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: standard output can't be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let bare = options::flag(&mut argv, b'n')?;
    let name = names::parent(argv.first().ok_or_else(Fail::usage)?.to_bytes());
    line(name, !bare)
}

//! `s6-basename`: the last part of a path.

use super::{line, names};
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-basename",
    usage: "s6-basename [ -n ] file [ suffix ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: standard output can't be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let bare = options::flag(&mut argv, b'n')?;
    let mut name = names::last(argv.first().ok_or_else(Fail::usage)?.to_bytes());
    if let Some(shorter) = argv.get(1).and_then(|suffix| name.strip_suffix(suffix.to_bytes()))
        && !shorter.is_empty()
    {
        name = shorter;
    }
    line(name, !bare)
}

//! `s6-linkname`: where a link leads.

use super::line;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-linkname",
    usage: "s6-linkname [ -n ] [ -f ] link",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: there is no such link, or standard output can't be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut newline, mut whole) = (true, false);
    options::take(&mut argv, "nf", |letter, _| {
        match letter {
            b'n' => newline = false,
            _ => whole = true,
        }
        Ok(())
    })?;
    let link = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let found = if whole { sys::fs::realpath(link) } else { sys::fs::readlink(link) };
    line(&found.map_err(|errno| Fail::sys_at("resolve", link, errno))?, newline)
}

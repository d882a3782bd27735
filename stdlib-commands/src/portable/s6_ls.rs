//! `s6-ls`: the names in a directory.

use crate::{options, output};
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-ls",
    usage: "s6-ls [ -0 ] [ -a | -A ] [ -x exclude ] dir",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the directory can't be read, or standard output not be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut end, mut hidden, mut exclude) = (b'\n', 0, None::<Arg>);
    options::take(&mut argv, "0aAx:", |letter, value| {
        match letter {
            b'0' => end = 0,
            b'a' => hidden = 1,
            b'A' => hidden = 2,
            _ => exclude = Some(value),
        }
        Ok(())
    })?;
    let dir = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let names =
        sys::fs::entries(dir).map_err(|errno| Fail::sys_at("open directory", dir, errno))?;
    let mut text = Vec::new();
    let mut add = |name: &[u8]| {
        if (hidden > 0 || !name.starts_with(b".")) && exclude.is_none_or(|e| e.to_bytes() != name) {
            text.extend_from_slice(name);
            text.push(end);
        }
    };
    if hidden > 1 {
        add(b".");
        add(b"..");
    }
    names.iter().for_each(|name| add(name));
    output::write_and_end(&text)
}

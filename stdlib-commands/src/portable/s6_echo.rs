//! `s6-echo`: writes its words.

use crate::{options, output};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-echo",
    usage: "s6-echo [ -n ] [ -s sep ] args...",
    run,
    kind: Kind::Quick,
    examine: None,
};

/// 111: standard output can't be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut newline, mut separator) = (true, b' ');
    options::take(&mut argv, "ns:", |letter, value| {
        match letter {
            b'n' => newline = false,
            _ => separator = value.to_bytes().first().copied().unwrap_or(0),
        }
        Ok(())
    })?;
    let words: Vec<&[u8]> = argv.iter().map(|word| word.to_bytes()).collect();
    let mut line = words.join(&separator);
    if newline {
        line.push(b'\n');
    }
    output::write_and_end(&line)
}

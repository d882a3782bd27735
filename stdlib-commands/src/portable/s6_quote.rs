//! `s6-quote`: a string in quotes.

use super::quoting::quote;
use crate::{options, output};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-quote",
    usage: "s6-quote [ -n ] [ -u ] [ -d delim ] string",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: there can be no such delimiter, or standard output can't be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut newline, mut around, mut delimiters) = (true, true, c"\"");
    options::take(&mut argv, "nud:", |letter, value| {
        match letter {
            b'n' => newline = false,
            b'u' => around = false,
            _ => delimiters = value,
        }
        Ok(())
    })?;
    let string = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let delimiters = delimiters.to_bytes();
    let end = end(delimiters, around)?;
    let mut text = end.to_vec();
    quote(&mut text, string, delimiters)?;
    text.extend_from_slice(end);
    if newline {
        text.push(b'\n');
    }
    output::write_and_end(&text)
}

/// What stands around a quoted string.
pub fn end(delimiters: &[u8], around: bool) -> Result<&[u8], Fail> {
    match (around, delimiters) {
        (false, _) => Ok(b""),
        (true, []) => Err(Fail::bad("no character to quote with")),
        (true, _) => Ok(&delimiters[..1]),
    }
}

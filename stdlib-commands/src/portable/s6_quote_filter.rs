//! `s6-quote-filter`: lines in quotes.

use super::quoting::quote;
use super::s6_quote::end;
use crate::options;
use crate::s6::lines;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-quote-filter",
    usage: "s6-quote-filter [ -u ] [ -d delim ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// 111: there can be no such delimiter, or standard input or output fails.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut around, mut delimiters) = (true, c"\"");
    options::take(&mut argv, "ud:", |letter, value| {
        match letter {
            b'u' => around = false,
            _ => delimiters = value,
        }
        Ok(())
    })?;
    let delimiters = delimiters.to_bytes();
    let end = end(delimiters, around)?;
    // Said before anything is read; no line fails then.
    quote(&mut Vec::new(), b"", delimiters)?;
    lines::filter(b"\n", |line, out| {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        out.extend_from_slice(end);
        let _ = quote(out, body, delimiters);
        out.extend_from_slice(end);
        out.extend_from_slice(&line[body.len()..]);
    })
}

//! `s6-unquote`: a string without its quotes.

use super::{line, quoting};
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-unquote",
    usage: "s6-unquote [ -n ] [ -d delim ] string",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: standard output can't be written to.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut newline, mut delimiters) = (true, c"\"");
    options::take(&mut argv, "nd:", |letter, value| {
        match letter {
            b'n' => newline = false,
            _ => delimiters = value,
        }
        Ok(())
    })?;
    let string = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let delimiters = delimiters.to_bytes();
    let quoted = !delimiters.is_empty();
    let body = match string {
        _ if !quoted => string,
        [] => return Err(Fail::bad("the empty string isn't a quoted string")),
        [first, body @ ..] if delimiters.contains(first) => body,
        _ => return Err(Fail::bad("invalid starting quote character")),
    };
    let (text, end) = quoting::unquote(body, delimiters).map_err(|(errno, at)| {
        let what = format!("unquote at character {}", at + usize::from(quoted));
        Fail::sys_with(100, what, errno)
    })?;
    if quoted && end == body.len() {
        return Err(Fail::bad("no ending quote character"));
    }
    if quoted && end + 1 < body.len() {
        let (at, all) = (end + 1, body.len());
        image.warn(&format!(
            "found ending quote character at position {at}/{all}; ignoring remainder"
        ));
    }
    line(&text, newline)
}

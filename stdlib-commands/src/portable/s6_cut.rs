//! `s6-cut`: parts of lines.

use crate::options;
use crate::s6::lines;
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-cut",
    usage: "s6-cut [ -b list | -c list | -f list ] [ -d delim ] [ -n ] [ -s ] [ file... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: a file can't be read, or standard output not be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut list, mut fields, mut delimiter, mut whole) = (Vec::new(), false, b'\t', true);
    options::take(&mut argv, "nsb:c:f:d:", |letter, value| {
        match letter {
            // No character has more than a byte here, so that none can be split.
            b'n' => {}
            b's' => whole = false,
            b'd' => delimiter = value.to_bytes().first().copied().unwrap_or(0),
            _ if !list.is_empty() => return Err(Fail::usage()),
            _ => {
                fields = letter == b'f';
                list = ranges(value.to_bytes()).ok_or_else(|| {
                    Fail::bad(format!("invalid list argument: {}", shown(value.to_bytes())))
                })?;
            }
        }
        Ok(())
    })?;
    if list.is_empty() {
        return Err(Fail::usage());
    }
    let wanted = |n: u64| list.iter().any(|(from, to)| (*from..=*to).contains(&n));
    let cut = |fd| {
        lines::filter_of(fd, b"\n", &mut |line, out| {
            let body = line.strip_suffix(b"\n").unwrap_or(line);
            let lone = fields && !body.contains(&delimiter);
            if lone && !whole {
                return;
            }
            let start = out.len();
            if lone {
                out.extend_from_slice(body);
            } else if fields {
                let parts = body.split(|&b| b == delimiter).zip(1..);
                for (part, _) in parts.filter(|(_, n)| wanted(*n)) {
                    out.extend_from_slice(part);
                    out.push(delimiter);
                }
                if out.len() > start {
                    out.pop();
                }
            } else {
                out.extend(body.iter().zip(1..).filter(|(_, n)| wanted(*n)).map(|(b, _)| b));
            }
            out.extend_from_slice(&line[body.len()..]);
        })
    };
    if argv.is_empty() {
        cut(0)?;
    }
    for file in argv.iter() {
        let fd = super::open(file.to_bytes())?;
        cut(fd)?;
        if fd > 0 {
            let _ = sys::fd::close(fd);
        }
    }
    Ok(Next::Exit(0))
}

/// `1,3-5,7-`, separated by commas or blanks.
fn ranges(text: &[u8]) -> Option<Vec<(u64, u64)>> {
    let text = text.strip_suffix(b",").unwrap_or(text);
    let range = |part: &[u8]| {
        let (from, digits) = number::uint64_prefix(part);
        let from = if digits == 0 && part.starts_with(b"-") { 1 } else { from };
        let to = match &part[digits..] {
            [] => from,
            [b'-'] => u64::MAX,
            [b'-', to @ ..] => number::uint64(to)?,
            _ => return None,
        };
        (from > 0 && from <= to).then_some((from, to))
    };
    text.split(|b| b", \t".contains(b)).map(range).collect()
}

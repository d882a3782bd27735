//! `s6-unquote-filter`: lines without their quotes.

use super::quoting::unquote;
use crate::options;
use crate::s6::lines;
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-unquote-filter",
    usage: "s6-unquote-filter [ -q | -Q | -v | -w ] [ -d delim ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// What is shown of a line.
const SHOWN: usize = 36;

/// 100: with `-w`, a line is not quoted well; 111: standard input or output fails.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut mode, mut delimiters) = (b'Q', c"\"");
    options::take(&mut argv, "qQvwd:", |letter, value| {
        match letter {
            b'd' => delimiters = value,
            _ => mode = letter,
        }
        Ok(())
    })?;
    let delimiters = delimiters.to_bytes();
    let mut bad = None;
    let ended = lines::filter(b"\n", |line, out| {
        if bad.is_some() {
            return;
        }
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let (text, remark) = match inner(body, delimiters) {
            Ok((text, rest)) => (text, (mode == b'v' || mode == b'w').then_some(rest).flatten()),
            Err(remark) => (body.to_vec(), Some(remark)),
        };
        match remark {
            Some(remark) if mode == b'w' && !remark.starts_with("found") => {
                bad = Some(remark);
                return;
            }
            Some(remark) if mode != b'q' => {
                let seen = &body[..body.len().min(SHOWN)];
                let dots = if seen.len() < body.len() { "..." } else { "" };
                let line = format!(" in line: {}{dots}", shown(seen));
                image.warn(&[&remark[..], if mode == b'Q' { "" } else { &line }].concat());
            }
            _ => {}
        }
        out.extend_from_slice(&text);
        out.extend_from_slice(&line[body.len()..]);
    })?;
    bad.map_or(Ok(ended), |remark| Err(Fail::bad(remark)))
}

/// A line without its quotes, with a remark on what is behind them; or what is wrong with it.
fn inner(line: &[u8], delimiters: &[u8]) -> Result<(Vec<u8>, Option<String>), String> {
    let failed = |(errno, _)| format!("unable to unquote: {}", sys::reason(errno));
    if delimiters.is_empty() {
        return Ok((unquote(line, delimiters).map_err(failed)?.0, None));
    }
    let Some((first, body)) = line.split_first() else { return Err("empty line".to_owned()) };
    if !delimiters.contains(first) {
        return Err("invalid starting quote character".to_owned());
    }
    let (text, end) = unquote(body, delimiters).map_err(failed)?;
    match body.len() {
        all if end == all => Err("unable to unquote: no ending quote character".to_owned()),
        all if end + 1 == all => Ok((text, None)),
        all => {
            let remark = format!("found ending quote character at position {}/{all}", end + 1);
            Ok((text, Some(remark + ", ignoring remainder")))
        }
    }
}

//! `s6-grep`: the lines that match.

use crate::options;
use crate::s6::lines;
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use std::ffi::CStr;
use sys::posix::{REG_EXTENDED, REG_ICASE, REG_NOSUB, Regex};

pub const COMMAND: Command = Command {
    name: "s6-grep",
    usage: "s6-grep [ -E | -F ] [ -i ] [ -c ] [ -n ] [ -q ] [ -v ] pattern",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// 1: no line matches; 111: there is no such pattern, standard input can't be read, or standard
/// output not be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut given = Vec::new();
    options::take(&mut argv, "EFicnqv", |letter, _| {
        given.push(letter);
        Ok(())
    })?;
    let has = |letter| given.contains(&letter);
    let pattern = argv.first().ok_or_else(Fail::usage)?;
    let fold = has(b'i');
    let flags =
        REG_NOSUB | if has(b'E') { REG_EXTENDED } else { 0 } | if fold { REG_ICASE } else { 0 };
    let regex = match has(b'F') {
        true => None,
        false => Some(Regex::with(pattern, flags).map_err(|bad| {
            let what = format!("unable to compile regular expression: {}", shown(&bad.0));
            Fail::with_code(111, what)
        })?),
    };
    let folded = |text: &[u8]| if fold { text.to_ascii_lowercase() } else { text.to_vec() };
    let fixed = folded(pattern.to_bytes());
    let matches = |line: &[u8]| match &regex {
        Some(regex) => CStr::from_bytes_until_nul(line).is_ok_and(|line| regex.is_match(line)),
        None => {
            let line = folded(line);
            fixed.is_empty() || line.windows(fixed.len()).any(|part| part == fixed)
        }
    };
    let (mut number, mut count) = (0u32, 0u32);
    lines::filter(b"\n", |line, out| {
        number = number.wrapping_add(1);
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        if matches(&[body, b"\0"].concat()) == has(b'v') {
            return;
        }
        count = count.saturating_add(1);
        if !has(b'q') && !has(b'c') {
            if has(b'n') {
                out.extend_from_slice(format!("{number}:").as_bytes());
            }
            out.extend_from_slice(body);
            out.push(b'\n');
        }
    })?;
    if has(b'c') && !has(b'q') {
        super::line(count.to_string().as_bytes(), true)?;
    }
    Ok(Next::Exit((count == 0).into()))
}

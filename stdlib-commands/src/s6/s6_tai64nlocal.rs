//! `s6-tai64nlocal`: writes what it reads, with TAI64N labels at the beginning of lines made
//! readable.

use super::lines;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};
use std::io::Write;

pub const COMMAND: Command = Command {
    name: "s6-tai64nlocal",
    usage: "s6-tai64nlocal [ -g ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// How long a label is, with its `@`.
const LABEL: usize = 25;

/// 111: standard input or output fails.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let utc = options::flag(&mut argv, b'g')?;
    lines::filter(b"\n", |line, out| {
        let rest = match readable(line, utc) {
            Some(text) => {
                out.extend_from_slice(&text);
                &line[LABEL..]
            }
            None => line,
        };
        out.extend_from_slice(rest);
    })
}

/// The date and time that a line's label stands for. A label alone, with nothing behind it, is
/// none, and neither is one from before 1970.
fn readable(line: &[u8], utc: bool) -> Option<Vec<u8>> {
    if line.len() <= LABEL {
        return None;
    }
    let time = sys::tai::scan(line).filter(|time| time.sec >= 0)?;
    let [year, month, day, hour, minute, second] = sys::time::broken_down(time.sec, utc)?;
    let mut text = Vec::with_capacity(32);
    let date = format_args!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.");
    let _ = text.write_fmt(date);
    let nanos = format!("{:09}", time.nsec);
    text.extend_from_slice(&nanos.as_bytes()[..9]);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn labels() {
        let at = |line: &[u8]| readable(line, true).map(|t| String::from_utf8(t).unwrap());
        let good = Some("2026-11-21 11:33:04.126830661".to_owned());
        assert_eq!(at(b"@400000006b018195078f4845 hi"), good);
        assert_eq!(at(b"@400000006B018195078F4845\n"), good);
        for line in [&b"@400000006b018195078f4845"[..], b"@400000006b018195078f484g\n", b"x", b""] {
            assert_eq!(at(line), None, "{}", line.escape_ascii());
        }
        assert_eq!(at(b"@ffffffff6b018195078f4845 x"), None);
        let beyond = at(b"@400000006b018195ffffffff x").unwrap();
        assert_eq!(beyond, "2026-11-21 11:33:04.429496729");
    }
}

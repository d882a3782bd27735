//! `s6-format-filter`: lines in a form.

use crate::s6::lines;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "s6-format-filter",
    usage: "s6-format-filter format [ args... ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// 111: there is no such form, or standard input or output fails.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let form = argv.next_word().ok_or_else(Fail::usage)?.to_bytes();
    let word = |n: usize| match n {
        0 => Some(image.argv0.to_bytes()),
        _ => argv.get(n - 1).map(|word| word.to_bytes()),
    };
    let fill = |line: &[u8], out: &mut Vec<u8>| {
        let mut rest = form.iter();
        while let Some(&b) = rest.next() {
            let piece = match b {
                b'%' => match *rest.next()? {
                    b'%' => b"%",
                    b's' => line,
                    digit @ b'0'..=b'9' => word(usize::from(digit - b'0'))?,
                    _ => return None,
                },
                _ => std::slice::from_ref(&b),
            };
            out.extend_from_slice(piece);
        }
        Some(())
    };
    fill(b"", &mut Vec::new()).ok_or_else(|| Fail::sys("compile format", Errno::EINVAL))?;
    lines::filter(b"\n", |line, out| {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let _ = fill(body, out);
        out.extend_from_slice(&line[body.len()..]);
    })
}

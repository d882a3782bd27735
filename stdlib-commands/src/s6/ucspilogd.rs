//! `ucspilogd`: writes the lines for syslog that it reads, with names in the place of their
//! numbers, and variables before them.

use super::{lines, syslog};
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "ucspilogd",
    usage: "ucspilogd [ -D undef ] [ var... ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// How long a TAI64N label is with the blank behind it.
const LABEL: usize = 26;

/// 111: standard input or output fails.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut undefined = c"<undefined>";
    options::take(&mut argv, "D:", |_, value| {
        undefined = value;
        Ok(())
    })?;
    let mut prefix = Vec::new();
    for name in &*argv {
        let value = image.env.get(name.to_bytes());
        prefix.extend_from_slice(value.unwrap_or(undefined.to_bytes()));
        prefix.extend_from_slice(b": ");
    }
    lines::filter(b"\n\0", |line, out| {
        let text = line.strip_suffix(b"\n").or(line.strip_suffix(b"\0")).unwrap_or(line);
        let label = if has_label(text) { LABEL } else { 0 };
        out.extend_from_slice(&text[..label]);
        out.extend_from_slice(&prefix);
        let rest = syslog::named(&text[label..], out);
        out.extend_from_slice(rest);
        out.push(b'\n');
    })
}

/// Does the line begin with what looks like a label, with something behind it?
fn has_label(text: &[u8]) -> bool {
    text.len() >= LABEL
        && text[0] == b'@'
        && text.iter().position(|&b| b == b' ') == Some(LABEL - 1)
}

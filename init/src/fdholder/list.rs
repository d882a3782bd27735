//! `s6-fdholder-list`: prints the names of what a server holds.

use super::client::{connect, refused, timeout};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};
use std::io::Write;
use stdlib_commands::output;

/// Exit codes: 1 the server says no, 100 wrong usage, 111 there is no connection, or the standard
/// output fails.
pub const COMMAND: Command = Command {
    name: "s6-fdholder-list",
    usage: "s6-fdholder-list [ -t timeout ] socket",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let deadline = timeout(&mut argv)?;
    let [socket, ..] = *argv else { return Err(Fail::usage()) };
    let mut client = connect(socket, deadline, "")?;
    let names = client.list().map_err(|errno| refused("get fd list", None, errno))?;
    let mut text = Vec::new();
    for name in names {
        quote(&name, &mut text);
        text.push(b'\n');
    }
    output::write_and_end(&text)
}

/// Adds a name so that it stays on its line.
fn quote(name: &[u8], text: &mut Vec<u8>) {
    for &byte in name {
        match byte {
            7..=13 => text.extend([b'\\', b"abtnvfr"[usize::from(byte - 7)]]),
            b'\\' => text.extend(b"\\\\"),
            b' '..=b'~' => text.push(byte),
            _ => {
                let _ = write!(text, "\\0x{byte:02x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn quoting() {
        let mut text = Vec::new();
        super::quote(b"a b\"\\\n\t\x01\xff~\x7f", &mut text);
        assert_eq!(text, b"a b\"\\\\\\n\\t\\0x01\\0xff~\\0x7f");
    }
}

//! `s6-tai64n`: writes what it reads, with the time before each line.

use super::lines;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command =
    Command { name: "s6-tai64n", usage: "s6-tai64n", run, kind: Kind::Daemon, examine: None };

/// Its arguments don't matter. 111: standard input or output fails.
fn run(_image: &mut Image, _argv: Argv) -> Ran {
    lines::filter(b"\n", |line, out| {
        out.extend_from_slice(&sys::tai::timestamp(sys::time::now()));
        out.push(b' ');
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.push(b'\n');
        }
    })
}

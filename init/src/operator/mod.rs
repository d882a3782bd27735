//! `chainit …`: what a person types. clap is linked for this alone, and never runs on the path
//! of a chain.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};

/// The multicall file under its own name.
pub const COMMAND: Command =
    Command { name: "chainit", usage: "chainit command [ args... ]", run, kind: Kind::Daemon };

fn run(_image: &mut Image, argv: Argv) -> Ran {
    if argv.first().is_some_and(|w| w.to_bytes() == b"commands") {
        return commands();
    }
    Ok(Next::Exit(100))
}

/// The names under which the binary is called, one a line: what an installation links.
fn commands() -> Ran {
    let mut out = Vec::new();
    for command in crate::tables().flatten() {
        out.extend_from_slice(command.name.as_bytes());
        out.push(b'\n');
    }
    let _ = sys::fd::write_all(1, &out);
    Ok(Next::Exit(0))
}

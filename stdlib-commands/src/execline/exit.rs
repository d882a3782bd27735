//! `exit`: the end, with the code that is given, or 0. The kernel keeps the code's lowest byte.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};

pub const COMMAND: Command =
    Command { name: "exit", usage: "exit [ exitcode ]", run, kind: Kind::Quick };

fn run(_image: &mut Image, argv: Argv) -> Ran {
    let Some(word) = argv.first() else { return Ok(Next::Exit(0)) };
    let code = crate::options::number(word)?;
    Ok(Next::Exit(code.cast_signed()))
}

//! `exit`: the end, with the code that is given, or 0. The kernel keeps the code's lowest byte.

use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran, Refuse};

pub const COMMAND: Command = Command {
    name: "exit",
    usage: "exit [ exitcode ]",
    run,
    kind: Kind::Quick,
    examine: Some(examine),
};

fn run(_image: &mut Image, argv: Argv) -> Ran {
    let Some(word) = argv.first() else { return Ok(Next::Exit(0)) };
    let code = options::number(word)?;
    Ok(Next::Exit(code.cast_signed()))
}

fn examine(words: &[Arg], refuse: &mut Refuse) {
    if let Some(word) = words.first() {
        options::refuse_if(options::number(word).map(drop), word, refuse);
    }
}

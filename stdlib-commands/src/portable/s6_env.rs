//! `s6-env`: variables for the rest.

use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-env",
    usage: "s6-env [ -i ] [ name=value... ] [ prog... ]",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    if options::flag(&mut argv, b'i')? {
        image.env.clear();
    }
    while let Some(word) = argv.first().copied()
        && let Some(equals) = word.to_bytes().iter().position(|&b| b == b'=')
    {
        let (name, value) = word.to_bytes().split_at(equals);
        image.env.set(name, &value[1..]);
        argv.advance(1);
    }
    if argv.is_empty() {
        argv = vec![c"s6-printenv"].into();
    }
    Ok(Next::Chain(argv))
}

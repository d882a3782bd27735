//! `multidefine`: splits a value and puts its parts in the places of keys.

use super::substitution::{self, multidefine};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "multidefine",
    usage: "multidefine [ -0 ] [ -r ] [ -N | -n ] [ -C | -c ] [ -d delim ] \
            value { keys... } [ prog... ]",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    substitution::run(image, argv, multidefine::read)
}

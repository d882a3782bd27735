//! `define`: puts a given value in the place of a key.

use super::substitution::{self, define};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "define",
    usage: "define [ -N | -n ] [ -s ] [ -C | -c ] [ -d delim ] key value [ prog... ]",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    substitution::run(image, argv, define::read)
}

//! `importas`: puts a variable's value in the place of a key.

use super::substitution::{self, importas};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "importas",
    usage: "importas [ -S ] [ -i | -D default ] [ -u ] [ -N | -n ] [ -s ] [ -C | -c ] \
            [ -d delim ] key var [ prog... ]",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    substitution::run(image, argv, importas::read)
}

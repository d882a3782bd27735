//! `elgetpositionals`: puts the positional parameters of the environment in the places of `$1`,
//! `$@` and so on.

use super::substitution::{self, positionals};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "elgetpositionals",
    usage: "elgetpositionals [ -P num ] [ prog... ]",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    substitution::run(image, argv, positionals::read)
}

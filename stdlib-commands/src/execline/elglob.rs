//! `elglob`: puts the paths that match a pattern in the place of a key.

use super::substitution::{self, elglob};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "elglob",
    usage: "elglob [ -v ] [ -w ] [ -s ] [ -m ] [ -e ] [ -0 ] [ -n ] [ -d delim ] \
            key pattern [ prog... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    substitution::run(image, argv, elglob::read)
}

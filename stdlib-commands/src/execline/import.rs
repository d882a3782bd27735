//! `import`: puts a variable's value in the place of its own name. Execline had it until 2.5.0.0;
//! now `importas -S` does the same.

use super::substitution::{self, importas};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "import",
    usage: "import [ -i | -D default ] [ -u ] [ -N | -n ] [ -s ] [ -C | -c ] [ -d delim ] envvar \
            prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    substitution::run(image, argv, importas::read_import)
}

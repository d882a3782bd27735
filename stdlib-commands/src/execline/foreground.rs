//! `foreground`: a block runs to its end, then the rest, which finds its exit code in `?`.

use super::block;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "foreground",
    usage: "foreground { command... } [ remainder... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let block = image.need_block(&mut argv)?;
    block::sequence(image, &block, argv)
}

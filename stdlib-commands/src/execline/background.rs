//! `background`: a block runs beside the rest, which finds its pid in `!`.

use super::block;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "background",
    usage: "background [ -d ] { command... } [ remainder... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the block's program can't be started.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let orphan = options::flag(&mut argv, b'd')?;
    let block = block::not_empty(image.need_block(&mut argv)?)?;
    // Without a remainder this process ends at once, which makes an orphan as well.
    let spawned = if orphan && !argv.is_empty() {
        image.spawn_grandchild(&block, None, &[])
    } else {
        image.spawn(&block, None, &[])
    };
    let pid = spawned.map_err(|failed| image.spawn_fail(&block, failed))?;
    block::set_number(image, b"!", pid);
    Next::chain_or_end(argv)
}

//! `pipeline`: a block runs beside the rest, its output the rest's input, its pid in `!`.

use super::block;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::spawn::Action;

pub const COMMAND: Command = Command {
    name: "pipeline",
    usage: "pipeline [ -d ] [ -r | -w ] { command... } command...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: there is no pipe, or the block's program can't be started.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut orphan, mut feeds) = (false, false);
    options::take(&mut argv, "drw", |letter, _| {
        match letter {
            b'd' => orphan = true,
            other => feeds = other == b'w',
        }
        Ok(())
    })?;
    let block = block::not_empty(image.need_block(&mut argv)?)?;
    if argv.is_empty() {
        return Err(Fail::bad("empty remainder: a pipe needs a program behind the block"));
    }
    let (read, write) = sys::fd::pipe(0).map_err(|e| Fail::sys("create pipe", e))?;
    let (mine, its) = if feeds { (write, read) } else { (read, write) };
    let (my_end, its_end) = (i32::from(feeds), i32::from(!feeds));
    let actions = [Action::Close(mine), Action::Move { to: its_end, from: its }];
    let spawned = if orphan {
        image.spawn_grandchild(&block, None, &actions)
    } else {
        image.spawn(&block, None, &actions)
    };
    let pid = spawned.map_err(|failed| image.spawn_fail(&block, failed))?;
    let _ = sys::fd::close(its);
    sys::fd::rename(my_end, mine).map_err(|e| Fail::sys("move the pipe's end", e))?;
    block::set_number(image, b"!", pid);
    Ok(Next::Chain(argv))
}

//! `ifte`: the rest asks; on 0 the process becomes the first block, else the second.

use super::block;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "ifte",
    usage: "ifte [ -X ] [ -n ] { command-then... } { command-else... } command-if...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the rest can't be started; 128 and a signal's number: it crashed.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut not, mut crash_counts) = (false, false);
    options::take(&mut argv, "Xn", |letter, _| {
        match letter {
            b'n' => not = true,
            _ => crash_counts = true,
        }
        Ok(())
    })?;
    let then = block::named(image, &mut argv, "then")?;
    let otherwise = block::named(image, &mut argv, "else")?;
    if argv.is_empty() {
        return Err(Fail::bad("empty command-if: the command that asks comes behind both blocks"));
    }
    let answer = block::ask(image, &argv, crash_counts)?;
    Next::chain_or_end(if (answer == 0) != not { then } else { otherwise })
}

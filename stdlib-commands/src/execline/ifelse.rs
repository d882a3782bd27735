//! `ifelse`: one block asks; on 0 the process becomes the second, else the rest.

use super::block;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "ifelse",
    usage: "ifelse [ -n ] [ -X ] { command-if... } { command-then... } [ command-else... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the first block can't be started; 128 and a signal's number: it crashed.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut not, mut crash_counts) = (false, false);
    options::take(&mut argv, "nX", |letter, _| {
        match letter {
            b'n' => not = true,
            _ => crash_counts = true,
        }
        Ok(())
    })?;
    let asked = block::named(image, &mut argv, "if")?;
    let then = block::named(image, &mut argv, "then")?;
    let answer = block::ask(image, &asked, crash_counts)?;
    Next::chain_or_end(if (answer == 0) != not { then } else { argv })
}

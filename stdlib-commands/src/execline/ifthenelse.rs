//! `ifthenelse`: one block asks; on 0 the second runs to its end, else the third; then the rest.

use super::block;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "ifthenelse",
    usage: "ifthenelse [ -X ] [ -s ] { command-if... } { command-then... } { command-else... } \
            [ remainder... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the first block can't be started; 128 and a signal's number: it crashed.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut crash_counts, mut joined) = (false, false);
    options::take(&mut argv, "Xs", |letter, _| {
        match letter {
            b'X' => crash_counts = true,
            _ => joined = true,
        }
        Ok(())
    })?;
    let asked = block::named(image, &mut argv, "if")?;
    let then = block::named(image, &mut argv, "then")?;
    let otherwise = block::named(image, &mut argv, "else")?;
    let answer = block::ask(image, &asked, crash_counts)?;
    let chosen = if answer == 0 { then } else { otherwise };
    if joined {
        argv.prepend(&chosen);
        return Next::chain_or_end(argv);
    }
    block::sequence(image, &chosen, argv)
}

//! `if`: the rest runs only where a block ends with 0.

use super::block;
use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::args::number::uint_prefix;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran, Refuse};

/// The command.
pub const COMMAND: Command = Command {
    name: "if",
    usage: "if [ -n ] [ -X ] [ -t | -x exitcode ] { command... } [ remainder... ]",
    run,
    kind: Kind::Link,
    examine: Some(examine),
};

const LETTERS: &str = "nXtx:";

/// 111: the block can't be started; 128 and a signal's number: it crashed; else the block's own
/// code (128 for those above), 1 with `-n`, 0 with `-t`, or that of `-x`.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut not, mut crash_counts, mut code) = (false, false, None);
    options::take(&mut argv, LETTERS, |letter, value| {
        match letter {
            b'n' => {
                not = true;
                code = code.or(Some(1));
            }
            b'X' => crash_counts = true,
            b't' => code = Some(0),
            _ => code = Some(number(value)?),
        }
        Ok(())
    })?;
    let code = code.map(in_range).transpose()?;
    let block = image.need_block(&mut argv)?;
    let answer = block::ask(image, &block, crash_counts)?;
    if (answer == 0) == not {
        return Ok(Next::Exit(code.unwrap_or(answer)));
    }
    Next::chain_or_end(argv)
}

fn examine(words: &[Arg], refuse: &mut Refuse) {
    options::examine(words, LETTERS, refuse, &|letter, value| match letter {
        b'x' => number(value).and_then(in_range).map(drop),
        _ => Ok(()),
    });
}

/// What stands behind the digits does not matter.
fn number(value: Arg) -> Result<u32, Fail> {
    match uint_prefix(value.to_bytes()) {
        (_, 0) => Err(Fail::number(value)),
        (number, _) => Ok(number),
    }
}

/// Looked at when all options are known: the last one counts.
fn in_range(code: u32) -> Result<i32, Fail> {
    match u8::try_from(code) {
        Ok(code) => Ok(code.into()),
        Err(_) => Err(Fail::bad("invalid exit code: -x takes a number from 0 to 255")),
    }
}

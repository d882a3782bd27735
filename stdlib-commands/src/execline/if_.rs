//! `if`: the rest runs only where a block ends with 0.

use super::block;
use crate::options;
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "if",
    usage: "if [ -n ] [ -X ] [ -t | -x exitcode ] { command... } [ remainder... ]",
    run,
    kind: Kind::Link,
};

/// 111: the block can't be started; 128 and a signal's number: it crashed; else the block's own
/// code (128 for those above), 1 with `-n`, 0 with `-t`, or that of `-x`.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut not, mut crash_counts, mut code) = (false, false, None);
    options::take(&mut argv, "nXtx:", |letter, value| {
        match letter {
            b'n' => {
                not = true;
                code = code.or(Some(1));
            }
            b'X' => crash_counts = true,
            b't' => code = Some(0),
            _ => match number::uint_prefix(value.to_bytes()) {
                (_, 0) => return Err(Fail::number(value)),
                (n, _) => code = Some(n),
            },
        }
        Ok(())
    })?;
    if code.is_some_and(|code| code > 255) {
        return Err(Fail::bad("invalid exit code: -x takes a number from 0 to 255"));
    }
    let block = image.need_block(&mut argv)?;
    let answer = block::ask(image, &block, crash_counts)?;
    if (answer == 0) == not {
        return Ok(Next::Exit(code.map_or(answer, |code| code as i32)));
    }
    Next::chain_or_end(argv)
}

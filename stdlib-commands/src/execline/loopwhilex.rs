//! `loopwhilex`: a command line runs as long as it succeeds.

use super::block;
use super::rounds::{self, Body, Codes};
use crate::options;
use interpreter::again::Round;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "loopwhilex",
    usage: "loopwhilex [ -n ] [ -o okcodes | -x breakcodes ] prog...",
    run,
    kind: Kind::Link,
    examine: Some(rounds::examine),
};

/// 111: it can't be started; else the last one's exit code, as execline approximates it.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut not, mut codes) = (false, None);
    options::take(&mut argv, "no:x:", |letter, arg| {
        match letter {
            b'n' => not = true,
            _ => codes = Some(Codes::read(letter, arg)?),
        }
        Ok(())
    })?;
    let Some(&first) = argv.first() else { return Err(Fail::usage()) };
    let codes = codes.map_or_else(|| Codes::read(b'o', c"0"), Ok)?;
    let body = Body::fixed(image, argv.clone());
    loop {
        let round = body.start(b"").inspect_err(|_| {
            if first.to_bytes().starts_with(b" ") {
                image.warn("loopwhilex takes no { block }: write the loop's words behind it");
            }
        })?;
        let code = match round {
            Round::Begun(pid) => block::wait(&argv, pid)?,
            Round::Over(ended) => ended.map_err(|errno| block::wait_failed(&argv, errno))?,
        }
        .exit_code();
        if codes.end(code) != not {
            return Ok(Next::Exit(code));
        }
    }
}

//! `runblock`: becomes one of the blocks that the script was given, or (`-r`) what is behind
//! them, with other words in front if so asked.

use super::positionals::Positionals;
use crate::options;
use interpreter::arg::Argv;
use interpreter::args::pushenv;
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "runblock",
    usage: "runblock [ -P ] [ -n argshift ] [ -r ] n [ cmd... ]",
    run,
    kind: Kind::Quick,
    examine: None,
};

/// 100: there are no positional parameters, or not so many blocks in them.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut keep, mut rest, mut before) = (false, false, 0);
    options::take(&mut argv, "Prn:", |letter, arg| {
        match letter {
            b'P' => keep = true,
            b'r' => rest = true,
            _ => before = options::number(arg)?,
        }
        Ok(())
    })?;
    let wanted = options::number(argv.next_word().ok_or_else(Fail::usage)?)?;
    if wanted == 0 && !rest {
        return Err(Fail::usage());
    }
    let given = Positionals::read(image)?;
    let mut words = Vec::new();
    for index in 1..=wanted {
        (words, before) =
            given.block(image, index, before)?.ok_or_else(|| too_few(&given, index))?;
    }
    if rest {
        if before >= given.count() {
            return Ok(Next::Exit(0));
        }
        words = given.from(image, before + 1)?;
    }
    if !keep {
        image.env = pushenv::pop(image.env.vars(), pushenv::POSITIONALS)
            .map(Env::new)
            .map_err(|bad| Fail::with_code(111, format!("unable to pop environment: {bad}")))?;
    }
    Next::chain_or_end([&argv, &words[..]].concat().into())
}

fn too_few(given: &Positionals, block: u32) -> Fail {
    let count = given.count();
    Fail::bad(format!("too few arguments ({count}): no empty word ends block {block}"))
}

//! `shift`: takes words (`-n`) and then blocks (`-b`) off the front of the positional parameters;
//! one word if nothing is said.

use super::positionals::Positionals;
use crate::options;
use interpreter::arg::Argv;
use interpreter::args::number::Decimal;
use interpreter::args::numbered::{moved, renumber};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "shift",
    usage: "shift [ -n arg# ] [ -b block# ] prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut words: Option<u32> = None;
    let mut blocks: Option<u32> = None;
    options::take(&mut argv, "n:b:", |letter, arg| {
        let count = options::number(arg)?;
        match letter {
            b'n' => words = Some(count),
            _ => blocks = Some(count),
        }
        Ok(())
    })?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let positionals = Positionals::read(image)?;
    let given = positionals.count();
    let words = words.unwrap_or(u32::from(blocks.is_none()));
    let mut gone = limit(image, words, given)?;
    for block in 0..blocks.unwrap_or(0) {
        (_, gone) = positionals.block(image, block, gone)?.ok_or_else(|| {
            Fail::bad(format!(
                "unable to shift block {block}: too few arguments ({given}): no empty word ends it"
            ))
        })?;
    }
    let left = given - gone;
    let mut env = image.env.clone();
    env.set(b"#", &Decimal::new(left.into()));
    let numbers = moved(&env, gone, given);
    renumber(&mut env, given, numbers, |number| match number <= left {
        true => positionals.value(image, number + gone),
        false => None,
    });
    image.env = env;
    Ok(Next::Chain(argv))
}

/// No more words than there are, and what `EXECLINE_STRICT` says to that.
fn limit(image: &Image, wanted: u32, given: u32) -> Result<u32, Fail> {
    if wanted <= given {
        return Ok(wanted);
    }
    let message = format!("unable to shift {wanted} arguments: got {given}");
    match image.strict() {
        0 => {}
        1 => image.warn(&message),
        _ => return Err(Fail::bad(message)),
    }
    Ok(given)
}

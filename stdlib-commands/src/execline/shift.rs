//! `shift`: takes words (`-n`) and then blocks (`-b`) off the front of the positional parameters;
//! one word if nothing is said.

use crate::options;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::args::number::{self, Decimal};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "shift",
    usage: "shift [ -n arg# ] [ -b block# ] prog...",
    run,
    kind: Kind::Link,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut words: Option<u32> = None;
    let mut blocks: Option<u32> = None;
    options::take(&mut argv, "n:b:", |letter, arg| {
        let count = number::uint(arg.to_bytes()).ok_or(Fail::Usage)?;
        match letter {
            b'n' => words = Some(count),
            _ => blocks = Some(count),
        }
        Ok(())
    })?;
    if argv.is_empty() {
        return Err(Fail::Usage);
    }
    let given = super::positionals::count(image)?;
    let words = words.unwrap_or(u32::from(blocks.is_none()));
    let mut gone = limit(image, words, given)?;
    for block in 0..blocks.unwrap_or(0) {
        gone = skip_block(image, block, gone, given)?;
    }
    renumber(image, gone, given);
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

/// The number of the parameter that ends the block behind number `gone`.
fn skip_block(image: &Image, block: u32, gone: u32, given: u32) -> Result<u32, Fail> {
    for number in gone + 1..=given {
        let word = super::positionals::get(image, number)?;
        match word.to_bytes().first() {
            None => return Ok(number),
            Some(b' ') => {}
            Some(_) => unquoted(image, word, block, number - gone)?,
        }
    }
    Err(Fail::bad(format!(
        "unable to shift block {block}: too few arguments ({given}): no empty word ends it"
    )))
}

fn unquoted(image: &Image, word: Arg, block: u32, position: u32) -> Result<(), Fail> {
    let word = word.to_string_lossy();
    let message = format!("unquoted positional {word} at block {block} position {position}");
    match image.strict() {
        0 => {}
        1 => image.warn(&message),
        _ => return Err(Fail::bad(message)),
    }
    Ok(())
}

fn renumber(image: &mut Image, gone: u32, given: u32) {
    let left = given - gone;
    let before = image.env.clone();
    image.env.set(b"#", &Decimal::new(left.into()));
    for number in 1..=given {
        let name = Decimal::new(number.into());
        let value = (number <= left)
            .then(|| before.get(&Decimal::new(u64::from(number) + u64::from(gone))))
            .flatten();
        image.env.merge(match value {
            Some(value) => leak([&name, &b"="[..], value].concat()),
            None => leak(name.to_vec()),
        });
    }
}

//! `elgetopt`: takes the options off the positional parameters; each becomes a variable
//! `ELGETOPT_x`. Those of a script around this one are moved out of the way.
//!
//! An option that the parameters should not have ends it with 1.

use super::positionals::Positionals;
use crate::options;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::args::getopt::Getopt;
use interpreter::args::number::Decimal;
use interpreter::args::numbered::renumber;
use interpreter::args::pushenv;
use interpreter::diagnose::shown;
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "elgetopt",
    usage: "elgetopt [ -D default ] optstring prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut default = c"1";
    options::take(&mut argv, "D:", |_, arg| {
        default = arg;
        Ok(())
    })?;
    let [letters, _, ..] = *argv else { return Err(Fail::usage()) };
    let positionals = Positionals::read(image)?;
    let script = positionals.get(image, 0)?;
    let words = positionals.from(image, 1)?;

    let Some((found, used)) = walk(script, &words, letters.to_bytes(), default) else {
        return Ok(Next::Exit(1));
    };
    let pushed = pushenv::push(image.env.vars(), &[pushenv::ELGETOPT]);
    let pushed = pushed
        .map_err(|bad| Fail::with_code(111, format!("unable to update environment: {bad}")))?;
    image.env = Env::new(pushed);
    found.into_iter().for_each(|option| image.env.merge(option));
    let count = positionals.count();
    renumber(&mut image.env, count, 1..=count, |number| {
        words.get(used + number as usize - 1).copied()
    });
    image.env.set(b"#", &Decimal::new((words.len() - used) as u64));
    argv.advance(1);
    Ok(Next::Chain(argv))
}

/// The variables that the options make, and how many words they were; nothing if one is wrong,
/// after a message.
///
/// With a colon in front of `letters` a missing argument is no end: `ELGETOPT_:` tells of it.
fn walk(script: Arg, words: &[Arg], letters: &[u8], default: Arg) -> Option<(Vec<Arg>, usize)> {
    let tolerant = letters.strip_prefix(b":");
    let mut walk = Getopt::new(words, tolerant.unwrap_or(letters));
    let mut found = Vec::new();
    let variable =
        |letter, value: Arg| leak([pushenv::ELGETOPT, &[letter, b'='], value.to_bytes()].concat());
    for option in walk.by_ref() {
        match option {
            // The walk of the original tells a wrong option by this letter.
            Ok((b'?', _)) => {
                complain(script, b'?', false);
                return None;
            }
            Ok((letter, arg)) => found.push(variable(letter, arg.unwrap_or(default))),
            Err(bad) => {
                complain(script, bad.letter, bad.lacks_argument);
                if !bad.lacks_argument || tolerant.is_none() {
                    return None;
                }
                found.push(variable(b':', default));
                return Some((found, words.len()));
            }
        }
    }
    Some((found, walk.used()))
}

/// Says, in the name of the script, what is wrong with its options.
fn complain(script: Arg, letter: u8, lacks_argument: bool) {
    let what = match lacks_argument {
        true => "option requires an argument",
        false => "illegal option",
    };
    let letter = letter.escape_ascii();
    let line = format!("{}: {what}: -{letter}\n", shown(script.to_bytes()));
    let _ = sys::fd::write_all(2, line.as_bytes());
}

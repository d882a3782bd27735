//! `execlineb`: turns a script into one command line and becomes it.

use crate::arg::{Arg, Argv, leak, leak_blob};
use crate::args::getopt::Getopt;
use crate::args::number::{Decimal, uint};
use crate::args::positional::Positionals;
use crate::args::{pushenv, subst};
use crate::diagnose;
use crate::image::{Image, Origin};
use crate::syntax::{self, Parsed, SyntaxErrorKind};
use crate::word::{Command, Fail, Kind, Next, Ran};

/// The interpreter itself, as a command: a script may call it in the middle of a chain.
pub const COMMAND: Command = Command {
    name: "execlineb",
    usage: "execlineb [ -p | -P | -S nmin | -s nmin ] [ -q | -w | -W ] [ -e ] \
            [ -c commandline ] script args...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What becomes of the script's name and arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Positional {
    /// Into the environment, those of an outer script moved out of the way.
    Push,
    /// Into the environment (`-p`).
    Set,
    /// Forgotten (`-P`).
    Ignore,
    /// Substituted for `$1`, `$@` and so on in the script (`-S`, `-s`).
    Substitute { least: u32, shift: bool },
}

/// A static, not a constant: those have names by which the linker puts them where a start has
/// been anyway (`init/overlay/layout.ld`).
static LETTERS: [u8; 12] = *b"pPqwWec:S:s:";

struct Options {
    positional: Positional,
    strict: Option<u32>,
    text: Option<Arg>,
    used: usize,
}

fn options(argv: &[Arg]) -> Result<Options, Fail> {
    let mut found = Options { positional: Positional::Push, strict: None, text: None, used: 0 };
    let mut letters = Getopt::new(argv, &LETTERS);
    for option in letters.by_ref() {
        let (letter, value) = option?;
        match (letter, value) {
            (b'p', _) => found.positional = Positional::Set,
            (b'P', _) => found.positional = Positional::Ignore,
            (b'q', _) => found.strict = Some(0),
            (b'w', _) => found.strict = Some(1),
            (b'W', _) => found.strict = Some(2),
            (b'c', text) => found.text = text,
            (letter @ (b's' | b'S'), Some(least)) => {
                let least = uint(least.to_bytes()).ok_or_else(|| Fail::number(least))?;
                found.positional = Positional::Substitute { least, shift: letter == b's' };
            }
            // -e asks for what is so anyway.
            _ => {}
        }
    }
    found.used = letters.used();
    Ok(found)
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let options = options(&argv)?;
    image.still.set(options.text.is_some());
    argv.advance(options.used);
    let (name, source) = match options.text {
        Some(text) => (None, text.to_bytes()),
        None => {
            let name = argv.next_word().ok_or_else(Fail::usage)?;
            let (text, regular) = read(name)?;
            image.still.set(regular);
            if let Some((path, known)) = image.by_line.take()
                && path == name
                && interpreter(text) == Some(image.argv0.to_bytes())
            {
                image.known.replace(known);
            }
            (Some(name), text)
        }
    };
    let Parsed { blob, count } = syntax::parse(source).map_err(|error| {
        let message = diagnose::syntax_message(
            image.command.name,
            name.map(|n| n.to_bytes()),
            name.map_or(b"-c", |n| crate::why::whole_name(n.to_bytes(), source)),
            source,
            &error,
        );
        let _ = sys::fd::write_all(2, &message);
        // An exec would find it too long.
        Fail::silent(if error.kind == SyntaxErrorKind::TooDeep { 126 } else { 100 })
    })?;
    if count == 0 {
        return Ok(Next::Exit(0));
    }
    let size = blob.len();
    let words = leak_blob(blob, count);
    let start = words.first().map_or(0, |word| word.as_ptr() as usize);
    image.origin = Some(Origin { file: name, source, words: start..start + size });
    let zero = name.unwrap_or(image.argv0);
    let strict = strictness(image, options.strict);
    let words = match options.positional {
        Positional::Substitute { least, shift } => {
            if strict > 0 && argv.len() < least as usize {
                too_few(image, strict, least, argv.len())?;
            }
            let keys = Positionals::of_script(zero, &argv, least, shift);
            subst::substitute(&words, &keys).map_err(|e| Fail::bad(e.to_string()))?
        }
        how => {
            set_positionals(image, how, zero, &argv)?;
            words
        }
    };
    Next::chain_or_end(Argv::new(words))
}

/// The script, and whether nobody was waited for.
fn read(name: Arg) -> Result<(&'static [u8], bool), Fail> {
    let (text, regular) = sys::fd::read_script(name)
        .map_err(|errno| Fail::sys_at("read script", name.to_bytes(), errno))?;
    Ok((Box::leak(text.into_boxed_slice()), regular))
}

/// The interpreter's path, as the kernel takes it from a script's first line.
///
/// `diagnose` has the like for messages, compiled for least room; called from here it makes each script's
/// start 3 % longer.
fn interpreter(text: &[u8]) -> Option<&[u8]> {
    let line = text.strip_prefix(b"#!")?;
    let blanks = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let path = &line[blanks..];
    let end = path.iter().position(|b| matches!(b, b' ' | b'\t' | b'\n' | 0))?;
    Some(&path[..end])
}

/// Hands the strictness on to the script's words, and tells how strict this one is to be about its
/// own arguments: it warns where nobody has said anything.
fn strictness(image: &mut Image, asked: Option<u32>) -> u32 {
    const NAME: &[u8] = b"EXECLINE_STRICT";
    match asked {
        Some(0) => image.env.unset(NAME),
        Some(level) => image.env.set(NAME, &Decimal::new(level.into())),
        None => {
            let Some(value) = image.env.get(NAME) else { return 1 };
            let Some(level) = uint(value) else {
                image.warn("invalid EXECLINE_STRICT value, unsetting it");
                image.env.unset(NAME);
                return 1;
            };
            return level;
        }
    }
    asked.unwrap_or(0)
}

fn too_few(image: &Image, strict: u32, least: u32, given: usize) -> Result<(), Fail> {
    let message = format!("too few arguments: expecting at least {least} but got {given}");
    if strict > 1 {
        return Err(Fail::bad(message));
    }
    image.warn(&message);
    Ok(())
}

fn set_positionals(
    image: &mut Image,
    how: Positional,
    zero: Arg,
    args: &[Arg],
) -> Result<(), Fail> {
    if how == Positional::Ignore {
        return Ok(());
    }
    if how == Positional::Push {
        let pushed = pushenv::push(image.env.vars(), pushenv::POSITIONALS)
            .map_err(|e| Fail::with_code(111, e.to_string()))?;
        image.env = pushed.into();
    }
    image.env.set(b"#", &Decimal::new(args.len() as u64));
    image.env.set(b"0", zero.to_bytes());
    // A hundred thousand arguments must not mean as many searches of the environment.
    let is_number = |var: &Arg| var.to_bytes().first().is_some_and(u8::is_ascii_digit);
    let taken = image.env.vars().iter().filter(|var| is_number(var)).count() > 1;
    for (number, arg) in (1..).zip(args) {
        let (name, value) = (Decimal::new(number), arg.to_bytes());
        if taken {
            image.env.set(&name, value);
        } else {
            image.env.push(leak([&*name, b"=", value].concat()));
        }
    }
    Ok(())
}

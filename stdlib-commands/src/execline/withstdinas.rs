//! `withstdinas`: the standard input, read to its end, becomes a variable.

use super::substitution;
use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "withstdinas",
    usage: "withstdinas [ -i | -I | -D default ] [ -N | -n ] [ -E | -e ] variable [ prog... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What happens to an input with a NUL in it.
#[derive(Default)]
struct Options {
    insist: bool,
    unset: bool,
    default: Option<Arg>,
    keep_newline: bool,
    import: bool,
}

/// 1: `-i`, and the input has a NUL; 111: it can't be read.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let options = take(&mut argv)?;
    let name = argv.next_word().ok_or_else(Fail::usage)?;
    substitution::check_variable(name)?;
    let input = read().map_err(|e| Fail::sys("read the standard input", e))?;
    match judge(image, &options, input)? {
        Some(value) => substitution::bequeath(image, argv, name, &value, options.import),
        None => {
            image.env.unset(name.to_bytes());
            substitution::go_on(image, argv, name, options.import)
        }
    }
}

fn take(argv: &mut Argv) -> Result<Options, Fail> {
    let mut found = Options::default();
    options::take(argv, "iINnD:Ee", |letter, value| {
        match letter {
            b'i' | b'I' => (found.insist, found.unset) = (letter == b'i', letter == b'I'),
            b'N' | b'n' => found.keep_newline = letter == b'N',
            b'D' => found.default = Some(value),
            _ => found.import = letter == b'E',
        }
        Ok(())
    })?;
    Ok(found)
}

/// A non-blocking input that has nothing yet is an error, not something to wait for.
fn read() -> sys::Result<Vec<u8>> {
    let mut input = Vec::with_capacity(4096);
    while sys::fd::read_more(0, &mut input)? > 0 {
        input.reserve(4096);
    }
    Ok(input)
}

/// The variable's value, or that it has none.
fn judge(image: &Image, options: &Options, mut input: Vec<u8>) -> Result<Option<Vec<u8>>, Fail> {
    const NUL: &str = "stdin contained a null character";
    let Some(end) = input.iter().position(|&b| b == 0) else {
        if !options.keep_newline {
            input.pop_if(|last| *last == b'\n');
        }
        return Ok(Some(input));
    };
    if options.insist {
        return Err(Fail::with_code(1, NUL));
    }
    if options.unset {
        return Ok(None);
    }
    if let Some(default) = options.default {
        image.warn(&format!("{NUL} - using default instead"));
        return Ok(Some(default.to_bytes().to_vec()));
    }
    input.truncate(end);
    Ok(Some(input))
}

//! `backtick`: what a block writes becomes a variable of the rest's environment.

use super::block;
use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::args::subst::{Subst, substitute};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::process::Status;
use sys::spawn::Action;

pub const COMMAND: Command = Command {
    name: "backtick",
    usage: "backtick [ -i | -I | -x | -D default ] [ -N | -n ] [ -E | -e ] var { prog... } \
            remainder...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What happens where the block fails or writes a NUL.
#[derive(Clone, Copy)]
enum Blemish {
    /// The command ends: with the block's code as execline approximates it, or 124 on a NUL.
    Fatal,
    /// What was written counts, up to the first NUL.
    Accepted,
    /// This value instead, or none.
    Replaced(Option<Arg>),
}

struct Options {
    blemish: Blemish,
    chomp: bool,
    import: bool,
}

/// 111: the block can't be started or read; 124: it wrote a NUL; else its own code.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let options = take(&mut argv)?;
    let [name, _, ..] = *argv else { return Err(Fail::usage()) };
    super::substitution::check_variable(name)?;
    argv.advance(1);
    let block = block::not_empty(image.need_block(&mut argv)?)?;
    if argv.is_empty() {
        return Err(Fail::bad("the command line after the block must not be empty"));
    }
    let (output, status) = capture(image, &block)?;
    let value = judge(image, &options, &block, output, status)?;
    match &value {
        Some(value) => image.env.set(name.to_bytes(), value),
        None => image.env.unset(name.to_bytes()),
    }
    let survives = !matches!(options.blemish, Blemish::Fatal);
    if survives {
        block::set_number(image, b"?", status.variable());
    }
    if !options.import {
        return Ok(Next::Chain(argv));
    }
    let names: Vec<Arg> = value.map(|_| name).into_iter().chain(survives.then_some(c"?")).collect();
    import(image, &names, &argv)
}

fn take(argv: &mut Argv) -> Result<Options, Fail> {
    let mut found = Options { blemish: Blemish::Fatal, chomp: true, import: false };
    options::take(argv, "iINnxD:Ee", |letter, value| {
        match letter {
            b'i' => found.blemish = Blemish::Fatal,
            b'I' => found.blemish = Blemish::Accepted,
            b'x' => found.blemish = Blemish::Replaced(None),
            b'D' => found.blemish = Blemish::Replaced(Some(value)),
            b'n' | b'N' => found.chomp = letter == b'n',
            _ => found.import = letter == b'E',
        }
        Ok(())
    })?;
    Ok(found)
}

/// Runs the block and reads what it writes to its end.
fn capture(image: &Image, block: &Argv) -> Result<(Vec<u8>, Status), Fail> {
    let (read, write) = sys::fd::pipe(0).map_err(|e| Fail::sys("create pipe", e))?;
    let actions =
        [Action::UnblockSignals, Action::Close(read), Action::Move { to: 1, from: write }];
    let pid =
        image.spawn(block, None, &actions).map_err(|failed| image.spawn_fail(block, failed))?;
    let _ = sys::fd::close(write);
    let output = sys::fd::read_to_end(read).map_err(|e| Fail::sys("read the block's output", e))?;
    let _ = sys::fd::close(read);
    Ok((output, block::wait(block, pid)?))
}

/// The variable's value, or that it has none.
fn judge(
    image: &Image,
    options: &Options,
    block: &Argv,
    mut output: Vec<u8>,
    status: Status,
) -> Result<Option<Vec<u8>>, Fail> {
    let nul = output.iter().position(|&b| b == 0);
    let failed = status.variable() != 0;
    if failed || nul.is_some() {
        match options.blemish {
            Blemish::Fatal if failed => return Err(block::failure(block, status)),
            Blemish::Fatal => return Err(Fail::with_code(124, NUL)),
            Blemish::Replaced(value) => {
                if !failed {
                    image.warn(NUL);
                }
                return Ok(value.map(|value| value.to_bytes().to_vec()));
            }
            // A failed block's output loses what is behind a NUL only once it is a variable, so
            // that the newline that is chomped is the last of all.
            Blemish::Accepted if failed => {}
            Blemish::Accepted => output.truncate(nul.unwrap_or(output.len())),
        }
    }
    if options.chomp {
        output.pop_if(|last| *last == b'\n');
    }
    Ok(Some(output))
}

const NUL: &str = "child process output contained a null character";

/// Puts the variables' values in the place of their names in the rest, and takes the variables
/// out of the environment.
fn import(image: &mut Image, names: &[Arg], rest: &Argv) -> Ran {
    let mut keys: Vec<Subst> = Vec::with_capacity(names.len());
    for name in names {
        let name = name.to_bytes();
        if keys.iter().any(|key| key.name == name) {
            return Err(Fail::bad("the variable ? is already taken: it holds the exit code"));
        }
        let value = image.env.get(name).unwrap_or_default().to_vec();
        keys.push(Subst { name: name.to_vec(), values: vec![value] });
    }
    let words = substitute(rest, &keys).map_err(|e| Fail::bad(e.to_string()))?;
    for name in names {
        image.env.unset(name.to_bytes());
    }
    Next::chain_or_end(words.into())
}

//! `forbacktickx`: a command line runs once for each line that a block writes.
//!
//! It becomes a pipeline into `forstdin`; the standard input waits under another number for the
//! rounds.

use super::own;
use super::rounds::{self, Style};
use super::substitution::check_variable;
use crate::options;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::args::number::Decimal;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "forbacktickx",
    usage: "forbacktickx [ -E | -e ] [ -p | -P max ] [ -o okcodes | -x breakcodes ] [ -N | -n ] \
            [ -C | -c ] [ -0 | -d delim ] var { backtickcmd... } loop...",
    run,
    kind: Kind::Link,
    examine: Some(rounds::examine),
};

/// 1: the block wrote nothing; 111: the block or a round can't be started; else the code with
/// which the loop ended, as execline approximates it.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut style = Style::new();
    let (mut codes, mut delimiter) = (Vec::new(), Vec::new());
    let (mut chomp, mut crunch) = (c"-n", false);
    options::take(&mut argv, "pP:NnCc0d:o:x:Ee", |letter, arg| {
        match letter {
            b'N' => chomp = c"-N",
            b'n' => chomp = c"-n",
            b'C' | b'c' => crunch = letter == b'C',
            b'0' => delimiter = vec![c"-0"],
            b'd' => delimiter = vec![c"-d", arg],
            _ => {
                style.option(letter, arg)?;
                if matches!(letter, b'o' | b'x') {
                    codes = vec![if letter == b'o' { c"-o" } else { c"-x" }, arg];
                }
            }
        }
        Ok(())
    })?;
    let [name, first, ..] = *argv else { return Err(Fail::usage()) };
    if name.is_empty() {
        return Err(Fail::usage());
    }
    check_variable(name)?;
    if first.is_empty() {
        return Err(Fail::bad("empty block: there is no program whose output to read"));
    }
    let Some(end) = argv.iter().position(|word| word.is_empty()) else {
        return Err(Fail::bad(
            "unterminated block: forbacktickx wants { words } behind the variable",
        ));
    };
    let (block, body) = (&argv[1..=end], &argv[end + 1..]);
    let mut words: Vec<Arg> = Vec::with_capacity(argv.len() + 20);
    words.extend([own::PIPELINE, c"--"]);
    words.extend(block);
    words.extend([own::UNEXPORT, c"!", own::FORSTDIN]);
    words.extend([if style.import { c"-E" } else { c"-e" }, chomp]);
    match style.most {
        0 | u32::MAX => words.push(c"-p"),
        1 => {}
        most => words.extend([c"-P", number(most)]),
    }
    if crunch {
        words.push(c"-C");
    }
    words.extend(delimiter);
    words.extend(codes);
    words.extend([c"--", name]);
    match sys::fd::dup_above(0, 0, false) {
        Ok(fd) => words.extend([own::FDMOVE, c"0", number(fd.unsigned_abs())]),
        Err(Errno::EBADF) => words.extend([own::FDCLOSE, c"0"]),
        Err(errno) => return Err(Fail::sys("keep the standard input", errno)),
    }
    words.extend(body);
    Ok(Next::Chain(words.into()))
}

fn number(n: u32) -> Arg {
    leak(Decimal::new(n.into()).to_vec())
}

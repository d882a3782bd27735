//! `forstdin`: a command line runs once for each line of the standard input.

use super::rounds::{self, Body, Children, Cut, Line, Lines, Style};
use super::substitution::check_variable;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "forstdin",
    usage: "forstdin [ -E | -e ] [ -p | -P max ] [ -o okcodes | -x breakcodes ] [ -N | -n ] \
            [ -C | -c ] [ -0 | -d delim ] var loop...",
    run,
    kind: Kind::Link,
    examine: Some(rounds::examine),
};

/// However many are asked for.
const MOST: u32 = 10_000;

/// 1: there was nothing to run the loop for; 111: a round can't be started, the input can't be
/// read or holds no netstrings; else the code with which the loop ended, as execline approximates
/// it.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut style = Style::new();
    let (mut crunch, mut chomp, mut delimiters) = (false, true, &b"\n"[..]);
    options::take(&mut argv, "pP:NnCc0d:o:x:Ee", |letter, arg| {
        match letter {
            b'N' | b'n' => chomp = letter == b'n',
            b'C' | b'c' => crunch = letter == b'C',
            b'0' => delimiters = b"\0",
            b'd' => delimiters = arg.to_bytes(),
            _ => style.option(letter, arg)?,
        }
        Ok(())
    })?;
    let [name, _, ..] = *argv else { return Err(Fail::usage()) };
    check_variable(name)?;
    argv.advance(1);
    let mut children = Children::new(style.most.clamp(1, MOST), style.codes)?;
    let body = Body::new(image, name, argv, style.import, &children);
    let cut = if delimiters.is_empty() { Cut::Netstrings } else { Cut::At(delimiters) };
    let (mut lines, mut value, mut code) = (Lines::new(), Vec::new(), 1);
    loop {
        match lines.next(&cut, &mut value).map_err(|e| Fail::sys("read standard input", e))? {
            Line::Nothing => break,
            Line::Unended if chomp => break,
            // One byte is taken for the delimiter, which at the end of the input it need not be.
            Line::Ended | Line::Unended if crunch && value.len() == 1 => continue,
            Line::Ended if chomp => drop(value.pop()),
            _ => {}
        }
        code = 0;
        let round = body.start(&value)?;
        if let Some(code) = children.add(round)? {
            return Ok(Next::Exit(code));
        }
    }
    children.finish()?;
    Ok(Next::Exit(code))
}

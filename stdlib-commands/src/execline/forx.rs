//! `forx`: a command line runs once for each of some words.

use super::rounds::{self, Body, Children, Style};
use super::substitution::check_variable;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "forx",
    usage: "forx [ -E | -e ] [ -p | -P max ] [ -o okcodes | -x breakcodes ] var { values... } \
            loop...",
    run,
    kind: Kind::Link,
    examine: Some(rounds::examine),
};

/// 111: a round can't be started; 1: they ran at once, and one had a code to end with; else the
/// code with which the loop ended, as execline approximates it.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut style = Style::new();
    options::take(&mut argv, "pP:o:x:Ee", |letter, arg| style.option(letter, arg))?;
    let [name, _, ..] = *argv else { return Err(Fail::usage()) };
    check_variable(name)?;
    argv.advance(1);
    let values = image.need_block(&mut argv)?;
    if values.is_empty() || argv.is_empty() {
        return Ok(Next::Exit(0));
    }
    let mut children = Children::new(style.most.max(1), style.codes)?;
    let body = Body::new(image, name, argv, style.import, &children);
    for value in values.iter() {
        let round = body.start(value.to_bytes())?;
        if let Some(code) = children.add(round)? {
            return Ok(Next::Exit(code));
        }
    }
    let well = children.finish()?;
    Ok(Next::Exit(i32::from(!well && style.most > 1)))
}

//! `eltest`: is an expression true?

mod check;
mod syntax;

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use syntax::{Step, compile};

pub const COMMAND: Command =
    Command { name: "eltest", usage: "eltest expression...", run, kind: Kind::Link };

/// 0: it is true; 1: it is false, or there is none; 100: it is no expression; 111: the system
/// can't tell.
fn run(image: &mut Image, argv: Argv) -> Ran {
    if argv.is_empty() {
        return Ok(Next::Exit(1));
    }
    let steps = compile(&argv).map_err(|e| Fail::bad(e.to_string()))?;
    Ok(Next::Exit(i32::from(!evaluate(image, &steps)?)))
}

/// What a side of `-a` or `-o` need not be asked is passed over.
fn evaluate(image: &Image, steps: &[Step]) -> Result<bool, Fail> {
    let mut value = false;
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        at += 1;
        match *step {
            Step::Unary(op, word) => value = check::unary(image, op, word)?,
            Step::Binary(op, left, right) => value = check::binary(op, left, right)?,
            Step::Not => value = !value,
            Step::SkipIf(wanted, to) if wanted == value => at = to,
            Step::SkipIf(..) => {}
        }
    }
    Ok(value)
}

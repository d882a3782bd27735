//! `eltest`: is an expression true?

mod check;
mod syntax;

pub use check::Rules;
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran, Refuse};
use syntax::{Step, compile};

/// The command.
pub const COMMAND: Command = Command {
    name: "eltest",
    usage: "eltest expression...",
    run,
    kind: Kind::Quick,
    examine: Some(examine),
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    judge(image, &argv, Rules::Eltest)
}

/// 0: it is true; 1: it is false, or there is none; 100: it is no expression; 111: the system
/// can't tell.
pub fn judge(image: &Image, words: &[Arg], rules: Rules) -> Ran {
    if words.is_empty() {
        return Ok(Next::Exit(1));
    }
    let steps = compile(words).map_err(|e| Fail::bad(e.to_string()))?;
    Ok(Next::Exit(i32::from(!evaluate(image, &steps, rules)?)))
}

/// Tells of the word for which all of them are no expression.
pub fn examine(words: &[Arg], refuse: &mut Refuse) {
    if let Err(bad) = compile(words) {
        let at = bad.at().min(words.len().saturating_sub(1));
        refuse(words.get(at).copied(), Fail::bad(bad.to_string()));
    }
}

/// What a side of `-a` or `-o` need not be asked is passed over.
fn evaluate(image: &Image, steps: &[Step], rules: Rules) -> Result<bool, Fail> {
    let mut value = false;
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        at += 1;
        match *step {
            Step::Unary(op, word) => value = check::unary(image, rules, op, word)?,
            Step::Binary(op, left, right) => value = check::binary(rules, op, left, right)?,
            Step::Not => value = !value,
            Step::SkipIf(wanted, to) if wanted == value => at = to,
            Step::SkipIf(..) => {}
        }
    }
    Ok(value)
}

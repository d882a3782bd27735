//! `umask`: another file mode creation mask, in octal. `execline-umask` is the same under the
//! name that no shell has.

use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran, Refuse};

const USAGE: &str = "umask value prog...";

/// The command.
pub const COMMAND: Command =
    Command { name: "umask", usage: USAGE, run, kind: Kind::Still, examine: Some(examine) };
/// The same.
pub const EXECLINE: Command = Command { name: "execline-umask", ..COMMAND };

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let [value, _, ..] = *argv else { return Err(Fail::usage()) };
    sys::fs::umask(mask(value)?);
    argv.advance(1);
    Ok(Next::Chain(argv))
}

fn examine(words: &[Arg], refuse: &mut Refuse) {
    if let Some(value) = words.first() {
        options::refuse_if(mask(value).map(drop), value, refuse);
    }
}

/// The mask that a word is. What stands behind its digits does not matter.
fn mask(value: Arg) -> Result<u32, Fail> {
    match number::octal_prefix(value.to_bytes()) {
        (_, 0) => {
            let value = shown(value.to_bytes());
            let what = format!("\"{value}\" is no mask: it is octal, as in umask 022");
            Err(Fail::misuse(what))
        }
        (mask, _) => Ok(mask),
    }
}

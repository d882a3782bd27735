//! `umask`: another file mode creation mask, in octal. `execline-umask` is the same under the
//! name that no shell has.

use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

const USAGE: &str = "umask value prog...";

pub const COMMAND: Command = Command { name: "umask", usage: USAGE, run, kind: Kind::Still };
pub const EXECLINE: Command = Command { name: "execline-umask", ..COMMAND };

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let [value, _, ..] = *argv else { return Err(Fail::usage()) };
    // What stands behind the digits does not matter.
    match number::octal_prefix(value.to_bytes()) {
        (_, 0) => {
            let value = shown(value.to_bytes());
            let what = format!("\"{value}\" is no mask: it is octal, as in umask 022");
            return Err(Fail::misuse(what));
        }
        (mask, _) => sys::fs::umask(mask),
    };
    argv.advance(1);
    Ok(Next::Chain(argv))
}

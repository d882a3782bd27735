//! `cd`: another working directory. `execline-cd` is the same under the name that no shell has.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

const USAGE: &str = "cd path prog...";

pub const COMMAND: Command =
    Command { name: "cd", usage: USAGE, run, kind: Kind::Still, examine: None };
pub const EXECLINE: Command = Command { name: "execline-cd", ..COMMAND };

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let [path, _, ..] = *argv else { return Err(Fail::usage()) };
    sys::fs::chdir(path).map_err(|e| Fail::sys_at("chdir to", path.to_bytes(), e))?;
    argv.advance(1);
    Ok(Next::Chain(argv))
}

//! `getpid`: the own pid (`-P`: the parent's) as a variable, or (`-E`) in the place of its name.

use super::substitution;
use crate::options;
use interpreter::arg::Argv;
use interpreter::args::number::Decimal;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "getpid",
    usage: "getpid [ -E | -e ] [ -P | -p ] variable prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut import = false;
    let mut parent = false;
    options::take(&mut argv, "EePp", |letter, _| {
        match letter {
            b'E' | b'e' => import = letter == b'E',
            _ => parent = letter == b'P',
        }
        Ok(())
    })?;
    let [name, _, ..] = *argv else { return Err(Fail::usage()) };
    substitution::check_variable(name)?;
    let pid = if parent { sys::process::getppid() } else { sys::process::getpid() };
    let pid = Decimal::new(u64::from(pid.cast_unsigned()));
    argv.advance(1);
    substitution::bequeath(image, argv, name, &pid, import)
}

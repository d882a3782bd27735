//! `getcwd`: the working directory as a variable, or (`-E`) in the place of its name.

use super::substitution;
use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "getcwd",
    usage: "getcwd [ -E | -e ] variable prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut import = false;
    options::take(&mut argv, "Ee", |letter, _| {
        import = letter == b'E';
        Ok(())
    })?;
    let [name, _, ..] = *argv else { return Err(Fail::usage()) };
    substitution::check_variable(name)?;
    let path = sys::fs::getcwd().map_err(|e| Fail::sys("getcwd", e))?;
    argv.advance(1);
    substitution::bequeath(image, argv, name, &path, import)
}

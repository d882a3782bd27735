//! `fdclose`: one open descriptor less. One that is not open is fine.

use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command =
    Command { name: "fdclose", usage: "fdclose fd prog...", run, kind: Kind::Still, examine: None };

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let [fd, _, ..] = *argv else { return Err(Fail::usage()) };
    let _ = sys::fd::close(options::fd(fd)?);
    argv.advance(1);
    Ok(Next::Chain(argv))
}

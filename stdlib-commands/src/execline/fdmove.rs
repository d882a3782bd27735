//! `fdmove`: gives a descriptor another number; with `-c` it keeps the old one too.
//!
//! Onto itself, a move only makes sure that an exec does not close it, and a copy is an error.

use crate::options;
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "fdmove",
    usage: "fdmove [ -c ] to from prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let copy = options::flag(&mut argv, b'c')?;
    let [to, from, _, ..] = *argv else { return Err(Fail::usage()) };
    let done = match copy {
        true => sys::fd::copy(options::fd(to)?, options::fd(from)?),
        false => sys::fd::rename(options::fd(to)?, options::fd(from)?),
    };
    done.map_err(|e| {
        let (to, from) = (shown(to.to_bytes()), shown(from.to_bytes()));
        Fail::sys(format!("move fd {from} to fd {to}"), e)
    })?;
    argv.advance(2);
    Ok(Next::Chain(argv))
}

//! `fdblock`: reads and writes of a descriptor wait again, or (`-n`) don't.

use crate::options;
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "fdblock",
    usage: "fdblock [ -n ] fd prog...",
    run,
    kind: Kind::Quick,
    examine: None,
};

/// 111: the descriptor is closed.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let nonblock = options::flag(&mut argv, b'n')?;
    let [fd, _, ..] = *argv else { return Err(Fail::usage()) };
    sys::fd::set_nonblock(options::fd(fd)?, nonblock).map_err(|e| {
        let mode = if nonblock { "non-blocking" } else { "blocking" };
        Fail::sys(format!("make fd {} {mode}", shown(fd.to_bytes())), e)
    })?;
    argv.advance(1);
    Ok(Next::Chain(argv))
}

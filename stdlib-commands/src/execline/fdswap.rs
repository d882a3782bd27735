//! `fdswap`: two descriptors change places.

use crate::options;
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "fdswap",
    usage: "fdswap fd1 fd2 prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let [one, other, _, ..] = *argv else { return Err(Fail::usage()) };
    swap(options::fd(one)?, options::fd(other)?).map_err(|e| {
        let (one, other) = (shown(one.to_bytes()), shown(other.to_bytes()));
        Fail::sys(format!("swap fds {one} and {other}"), e)
    })?;
    argv.advance(2);
    Ok(Next::Chain(argv))
}

fn swap(one: i32, other: i32) -> sys::Result<()> {
    if one == other {
        return sys::fd::set_cloexec(one, false);
    }
    // A closed one must not be what the copy gets as its number.
    sys::fd::flags(other)?;
    let kept = sys::fd::dup_above(one, 0, true)?;
    sys::fd::copy(one, other)?;
    sys::fd::copy(other, kept)?;
    sys::fd::close(kept)
}

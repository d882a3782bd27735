//! `s6-hiercopy`: copies a file, or a directory with all that is in it.

use crate::copy;
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-hiercopy",
    usage: "s6-hiercopy src dst",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: it can't be copied; what can't within a directory is left out.
fn run(image: &mut Image, argv: Argv) -> Ran {
    let [from, to, ..] = *argv else { return Err(Fail::usage()) };
    let (from, to) = (from.to_bytes(), to.to_bytes());
    sys::fs::umask(0);
    let left_out = |from: &[u8], errno| {
        copy::warn(image, from, errno);
        true
    };
    copy::tree(from, to, &left_out).map_err(|errno| {
        Fail::sys(format!("copy hierarchy from {} to {}", shown(from), shown(to)), errno)
    })?;
    Ok(Next::Exit(0))
}

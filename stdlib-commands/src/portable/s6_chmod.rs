//! `s6-chmod`: gives a file permissions.

use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command =
    Command { name: "s6-chmod", usage: "s6-chmod mode file", run, kind: Kind::Link, examine: None };

/// 111: the file is not there, or is somebody else's.
fn run(_image: &mut Image, argv: Argv) -> Ran {
    let [mode, file, ..] = *argv else { return Err(Fail::usage()) };
    let (mode, file) = (options::octal(mode)?, file.to_bytes());
    sys::fs::chmod(file, mode & 0o7777)
        .map_err(|errno| Fail::sys_at("change mode of", file, errno))?;
    Ok(Next::Exit(0))
}

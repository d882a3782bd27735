//! `seekablepipe`: the rest reads a file instead of a pipe.

use crate::copy;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::fd;

pub const COMMAND: Command = Command {
    name: "seekablepipe",
    usage: "seekablepipe tempfile prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: there is no such file to be had, or standard input can't be read.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let [file, _, ..] = *argv else { return Err(Fail::usage()) };
    let path = file.to_bytes();
    let flags = fd::O_WRONLY | fd::O_CREAT | fd::O_TRUNC | fd::O_CLOEXEC;
    let write = fd::open(file, flags, 0o666)
        .map_err(|errno| Fail::sys_at("create temporary", path, errno))?;
    let read = fd::open(file, fd::O_RDONLY, 0)
        .map_err(|errno| Fail::sys_at("open for reading", path, errno))?;
    let _ = sys::fs::unlink(path);
    copy::pour(0, write).map_err(|errno| Fail::sys("read from stdin", errno))?;
    let _ = fd::close(write);
    fd::rename(0, read).map_err(|errno| Fail::sys("move the temporary file to fd 0", errno))?;
    argv.advance(1);
    Ok(Next::Chain(argv))
}

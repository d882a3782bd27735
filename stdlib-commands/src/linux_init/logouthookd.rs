//! `s6-linux-init-logouthookd`: waits for the end of who is logged in.
//!
//! Upstream then takes the login out of the record of those who are there. A program of musl has
//! no such record: with s6-overlay, too, this only waits.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-linux-init-logouthookd",
    usage: "s6-linux-init-logouthookd",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// 1: the client is not root; 2: it wrote something; 111: standard input is no connection.
fn run(_image: &mut Image, _argv: Argv) -> Ran {
    let _ = sys::fd::close(1);
    let (uid, _) = sys::unix::peer(0).map_err(|errno| Fail::sys("getsockopt", errno))?;
    if uid != 0 {
        return Ok(Next::Exit(1));
    }
    match sys::fd::read(0, &mut [0]) {
        Ok(0) => Ok(Next::Exit(0)),
        Ok(_) => Err(Fail::with_code(2, "client attempted to write")),
        Err(errno) => Err(Fail::sys("read from stdin", errno)),
    }
}

//! `s6-cat`: writes what it reads. Its arguments don't matter.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command =
    Command { name: "s6-cat", usage: "s6-cat", run, kind: Kind::Link, examine: None };

const BUFFER: usize = 64 * 1024;

/// 111: standard input can't be read, or standard output not written to.
fn run(_image: &mut Image, _argv: Argv) -> Ran {
    let mut buffer = vec![0; BUFFER];
    let fail = |end: &str, errno| {
        let reason = sys::reason(errno);
        Fail::with_code(111, format!("unable to fd_cat: {reason}: standard {end}"))
    };
    loop {
        match sys::fd::read(0, &mut buffer).map_err(|errno| fail("input", errno))? {
            0 => return Ok(Next::Exit(0)),
            n => sys::fd::write_all(1, &buffer[..n]).map_err(|errno| fail("output", errno))?,
        }
    }
}

//! `s6-uniquename`: a name that nobody else has.

use super::line;
use crate::{options, unique};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};
use std::io::Write;

pub const COMMAND: Command = Command {
    name: "s6-uniquename",
    usage: "s6-uniquename [ -n randomlen ] prefix",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: standard output can't be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut random = 8;
    options::take(&mut argv, "n:", |_, value| {
        random = options::number(value)?;
        Ok(())
    })?;
    let mut name = argv.first().ok_or_else(Fail::usage)?.to_bytes().to_vec();
    let fail = |errno| Fail::sys("make unique name", errno);
    name.push(b':');
    name.extend_from_slice(&sys::tai::timestamp(sys::time::now()));
    let _ = write!(name, ":{}:", sys::process::getpid());
    let host = sys::fd::read_file_bytes(b"/proc/sys/kernel/hostname").map_err(fail)?;
    name.extend_from_slice(host.trim_ascii_end());
    if random > 0 {
        name.push(b':');
        unique::letters(&mut name, random as usize).map_err(fail)?;
    }
    line(&name, true)
}

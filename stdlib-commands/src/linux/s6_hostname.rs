//! `s6-hostname`: the host's name.

use super::{ADMIN, refused};
use crate::output;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-hostname",
    usage: "s6-hostname [ name ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the kernel says no, or standard output can't be written to.
fn run(_image: &mut Image, argv: Argv) -> Ran {
    match argv.first() {
        Some(name) => sys::mount::set_hostname(name.to_bytes())
            .map(|()| Next::Exit(0))
            .map_err(|errno| refused("set hostname", b"", ADMIN, errno)),
        None => {
            let name = sys::mount::hostname().map_err(|e| Fail::sys("get hostname", e))?;
            output::write_and_end(&[&name[..], b"\n"].concat())
        }
    }
}

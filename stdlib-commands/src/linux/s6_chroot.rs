//! `s6-chroot`: the rest runs in another root directory.

use super::refused;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-chroot",
    usage: "s6-chroot newroot prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: there is no such directory, or the kernel says no.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let [dir, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    let name = dir.to_bytes();
    sys::fs::chdir(dir).map_err(|errno| Fail::sys_at("chdir to", name, errno))?;
    sys::mount::chroot_here().map_err(|errno| refused("chroot in", name, "SYS_CHROOT", errno))?;
    Ok(Next::Chain(argv))
}

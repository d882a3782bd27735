//! `s6-pivotchroot`: the rest runs in a file system that becomes the root of all.

use super::{ADMIN, refused};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-pivotchroot",
    usage: "s6-pivotchroot newroot putold prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: there is no such directory, or the kernel says no.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let [new, old, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(2);
    sys::fs::chdir(new).map_err(|errno| Fail::sys_at("chdir to", new.to_bytes(), errno))?;
    sys::mount::pivot_here(old.to_bytes())
        .map_err(|errno| refused("pivot_root", b"", ADMIN, errno))?;
    sys::mount::chroot_here().map_err(|errno| refused("chroot", b"", "SYS_CHROOT", errno))?;
    Ok(Next::Chain(argv))
}

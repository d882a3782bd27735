//! `s6-umount`: unmounts a file system, or all.

use super::{all_or_one, mounts};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-umount",
    usage: "s6-umount [ -a ] [ mountpoint ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the kernel says no. With `-a`: how many failed.
fn run(image: &mut Image, argv: Argv) -> Ran {
    all_or_one(image, argv, "unmount", mounted, sys::mount::umount)
}

/// What was mounted last comes first: it may stand on the others.
fn mounted() -> Result<Vec<Vec<u8>>, Fail> {
    Ok(mounts::read(b"/proc/mounts")?.into_iter().rev().map(|entry| entry.dir).collect())
}

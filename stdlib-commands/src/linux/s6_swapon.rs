//! `s6-swapon`: swaps to a device, or to those of `/etc/fstab`.

use super::{all_or_one, mounts};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-swapon",
    usage: "s6-swapon [ -a ] [ device ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the kernel says no. With `-a`: how many failed.
fn run(image: &mut Image, argv: Argv) -> Ran {
    all_or_one(image, argv, "swapon", devices, sys::mount::swapon)
}

fn devices() -> Result<Vec<Vec<u8>>, Fail> {
    let entries = mounts::read(b"/etc/fstab")?.into_iter();
    Ok(entries.filter(|entry| entry.kind == b"swap").map(|entry| entry.device).collect())
}

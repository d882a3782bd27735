//! `s6-swapoff`: swaps to a device no more, or to none.

use super::{all_or_one, mounts};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "s6-swapoff",
    usage: "s6-swapoff [ -a ] [ device ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the kernel says no. With `-a`: how many failed.
fn run(image: &mut Image, argv: Argv) -> Ran {
    all_or_one(image, argv, "swapoff", devices, sys::mount::swapoff)
}

/// The first line is a head.
fn devices() -> Result<Vec<Vec<u8>>, Fail> {
    Ok(mounts::read(b"/proc/swaps")?.into_iter().skip(1).map(|entry| entry.device).collect())
}

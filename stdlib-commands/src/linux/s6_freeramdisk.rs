//! `s6-freeramdisk`: gives the memory of a RAM disk back.

use super::{ADMIN, refused};
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-freeramdisk",
    usage: "s6-freeramdisk device",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: this is no block device, or the kernel says no.
fn run(_image: &mut Image, argv: Argv) -> Ran {
    let device = argv.first().ok_or_else(Fail::usage)?;
    let name = device.to_bytes();
    let fd = sys::fd::open(device, sys::fd::O_RDWR | sys::fd::O_CLOEXEC, 0)
        .map_err(|e| Fail::sys(format!("open {} in read-write mode", shown(name)), e))?;
    sys::mount::flush_device(fd).map_err(|errno| refused("flush", name, ADMIN, errno))?;
    Ok(Next::Exit(0))
}

//! `s6-linux-init-umountall`: unmounts all that a system can be without at its end.

use crate::linux::mounts;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;
use sys::mount::{MS_RDONLY, MS_REMOUNT, mount, umount};

pub const COMMAND: Command = Command {
    name: "s6-linux-init-umountall",
    usage: "s6-linux-init-umountall",
    run,
    kind: Kind::Link,
    examine: None,
};

/// Of each of these the first one stays.
const NEEDED: [&[u8]; 3] = [b"devtmpfs", b"proc", b"sysfs"];

/// How many could neither be unmounted nor be made read-only; 111: `/proc/mounts` can't be read.
fn run(image: &mut Image, _argv: Argv) -> Ran {
    let mut seen = [false; NEEDED.len()];
    let mut entries = mounts::read(b"/proc/mounts")?;
    entries.retain(|entry| {
        let first = NEEDED.iter().position(|kind| *kind == entry.kind);
        let stays = first.is_some_and(|at| !std::mem::replace(&mut seen[at], true));
        !stays && entry.dir != b"/run"
    });
    let mut failed = 0;
    for entry in entries.iter().rev() {
        let what = match umount(&entry.dir) {
            Ok(()) => continue,
            Err(Errno::EBUSY) => match mount(b"", &entry.dir, b"", MS_REMOUNT | MS_RDONLY, b"") {
                Ok(()) => continue,
                Err(errno) => Fail::sys_at("read-only remount", &entry.dir, errno),
            },
            Err(errno) => Fail::sys_at("umount", &entry.dir, errno),
        };
        image.warn(&what.to_string());
        failed += 1;
    }
    Ok(Next::Exit(failed))
}

//! `s6-mount`: mounts file systems, one or those of `/etc/fstab`, or shows what is mounted.

use super::mounts::{self, How};
use super::{ADMIN, refused};
use crate::{options, output};
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Cause, Command, Fail, Kind, Next, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "s6-mount",
    usage: "s6-mount [ -a ] [ -z fstab ] [ -n ] [ -r | -w ] [ -t fstype ] [ -o options ]... \
            [ device ] [ mountpoint ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 1: something is mounted there, or in use; 111: the kernel says no. With `-a`: how many failed.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut all, mut fstab, mut kind) = (false, &b"/etc/fstab"[..], &b"none"[..]);
    let mut how = How::default();
    options::take(&mut argv, "nz:arwt:o:", |letter, value| {
        match letter {
            b'a' => all = true,
            b'z' => fstab = value.to_bytes(),
            b't' => kind = value.to_bytes(),
            b'r' => how.add(b"ro"),
            b'w' => how.add(b"rw"),
            b'o' => how.add(value.to_bytes()),
            _ => {}
        }
        Ok(())
    })?;
    match *argv {
        _ if all => mount_all(image, fstab),
        [] => {
            let path = c"/proc/mounts";
            let text = sys::fd::read_file(path);
            output::write_and_end(&text.map_err(|e| Fail::sys("read /proc/mounts", e))?)
        }
        [_] => Err(Fail::usage()),
        [device, dir, ..] => {
            mount(device.to_bytes(), dir.to_bytes(), kind, &how).map(|()| Next::Exit(0))
        }
    }
}

fn mount_all(image: &Image, fstab: &[u8]) -> Ran {
    let mut failed = 0;
    for entry in mounts::read(fstab)? {
        let mut how = How::default();
        how.add(&entry.options);
        if let Err(fail) = mount(&entry.device, &entry.dir, &entry.kind, &how) {
            image.warn(&fail.to_string());
            failed += 1;
        }
    }
    Ok(Next::Exit(failed))
}

fn mount(device: &[u8], dir: &[u8], kind: &[u8], how: &How) -> Result<(), Fail> {
    sys::mount::mount(device, dir, kind, how.flags, &how.data).map_err(|errno| {
        let what = format!("mount {} on", shown(device));
        let fail = refused(&what, dir, ADMIN, errno);
        match fail.cause() {
            Cause::Sys { what, errno: Errno::EBUSY, .. } => {
                Fail::sys_with(1, what.as_str(), Errno::EBUSY)
            }
            _ => fail,
        }
    })
}

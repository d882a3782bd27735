//! The container's other file systems: the kernel's, and those in memory.

use super::super::fault::Fault;
use super::super::root::join;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use sys::Errno;

/// A path as nix takes it.
pub fn os(path: &[u8]) -> &OsStr {
    OsStr::from_bytes(path)
}

/// Cuts the mounts that follow off from the machine's.
pub fn private() -> Result<(), Fault> {
    let flags = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, flags, None::<&str>)
        .map_err(|e| Fault::step("keep the container's mounts to itself", e, ""))
}

/// A tmpfs that holds the upper layer and goes away with the container.
pub fn stage(at: &[u8]) -> Result<(), Fault> {
    tmpfs(at, "mode=755").map_err(|e| Fault::at("mount a tmpfs on", at, e))
}

/// A home for a root user who can't look into the machine's.
pub fn home(root: &[u8]) {
    let _ = tmpfs(&join(root, b"root"), "mode=700");
}

fn tmpfs(at: &[u8], options: &str) -> Result<(), Errno> {
    mount(Some("tmpfs"), os(at), Some("tmpfs"), TMP, Some(options))
}

struct Special {
    kind: &'static str,
    at: &'static str,
    flags: MsFlags,
    options: &'static str,
    needed: bool,
}

const SAFE: MsFlags = TMP.union(MsFlags::MS_NOEXEC);
const TMP: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV);

/// What an engine mounts. `/run` may be executed from, as s6-overlay asks of its users.
const SPECIAL: &[Special] = &[
    Special { kind: "proc", at: "proc", flags: SAFE, options: "", needed: true },
    Special {
        kind: "tmpfs",
        at: "dev",
        flags: MsFlags::MS_NOSUID,
        options: "mode=755,size=65536k",
        needed: true,
    },
    Special { kind: "tmpfs", at: "run", flags: TMP, options: "mode=755", needed: true },
    Special { kind: "tmpfs", at: "dev/shm", flags: SAFE, options: "mode=1777", needed: true },
    Special { kind: "mqueue", at: "dev/mqueue", flags: SAFE, options: "", needed: false },
    Special { kind: "sysfs", at: "sys", flags: SAFE, options: "", needed: false },
];

const NODES: &[&str] = &["null", "zero", "full", "random", "urandom", "tty"];

const LINKS: &[(&str, &str)] = &[
    ("/proc/self/fd", "fd"),
    ("/proc/self/fd/0", "stdin"),
    ("/proc/self/fd/1", "stdout"),
    ("/proc/self/fd/2", "stderr"),
    ("pts/ptmx", "ptmx"),
];

/// Parts of /proc and /sys that would change the machine.
const KERNELS: &[&str] =
    &["proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger", "sys"];

const UNMASKED: &str =
    "a container that holds this one must have an unmasked /proc: docker run --privileged";

/// Mounts them below the container's root.
pub fn special(root: &[u8]) -> Result<(), Fault> {
    for one in SPECIAL {
        let at = join(root, one.at.as_bytes());
        let _ = sys::fs::mkdir(&at, 0o755);
        let done = mount(Some(one.kind), os(&at), Some(one.kind), one.flags, Some(one.options));
        if let (Err(errno), true) = (done, one.needed) {
            let help = if one.kind == "proc" { UNMASKED } else { "" };
            return Err(Fault::step(format!("mount {} on /{}", one.kind, one.at), errno, help));
        }
    }
    devices(&join(root, b"dev"))?;
    for path in KERNELS {
        let at = join(root, path.as_bytes());
        let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
        if mount(Some(os(&at)), os(&at), None::<&str>, flags, None::<&str>).is_ok() {
            read_only(&at);
        }
    }
    Ok(())
}

/// Makes a mount read-only. In a user namespace the flags that it has must be named again.
pub fn read_only(at: &[u8]) {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    for more in [SAFE, TMP, MsFlags::MS_NOSUID, MsFlags::empty()] {
        if mount(None::<&str>, os(at), None::<&str>, flags | more, None::<&str>).is_ok() {
            return;
        }
    }
}

fn devices(dev: &[u8]) -> Result<(), Fault> {
    for (target, name) in LINKS {
        let at = join(dev, name.as_bytes());
        sys::fs::symlink(target.as_bytes(), &at).map_err(|e| Fault::at("make link", &at, e))?;
    }
    for name in NODES {
        bind_node(&join(b"/dev", name.as_bytes()), &join(dev, name.as_bytes()))?;
    }
    let pts = join(dev, b"pts");
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    let devpts =
        |options: &str| mount(Some("devpts"), os(&pts), Some("devpts"), flags, Some(options));
    // Group 5 is tty; where only root is mapped there is none.
    sys::fs::mkdir(&pts, 0o755)
        .and_then(|()| devpts("newinstance,ptmxmode=0666,mode=0620,gid=5"))
        .or_else(|_| devpts("newinstance,ptmxmode=0666,mode=0620"))
        .map_err(|e| {
            Fault::step("mount devpts on /dev/pts", e, "the kernel needs CONFIG_UNIX98_PTYS")
        })
}

/// Shows a device or a terminal at another path.
pub fn bind_node(from: &[u8], at: &[u8]) -> Result<(), Fault> {
    use sys::fd::{O_CLOEXEC, O_CREAT, O_WRONLY};
    sys::fd::open_bytes(at, O_CREAT | O_WRONLY | O_CLOEXEC, 0o666)
        .and_then(sys::fd::close)
        .and_then(|()| mount(Some(os(from)), os(at), None::<&str>, MsFlags::MS_BIND, None::<&str>))
        .map_err(|e| Fault::at("show in the container's /dev", from, e))
}

/// Makes a directory the root, and lets go of the old one.
pub fn enter(root: &[u8]) -> Result<(), Fault> {
    // Both at one place: the old root comes to lie over the new one, and is taken off.
    sys::with_cstr(root, sys::fs::chdir)
        .and_then(|()| nix::unistd::pivot_root(".", "."))
        .and_then(|()| umount2(".", MntFlags::MNT_DETACH))
        .and_then(|()| sys::fs::chdir(c"/"))
        .map_err(|e| {
            Fault::step("change the root", e, "a machine whose root is an initramfs can't do it")
        })
}

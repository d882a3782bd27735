//! The container's file systems.

use super::super::fault::{Fault, show};
use super::super::root::join;
use super::plan::Plan;
use super::space::Guest;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use sys::Errno;

fn os(path: &[u8]) -> &OsStr {
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
    tmpfs(at, "mode=755", MsFlags::MS_NODEV | MsFlags::MS_NOSUID)
        .map_err(|e| Fault::at("mount a tmpfs on", at, e))
}

fn tmpfs(at: &[u8], options: &str, flags: MsFlags) -> Result<(), Errno> {
    mount(Some("tmpfs"), os(at), Some("tmpfs"), flags, Some(options))
}

/// The layers of a container: `upper` over the base, to be mounted at `root`.
pub struct Layers<'a> {
    /// What is asked for.
    pub plan: &'a Plan,
    /// Whose root it is.
    pub guest: Guest,
    /// The upper layer.
    pub upper: &'a [u8],
    /// A directory of the overlay's own, on the same file system.
    pub work: &'a [u8],
    /// Where the container's root is to be.
    pub root: &'a [u8],
}

impl Layers<'_> {
    /// Mounts them: the base, then the file systems that are mounted in it, each with the same
    /// upper layer, because an overlay shows one file system only.
    pub fn mount(&self) -> Result<(), Fault> {
        self.overlay(&self.plan.base, b"", 0).map_err(|e| Fault::step(
            format!("lay an overlay over {}", show(&self.plan.base)),
            e,
            "it needs the kernel's module overlay (modprobe overlay), and Linux 5.11 where it is \
             not root who runs it; a file system that can't be laid under one (such as vfat) does \
             not do",
        ))?;
        let table = sys::fd::read_file(c"/proc/self/mountinfo").unwrap_or_default();
        for (n, path) in submounts(&table, &self.plan.base).iter().enumerate() {
            self.submount(path, n + 1);
        }
        Ok(())
    }

    /// A file system that can't be shown is left out: few containers need what is on it.
    fn submount(&self, path: &[u8], n: usize) {
        let (from, upper) = (join(&self.plan.base, path), join(self.upper, path));
        let is_dir = |path: &[u8]| sys::fs::lstat_bytes(path).is_ok_and(|s| s.is_dir());
        if !is_dir(&from) || !is_dir(&join(self.root, path)) {
            return;
        }
        if sys::fs::mkdir_all(&upper, 0o755).is_ok() && self.overlay(&from, path, n).is_err() {
            let to = join(self.root, path);
            let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
            if mount(Some(os(&from)), os(&to), None::<&str>, flags, None::<&str>).is_ok() {
                read_only(&to);
            }
        }
    }

    fn overlay(&self, lower: &[u8], path: &[u8], n: usize) -> Result<(), Errno> {
        let work = join(self.work, n.to_string().as_bytes());
        sys::fs::mkdir(&work, 0o755)?;
        let upper = join(self.upper, path);
        let mut options = Vec::new();
        for (name, dir) in [("lowerdir=", lower), (",upperdir=", &upper), (",workdir=", &work)] {
            options.extend_from_slice(name.as_bytes());
            options.extend(escaped(dir));
        }
        let to = join(self.root, path);
        let lay = |options: &[u8]| {
            let flags = MsFlags::empty();
            mount(Some("overlay"), os(&to), Some("overlay"), flags, Some(os(options)))
        };
        if self.guest.mapped {
            // Without it directories can't be replaced; before Linux 6.6 a tmpfs can't have it.
            return lay(&[&options[..], b",userxattr"].concat()).or_else(|_| lay(&options));
        }
        lay(&options)
    }
}

/// A path as a mount option holds it.
fn escaped(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    for &b in path {
        if matches!(b, b'\\' | b',' | b':') {
            out.push(b'\\');
        }
        out.push(b);
    }
    out
}

/// File systems that show the kernel or live in memory: a container has its own, or none.
const OWN: &[&[u8]] = &[
    b"autofs",
    b"binfmt_misc",
    b"bpf",
    b"cgroup",
    b"cgroup2",
    b"configfs",
    b"debugfs",
    b"devpts",
    b"devtmpfs",
    b"efivarfs",
    b"fusectl",
    b"hugetlbfs",
    b"mqueue",
    b"nsfs",
    b"overlay",
    b"proc",
    b"pstore",
    b"ramfs",
    b"rpc_pipefs",
    b"securityfs",
    b"selinuxfs",
    b"squashfs",
    b"sysfs",
    b"tmpfs",
    b"tracefs",
];

/// The file systems mounted below a directory, in the order of mounting: paths from there.
fn submounts(mountinfo: &[u8], base: &[u8]) -> Vec<Vec<u8>> {
    let base = base.strip_suffix(b"/").unwrap_or(base);
    let mut found: Vec<Vec<u8>> = Vec::new();
    for line in mountinfo.split(|&b| b == b'\n') {
        let fields: Vec<&[u8]> = line.split(|&b| b == b' ').collect();
        let Some(dash) = fields.iter().position(|f| *f == b"-") else { continue };
        let (Some(at), Some(kind)) = (fields.get(4), fields.get(dash + 1)) else { continue };
        let at = unescaped(at);
        let Some(path) = at.strip_prefix(base).and_then(|rest| rest.strip_prefix(b"/")) else {
            continue;
        };
        let known = path.is_empty() || found.iter().any(|there| there == path);
        if !known && !OWN.contains(kind) {
            found.push(path.to_vec());
        }
    }
    found
}

/// A path of mountinfo, in which some bytes are written as a backslash and three octal digits.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|d| d.iter().all(|b| (b'0'..b'8').contains(b)));
        match digits {
            Some(d) if first == b'\\' => {
                let value = d.iter().fold(0u32, |n, b| n * 8 + u32::from(b - b'0'));
                out.push(value as u8);
                rest = &after[3..];
            }
            _ => {
                out.push(first);
                rest = after;
            }
        }
    }
    out
}

struct Special {
    kind: &'static str,
    at: &'static str,
    flags: MsFlags,
    options: &'static str,
    needed: bool,
}

const SAFE: MsFlags = MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV).union(MsFlags::MS_NOEXEC);
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

/// Mounts the kernel's file systems and those in memory below the container's root.
pub fn special(root: &[u8]) -> Result<(), Fault> {
    for one in SPECIAL {
        let at = join(root, one.at.as_bytes());
        let _ = sys::fs::mkdir(&at, 0o755);
        let done = mount(Some(one.kind), os(&at), Some(one.kind), one.flags, Some(one.options));
        if let (Err(errno), true) = (done, one.needed) {
            let help = "a container that holds this one must have an unmasked /proc: \
                        docker run --privileged";
            let help = if one.kind == "proc" { help } else { "" };
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

/// A home for a root user who can't look into the machine's.
pub fn home(root: &[u8]) {
    let _ = tmpfs(&join(root, b"root"), "mode=700", TMP);
}

/// In a user namespace the flags that a mount has must be named again.
fn read_only(at: &[u8]) {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    for more in [MsFlags::empty(), SAFE, TMP] {
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
    sys::fs::mkdir(&pts, 0o755)
        .and_then(|()| {
            // Group 5 is tty; where only root is mapped there is none.
            devpts("newinstance,ptmxmode=0666,mode=0620,gid=5")
                .or_else(|_| devpts("newinstance,ptmxmode=0666,mode=0620"))
        })
        .map_err(|e| {
            Fault::step("mount devpts on /dev/pts", e, "the kernel lacks CONFIG_UNIX98_PTYS")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_file_systems_below_the_base_are_shown() {
        let table = b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            23 22 0:5 / /proc rw shared:2 - proc proc rw\n\
            24 22 8:2 / /var/my\\040data rw shared:3 - xfs /dev/sda2 rw\n\
            25 24 8:3 / /var/my\\040data/x rw - ext4 /dev/sda3 rw\n\
            26 22 8:3 / /variable rw - ext4 /dev/sda3 rw\n\n";
        assert_eq!(submounts(table, b"/"), [&b"var/my data"[..], b"var/my data/x", b"variable"]);
        assert_eq!(submounts(table, b"/var"), [&b"my data"[..], b"my data/x"]);
    }

    #[test]
    fn option_values_keep_their_colons() {
        assert_eq!(escaped(b"/a:b,c\\d"), b"/a\\:b\\,c\\\\d");
        assert_eq!(unescaped(b"a\\134\\040\\9"), b"a\\ \\9");
    }
}

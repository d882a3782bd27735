//! The machine's files with the container's over them.

use super::super::fault::{Fault, show};
use super::super::root::join;
use super::mounts::{os, read_only};
use super::plan::Plan;
use super::space::Guest;
use nix::mount::{MsFlags, mount};
use std::cell::Cell;
use std::collections::BTreeSet;
use sys::Errno;
use sys::fs::Stat;

/// What a container's root is made of.
pub struct Layers<'a> {
    /// What is asked for.
    pub plan: &'a Plan,
    /// Whose root it is.
    pub guest: Guest,
    /// The upper layer, filled.
    pub upper: &'a [u8],
    /// A directory for the overlays' own use, on the same file system.
    pub work: &'a [u8],
    /// Where the root is to be; on the same file system, too.
    pub root: &'a [u8],
    /// How many overlays there are.
    pub count: Cell<u32>,
}

const NEEDS: &str = "it needs the kernel's module overlay (modprobe overlay), and Linux 5.11 where \
    it is not root who runs it";

impl Layers<'_> {
    /// Mounts it.
    pub fn mount(&self) -> Result<(), Fault> {
        let table = sys::fd::read_file(c"/proc/self/mountinfo").unwrap_or_default();
        let mounts = mounts_below(&table, &self.plan.base);
        if self.guest.mapped {
            return self.quilt(&mounts);
        }
        let failed =
            |e| Fault::step(format!("lay an overlay over {}", show(&self.plan.base)), e, NEEDS);
        // An overlay shows one file system: those that are mounted in it need their own, and
        // what goes over them has to be out of the first one's way before that is mounted.
        let mut parts = Vec::new();
        for mount in mounts.iter().filter(|mount| !mount.kernels).rev() {
            parts.extend(self.part(&mount.path).map(|upper| (&mount.path, upper)));
        }
        self.overlay(b"", self.upper).map_err(failed)?;
        for (path, upper) in parts.into_iter().rev() {
            self.submount(path, &upper);
        }
        Ok(())
    }

    /// Takes what goes over a mounted directory out of the upper layer: where it is then.
    fn part(&self, path: &[u8]) -> Option<Vec<u8>> {
        let stat = self.below(path).filter(|s| s.is_dir())?;
        let part = self.workspace().ok()?;
        sys::fs::rmdir(&part).ok()?;
        match sys::fs::rename(&join(self.upper, path), &part) {
            Ok(()) => {}
            Err(_) => {
                make_like(&part, stat).ok()?;
                sys::fs::chown(&part, Some(stat.uid), Some(stat.gid), false).ok()?;
            }
        }
        Some(part)
    }

    /// A new directory for an overlay's use.
    fn workspace(&self) -> Result<Vec<u8>, Errno> {
        self.count.set(self.count.get() + 1);
        let work = join(self.work, self.count.get().to_string().as_bytes());
        sys::fs::mkdir(&work, 0o755).map(|()| work)
    }

    fn below(&self, path: &[u8]) -> Option<Stat> {
        sys::fs::lstat_bytes(&join(&self.plan.base, path)).ok()
    }

    /// One that can't be shown is left out: few containers need what is on it.
    fn submount(&self, path: &[u8], upper: &[u8]) {
        let to = join(self.root, path);
        let is_dir = sys::fs::lstat_bytes(&to).is_ok_and(|s| s.is_dir());
        if is_dir && self.overlay(path, upper).is_err() {
            let _ = show_read_only(&join(&self.plan.base, path), &to);
        }
    }

    /// Mounts an overlay over one directory of the base.
    fn overlay(&self, path: &[u8], upper: &[u8]) -> Result<(), Errno> {
        let work = self.workspace()?;
        let lower = join(&self.plan.base, path);
        let mut options = Vec::new();
        for (name, dir) in [("lowerdir=", &lower[..]), (",upperdir=", upper), (",workdir=", &work)]
        {
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

    /// The root as a quilt of overlays. In a user namespace the kernel lays nothing over a
    /// directory that has mounts in it, lest what they hide comes to light: such a directory is
    /// made anew, and each of its entries shown in it.
    fn quilt(&self, mounts: &[Mount]) -> Result<(), Fault> {
        self.patches(b"", mounts)?;
        // A root must be a mount of its own; it becomes one only now, because nothing can be
        // renamed from one mount to another.
        let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
        mount(Some(os(self.root)), os(self.root), None::<&str>, flags, None::<&str>)
            .map_err(|e| Fault::at("make a mount of", self.root, e))
    }

    fn patches(&self, dir: &[u8], mounts: &[Mount]) -> Result<(), Fault> {
        let list = |top: &[u8]| sys::fs::list(&join(top, dir)).unwrap_or_default();
        let mut names: BTreeSet<Vec<u8>> = BTreeSet::new();
        names.extend(list(&self.plan.base));
        names.extend(list(self.upper));
        for name in names {
            let path = if dir.is_empty() { name } else { join(dir, &name) };
            match self.patch(&path, mounts) {
                // The machine goes on meanwhile, and its files come and go.
                Err(Errno::ENOENT) if self.below(&path).is_none() => continue,
                done => done.map_err(|e| {
                    Fault::step(format!("show /{} in the container", show(&path)), e, NEEDS)
                })?,
            }
            let whole = mounts.iter().all(|mount| !mount.is_below(&path));
            let is_dir = self.below(&path).is_some_and(|s| s.is_dir());
            if is_dir && !whole && !is_kernels(mounts, &path) {
                self.patches(&path, mounts)?;
            }
        }
        Ok(())
    }

    /// Shows one entry, of a directory only the directory where there are mounts in it.
    fn patch(&self, path: &[u8], mounts: &[Mount]) -> Result<(), Errno> {
        let (from, upper, to) =
            (join(&self.plan.base, path), join(self.upper, path), join(self.root, path));
        let (over, under) = (sys::fs::lstat_bytes(&upper).ok(), self.below(path));
        let merged = over.is_none_or(|s| s.is_dir()) && under.is_some_and(|s| s.is_dir());
        match under {
            _ if over.is_some() && (!merged || is_kernels(mounts, path)) => {
                sys::fs::rename(&upper, &to)
            }
            Some(stat) if stat.is_link() => sys::fs::symlink(&sys::fs::readlink(&from)?, &to),
            Some(stat) if stat.is_file() => {
                use sys::fd::{O_CLOEXEC, O_CREAT, O_WRONLY};
                let flags = O_CREAT | O_WRONLY | O_CLOEXEC;
                sys::fd::open_bytes(&to, flags, 0o600).and_then(sys::fd::close)?;
                show_read_only(&from, &to)
            }
            Some(stat) if stat.is_dir() => {
                make_like(&to, stat)?;
                if is_kernels(mounts, path) {
                    return Ok(());
                }
                if over.is_none() {
                    make_like(&upper, stat)?;
                }
                if mounts.iter().any(|mount| mount.is_below(path)) {
                    return Ok(());
                }
                self.overlay(path, &upper)
            }
            _ => Ok(()),
        }
    }
}

fn make_like(path: &[u8], stat: Stat) -> Result<(), Errno> {
    sys::fs::mkdir(path, 0o755)?;
    sys::fs::chmod(path, stat.mode & 0o7777)
}

fn show_read_only(from: &[u8], to: &[u8]) -> Result<(), Errno> {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(os(from)), os(to), None::<&str>, flags, None::<&str>)?;
    read_only(to);
    Ok(())
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
const KERNELS: &[&[u8]] = &[
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
    b"proc",
    b"pstore",
    b"ramfs",
    b"rpc_pipefs",
    b"securityfs",
    b"selinuxfs",
    b"sysfs",
    b"tmpfs",
    b"tracefs",
];

/// Where engines keep the roots of their containers, which are nobody else's.
const ENGINES: &[u8] = b"var/lib/";

/// Something mounted below the base.
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    /// Where, from the base.
    path: Vec<u8>,
    /// It is one of [`KERNELS`], or an engine's: not to be shown.
    kernels: bool,
}

impl Mount {
    fn is_below(&self, path: &[u8]) -> bool {
        self.path.strip_prefix(path).is_some_and(|rest| rest.first() == Some(&b'/'))
    }
}

fn is_kernels(mounts: &[Mount], path: &[u8]) -> bool {
    mounts.iter().any(|mount| mount.kernels && mount.path == path)
}

/// What is mounted below a directory, in the order of mounting, from the text of mountinfo.
fn mounts_below(mountinfo: &[u8], base: &[u8]) -> Vec<Mount> {
    let base = base.strip_suffix(b"/").unwrap_or(base);
    let mut found: Vec<Mount> = Vec::new();
    for line in mountinfo.split(|&b| b == b'\n') {
        let fields: Vec<&[u8]> = line.split(|&b| b == b' ').collect();
        let Some(dash) = fields.iter().position(|f| *f == b"-") else { continue };
        let (Some(at), Some(kind)) = (fields.get(4), fields.get(dash + 1)) else { continue };
        let at = unescaped(at);
        let Some(path) = at.strip_prefix(base).and_then(|rest| rest.strip_prefix(b"/")) else {
            continue;
        };
        if path.is_empty() {
            continue;
        }
        // A later mount at the same place covers the earlier.
        found.retain(|mount| mount.path != path);
        let engines = *kind == b"overlay" && path.starts_with(ENGINES);
        let kernels = engines || KERNELS.contains(kind);
        found.push(Mount { path: path.to_vec(), kernels });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mounted_below_the_base() {
        let table = b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            23 22 0:5 / /proc rw shared:2 - proc proc rw\n\
            24 22 8:2 / /var/my\\040data rw shared:3 - xfs /dev/sda2 rw\n\
            25 24 8:3 / /var/my\\040data/x rw - ext4 /dev/sda3 rw\n\
            26 22 8:3 / /variable rw - ext4 /dev/sda3 rw\n\
            27 22 8:4 / /proc rw - ext4 /dev/sda4 rw\n\n";
        let paths = |base| mounts_below(table, base).into_iter().map(|m| (m.path, m.kernels));
        let found: Vec<_> = paths(b"/var").collect();
        assert_eq!(found, [(b"my data".to_vec(), false), (b"my data/x".to_vec(), false)]);
        assert_eq!(paths(b"/").count(), 4);
        assert_eq!(paths(b"/").next_back(), Some((b"proc".to_vec(), false)));
        let below = mounts_below(table, b"/");
        assert!(below[0].is_below(b"var") && !below[0].is_below(b"va"));
    }

    #[test]
    fn option_values_keep_their_colons() {
        assert_eq!(escaped(b"/a:b,c\\d"), b"/a\\:b\\,c\\\\d");
        assert_eq!(unescaped(b"a\\134\\040\\9"), b"a\\ \\9");
    }
}

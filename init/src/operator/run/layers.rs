//! What the container has over the machine's files: the upper layer, filled before it is mounted.
//!
//! It is filled beforehand, and not through the mounted overlay, because root of a user namespace
//! may not write to the machine's directories even where the write would not reach them.

use super::super::fault::{Fault, show};
use super::super::install;
use super::super::root::{Root, join};
use super::super::tree::Part;
use super::plan::Plan;
use super::space::Guest;
use crate::stages::copy::content;
use sys::Errno;

/// Directories that are mounted over, or that every program expects, with their modes.
const NEEDED: &[(&[u8], u32)] = &[
    (b"dev", 0o755),
    (b"etc", 0o755),
    (b"proc", 0o555),
    (b"root", 0o700),
    (b"run", 0o755),
    (b"sys", 0o555),
    (b"tmp", 0o1777),
];

/// Fills it: our installation, then the tree.
pub fn fill(plan: &Plan, upper: &[u8], guest: Guest) -> Result<(), Fault> {
    let root = Root::over(upper, &plan.base, !guest.mapped);
    for (dir, mode) in NEEDED {
        let at = root.dir(dir)?;
        if !exists(&join(&plan.base, dir)) {
            sys::fs::chmod(&at, *mode).map_err(|e| Fault::at("set the mode of", &at, e))?;
        }
    }
    if guest.mapped {
        for (dir, depth) in OWNED {
            own(&root, &plan.base, dir, *depth);
        }
    }
    network(&root, plan)?;
    install::install(&root, &[Part::Noarch, Part::Arch])?;
    Copy { root: &root, plan }.directory(b"")
}

fn exists(path: &[u8]) -> bool {
    sys::fs::lstat_bytes(path).is_ok()
}

/// Directories of the machine's root that a mapped root shall be able to write to, and how deep.
const OWNED: &[(&[u8], u32)] =
    &[(b"", 1), (b"etc", 2), (b"opt", 2), (b"srv", 2), (b"usr", 2), (b"var", 4)];

/// Makes a directory and those below it the container's own. What can't be read is left alone.
fn own(root: &Root, base: &[u8], dir: &[u8], depth: u32) {
    if !sys::fs::lstat_bytes(&join(base, dir)).is_ok_and(|s| s.is_dir()) || root.dir(dir).is_err() {
        return;
    }
    if depth == 0 {
        return;
    }
    for name in sys::fs::list(&join(base, dir)).unwrap_or_default() {
        own(root, base, &join(dir, &name), depth - 1);
    }
}

/// The files that a container's engine writes: the network is the machine's own, the name is not.
fn network(root: &Root, plan: &Plan) -> Result<(), Fault> {
    let read = |path: &[u8]| sys::fd::read_file_bytes(path).unwrap_or_default();
    let mut hosts = read(b"/etc/hosts");
    if hosts.last().is_some_and(|&b| b != b'\n') {
        hosts.push(b'\n');
    }
    hosts.extend([b"127.0.1.1\t", &plan.hostname[..], b"\n"].concat());
    let name = [&plan.hostname[..], b"\n"].concat();
    let files = [("hosts", hosts), ("hostname", name), ("resolv.conf", read(b"/etc/resolv.conf"))];
    for (file, content) in files {
        // Beside a link, not through it: resolv.conf often leads into /run, which is empty here.
        let at = join(&root.dir(b"etc")?, file.as_bytes());
        install::file(&content, 0o644, &at)?;
    }
    Ok(())
}

struct Copy<'a> {
    root: &'a Root<'a>,
    plan: &'a Plan,
}

impl Copy<'_> {
    /// Lays what is in a directory of the tree over the same one of the root.
    fn directory(&self, dir: &[u8]) -> Result<(), Fault> {
        let from = join(&self.plan.tree, dir);
        let names = sys::fs::list(&from).map_err(|e| Fault::at("read directory", &from, e))?;
        names.iter().try_for_each(|name| self.entry(&join(dir, name)))
    }

    fn entry(&self, path: &[u8]) -> Result<(), Fault> {
        let from = join(&self.plan.tree, path);
        let stat = sys::fs::lstat_bytes(&from).map_err(|e| Fault::at("look at", &from, e))?;
        if stat.is_dir() {
            let at = self.root.dir(path)?;
            if !exists(&join(&self.plan.base, path)) {
                let mode = stat.mode & 0o7777;
                sys::fs::chmod(&at, mode).map_err(|e| Fault::at("set the mode of", &at, e))?;
            }
            return self.directory(path);
        }
        let at = self.root.place(path)?;
        let done = |result: Result<(), Errno>| result.map_err(|e| Fault::at("lay down", &from, e));
        match sys::fs::unlink(&at) {
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(Errno::EISDIR | Errno::EPERM) => return Err(in_the_way(path, &self.plan.base)),
            Err(errno) => return done(Err(errno)),
        }
        if stat.is_file() {
            done(content(&from, &at).and_then(|()| sys::fs::chmod(&at, stat.mode & 0o7777)))
        } else if stat.is_link() {
            done(sys::fs::readlink(&from).and_then(|target| sys::fs::symlink(&target, &at)))
        } else if stat.is_fifo() {
            done(sys::fs::mkfifo(&at, stat.mode & 0o777))
        } else {
            let what = format!("{} is a device or a socket", show(&from));
            Err(Fault::said(what, "a tree has files, directories, links and fifos: remove it"))
        }
    }
}

fn in_the_way(path: &[u8], base: &[u8]) -> Fault {
    let (path, base) = (show(path), show(base));
    let what = format!("{path} is a file in the tree and a directory in {base}");
    Fault::said(what, "rename or remove one of them")
}

//! Copies of whole trees, with owners and permissions.

use sys::fs::Stat;
use sys::{Errno, Result};

/// What could not be copied, and why.
#[derive(Debug)]
pub struct Bad {
    /// The path, in the original or in the copy.
    pub path: Vec<u8>,
    /// The reason.
    pub errno: Errno,
}

/// How a tree is copied.
pub struct Copy {
    /// Executable files become links to the originals: for a `/run` that is mounted noexec.
    pub link_programs: bool,
}

impl Copy {
    /// Copies what is at `from`, whatever it is, to `to`, where nothing is or a directory.
    pub fn tree(&self, from: &[u8], to: &[u8]) -> core::result::Result<(), Bad> {
        let at = |path: &[u8]| {
            let path = path.to_vec();
            move |errno| Bad { path, errno }
        };
        let stat = sys::fs::lstat_bytes(from).map_err(at(from))?;
        if stat.is_link() {
            let target = sys::fs::readlink(from).map_err(at(from))?;
            return sys::fs::symlink(&target, to).map_err(at(to));
        }
        if stat.is_dir() {
            match sys::fs::mkdir(to, 0o700) {
                Ok(()) | Err(Errno::EEXIST) => {}
                Err(errno) => return Err(at(to)(errno)),
            }
            for name in sys::fs::list(from).map_err(at(from))? {
                self.tree(&[from, b"/", &name].concat(), &[to, b"/", &name].concat())?;
            }
        } else if stat.is_fifo() {
            sys::fs::mkfifo(to, 0o600).map_err(at(to))?;
        } else if !stat.is_file() {
            return Err(at(from)(Errno::EOPNOTSUPP));
        } else if self.link_programs && stat.mode & 0o111 != 0 {
            return sys::fs::symlink(from, to).map_err(at(to));
        } else {
            content(from, to).map_err(at(to))?;
        }
        same_owner(&stat, to).map_err(at(to))
    }
}

/// Copies what a file holds.
pub fn content(from: &[u8], to: &[u8]) -> Result<()> {
    use sys::fd::{O_CLOEXEC, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY};
    let source = sys::fd::open_bytes(from, O_RDONLY | O_CLOEXEC, 0)?;
    let target = sys::fd::open_bytes(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600);
    let done = target.and_then(|target| {
        let done = pump(source, target);
        let closed = sys::fd::close(target);
        done.and(closed)
    });
    let _ = sys::fd::close(source);
    done
}

fn pump(source: i32, target: i32) -> Result<()> {
    let mut buffer = [0; 16384];
    loop {
        match sys::fd::read(source, &mut buffer)? {
            0 => return Ok(()),
            n => sys::fd::write_all(target, &buffer[..n])?,
        }
    }
}

/// Gives the copy the original's owner and permissions.
fn same_owner(stat: &Stat, to: &[u8]) -> Result<()> {
    give(stat, to)?;
    sys::fs::chmod(to, stat.mode & 0o7777)
}

/// Gives a copy the original's owner, which only root can, if it has another one. Whether that was
/// done: the kernel may have taken something off its permissions. A root who may not, or in whose
/// user namespace there is no such user, has the copy.
pub fn give(stat: &Stat, to: &[u8]) -> Result<bool> {
    let (_, euid, _, egid) = sys::process::ids();
    let other = (stat.uid, stat.gid) != (euid, egid) && euid == 0;
    if other {
        match sys::fs::chown(to, Some(stat.uid), Some(stat.gid), false) {
            Err(Errno::EPERM | Errno::EINVAL) => return Ok(false),
            other => other?,
        }
    }
    Ok(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn files_links_fifos_and_modes() {
        let base = std::env::temp_dir().join(format!("chainit-copy-{}", std::process::id()));
        let (from, to) = (base.join("from"), base.join("to"));
        std::fs::create_dir_all(from.join("log")).unwrap();
        std::fs::write(from.join("run"), "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(from.join("run"), PermissionsExt::from_mode(0o751)).unwrap();
        std::fs::write(from.join("log/data"), vec![7; 40000]).unwrap();
        symlink("nowhere", from.join("link")).unwrap();
        let bytes = |path: &std::path::Path| path.as_os_str().as_encoded_bytes().to_vec();
        sys::fs::mkfifo(&bytes(&from.join("fifo")), 0o600).unwrap();
        sys::fs::chmod(&bytes(&from.join("fifo")), 0o620).unwrap();
        Copy { link_programs: false }.tree(&bytes(&from), &bytes(&to)).unwrap();
        assert_eq!(std::fs::metadata(to.join("run")).unwrap().mode() & 0o7777, 0o751);
        assert_eq!(std::fs::read(to.join("log/data")).unwrap(), vec![7; 40000]);
        assert_eq!(std::fs::read_link(to.join("link")).unwrap().to_str(), Some("nowhere"));
        assert_eq!(std::fs::metadata(to.join("fifo")).unwrap().mode() & 0o777, 0o620);
        std::fs::remove_dir_all(&to).unwrap();
        Copy { link_programs: true }.tree(&bytes(&from), &bytes(&to)).unwrap();
        assert_eq!(std::fs::read_link(to.join("run")).unwrap(), from.join("run"));
        assert!(!to.join("log/data").is_symlink());
        std::fs::remove_dir_all(base).unwrap();
    }
}

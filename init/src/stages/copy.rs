//! Copies of whole trees, with owners and permissions.

use std::ffi::CStr;
use sys::fd::{O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY};
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

impl Copy {
    /// Copies a directory, of which small files are nearly all: they take few calls, because a boot waits for
    /// this. `links`: its files need not be other ones than the original's. `more`: an empty file that it has,
    /// too. Nothing may be taken off permissions by a umask, and nothing be at `to`.
    pub fn directory(
        &self,
        from: &[u8],
        to: &[u8],
        links: bool,
        more: Option<&CStr>,
    ) -> core::result::Result<(), Bad> {
        let at = |path: &[u8]| {
            let path = path.to_vec();
            move |errno| Bad { path, errno }
        };
        let source = sys::fd::open_bytes(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        let source = source.map_err(at(from))?;
        let made = sys::fs::fstat(source).and_then(|stat| {
            sys::fs::mkdir(to, stat.mode & 0o777 | 0o700)?;
            Ok((stat, sys::fd::open_bytes(to, sys::at::O_PLACE, 0)?))
        });
        let (stat, target) = made.map_err(at(to)).inspect_err(|_| {
            let _ = sys::fd::close(source);
        })?;
        let mut done = Ok(());
        let listed = sys::at::each_entry(source, |name, kind| {
            if done.is_err() || matches!(name.to_bytes(), b"." | b"..") {
                return;
            }
            let [from, to] = [from, to].map(|dir| [dir, b"/", name.to_bytes()].concat());
            let quick = kind == sys::at::Type::File && !self.link_programs;
            let linked = || links && sys::at::link(source, name, target, name).is_ok();
            let take = || if linked() { Ok(true) } else { small_file(source, target, name, &to) };
            done = match quick.then(take) {
                Some(Ok(true)) => Ok(()),
                Some(Err(errno)) => Err(at(&to)(errno)),
                Some(Ok(false)) | None => self.tree(&from, &to),
            };
        });
        let added = match more.map_or(Ok(()), |name| sys::at::make(target, name, 0o644)) {
            Err(Errno::EEXIST) => Ok(()),
            other => other.map_err(at(to)),
        };
        for fd in [source, target] {
            let _ = sys::fd::close(fd);
        }
        listed.map_err(at(from)).and(done).and(added)?;
        let odd = stat.mode & 0o7700 != 0o700;
        same_owner_and(&stat, to, odd).map_err(at(to))
    }
}

/// Copies a regular file that one read takes in. False: it is larger, and nothing has been done.
fn small_file(source: i32, target: i32, name: &CStr, to: &[u8]) -> Result<bool> {
    let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
    let from = sys::fd::openat(source, name, flags, 0)?;
    let mut buffer = [0; 16384];
    let got = sys::fs::fstat(from).and_then(|st| Ok((st, sys::fd::read(from, &mut buffer)?)));
    let _ = sys::fd::close(from);
    let (stat, length) = got?;
    if stat.size != length as i64 {
        return Ok(false);
    }
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    let fd = sys::fd::openat(target, name, flags, stat.mode & 0o777)?;
    let written = sys::fd::write_all(fd, &buffer[..length]);
    let odd = stat.mode & 0o7000 != 0;
    written.and(sys::fd::close(fd)).and_then(|()| same_owner_and(&stat, to, odd)).map(|()| true)
}

/// Gives a copy the original's owner, and its permissions if that is wanted or they have suffered.
fn same_owner_and(stat: &Stat, to: &[u8], permissions: bool) -> Result<()> {
    match give(stat, to)? || permissions {
        true => sys::fs::chmod(to, stat.mode & 0o7777),
        false => Ok(()),
    }
}

/// Copies what a file holds.
pub fn content(from: &[u8], to: &[u8]) -> Result<()> {
    use sys::fd::O_TRUNC;
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
    same_owner_and(stat, to, true)
}

/// Gives a copy the original's owner, which only root can, if it has another one. Whether that was
/// done: the kernel may have taken something off its permissions. A root who may not, or in whose
/// user namespace there is no such user, has the copy.
fn give(stat: &Stat, to: &[u8]) -> Result<bool> {
    let (_, euid, _, egid) = sys::process::first_ids();
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
        // The quicker way makes the same.
        std::fs::set_permissions(&from, PermissionsExt::from_mode(0o1751)).unwrap();
        std::fs::set_permissions(from.join("run"), PermissionsExt::from_mode(0o4751)).unwrap();
        std::fs::remove_dir_all(&to).unwrap();
        let copy = Copy { link_programs: false };
        copy.directory(&bytes(&from), &bytes(&to), false, Some(c"down")).unwrap();
        assert_eq!(std::fs::metadata(&to).unwrap().mode() & 0o7777, 0o1751);
        assert_eq!(std::fs::metadata(to.join("run")).unwrap().mode() & 0o7777, 0o4751);
        assert_eq!(std::fs::read(to.join("log/data")).unwrap(), vec![7; 40000]);
        assert_eq!(std::fs::read_link(to.join("link")).unwrap().to_str(), Some("nowhere"));
        assert_eq!(std::fs::metadata(to.join("fifo")).unwrap().mode() & 0o777, 0o620);
        assert!(to.join("down").exists());
        let again = copy.directory(&bytes(&from), &bytes(&to), false, None);
        assert_eq!(again.unwrap_err().errno, Errno::EEXIST);
        std::fs::remove_dir_all(&to).unwrap();
        Copy { link_programs: true }.tree(&bytes(&from), &bytes(&to)).unwrap();
        assert_eq!(std::fs::read_link(to.join("run")).unwrap(), from.join("run"));
        assert!(!to.join("log/data").is_symlink());
        std::fs::remove_dir_all(base).unwrap();
    }
}

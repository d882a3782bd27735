//! Copies of whole trees, with permissions and owners.

use interpreter::image::Image;
use sys::fd::{O_CLOEXEC, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY};
use sys::{Errno, Result};

/// Copies what is at `from`, links as links, to `to`; a directory may be there already. Owners that
/// this user may not give away stay this user's. What can't be copied within a directory is left
/// out if `skip` says so.
pub fn tree(from: &[u8], to: &[u8], skip: &dyn Fn(&[u8], Errno) -> bool) -> Result<()> {
    let stat = sys::fs::lstat_bytes(from)?;
    if stat.is_link() {
        sys::fs::symlink(&sys::fs::readlink(from)?, to)?;
        let _ = sys::fs::chown(to, Some(stat.uid), Some(stat.gid), false);
        return Ok(());
    }
    if stat.is_dir() {
        directory(from, to, skip)?;
    } else if stat.is_file() {
        file(from, to, stat.mode)?;
    } else {
        sys::fs::mknod(to, &stat)?;
    }
    // A change of owner takes the setuid bit away.
    let _ = sys::fs::chown(to, Some(stat.uid), Some(stat.gid), false);
    sys::fs::chmod(to, stat.mode & 0o7777)
}

fn directory(from: &[u8], to: &[u8], skip: &dyn Fn(&[u8], Errno) -> bool) -> Result<()> {
    // Listed first, in case the copy lands in it.
    let names = sys::fs::list(from)?;
    match sys::fs::mkdir(to, 0o700) {
        Err(Errno::EEXIST) if sys::fs::stat_bytes(to)?.is_dir() => {}
        other => other?,
    }
    for name in names {
        let below = |dir: &[u8]| [dir, b"/", &name].concat();
        let (from, to) = (below(from), below(to));
        match tree(&from, &to, skip) {
            Err(errno) if skip(&from, errno) => {}
            other => other?,
        }
    }
    Ok(())
}

/// Warns of what is not copied.
pub fn warn(image: &Image, from: &[u8], errno: Errno) {
    let (from, why) = (String::from_utf8_lossy(from), sys::reason(errno));
    image.warn(&format!("{from} is not copied: {why}"));
}

/// Copies a tree without what this user may not read, with a warning for each.
pub fn readable(image: &Image, from: &[u8], to: &[u8]) -> Result<()> {
    tree(from, to, &|from, errno| {
        let skipped = matches!(errno, Errno::EACCES | Errno::EPERM);
        if skipped {
            warn(image, from, errno);
        }
        skipped
    })
}

/// Copies what is in a file.
pub fn file(from: &[u8], to: &[u8], mode: u32) -> Result<()> {
    let source = sys::fd::open_bytes(from, O_RDONLY | O_CLOEXEC, 0)?;
    let target = sys::fd::open_bytes(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    let copied = target.and_then(|target| {
        let poured = pour(source, target);
        poured.and(sys::fd::close(target))
    });
    let _ = sys::fd::close(source);
    copied
}

/// Writes all that can be read.
pub fn pour(source: i32, target: i32) -> Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match sys::fd::read(source, &mut buffer)? {
            0 => return Ok(()),
            n => sys::fd::write_all(target, &buffer[..n])?,
        }
    }
}

//! `s6-update-symlinks`: a directory of links to what is in others.

use crate::remove::remove;
use crate::unique;
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::{Errno, Result, fs};

pub const COMMAND: Command = Command {
    name: "s6-update-symlinks",
    usage: "s6-update-symlinks /destdir /srcdir...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What came of a link.
enum Laid {
    /// It is there beside others.
    Beside,
    /// It is there, and all that was there before is covered by it.
    Instead,
    /// A directory would have to be a file: where, and which.
    Conflict(Vec<u8>, Vec<u8>),
}

/// 100: a directory can't be covered by a file; 111: the kernel says no.
fn run(image: &mut Image, argv: Argv) -> Ran {
    let [dest, _, ..] = *argv else { return Err(Fail::usage()) };
    if !argv.iter().all(|word| word.to_bytes().starts_with(b"/")) {
        return Err(Fail::usage());
    }
    let dest = dest.to_bytes();
    let end = dest.iter().rposition(|&b| b != b'/');
    let dest = &dest[..=end.ok_or_else(|| Fail::bad("unable to replace root directory"))?];
    let free = |name: &[u8]| match fs::lstat_bytes(name) {
        Err(Errno::ENOENT) => Ok(()),
        other => other.and(Err(Errno::EEXIST)),
    };
    let new = unique::make(&[dest, b":s6-update-symlinks-new:"].concat(), free)
        .map_err(|errno| Fail::sys_at("make a name based on", dest, errno))?;
    let filled = argv[1..].iter().try_for_each(|source| {
        let source = source.to_bytes();
        match lay(source, &new) {
            Err(errno) => Err(Fail::sys_at("process", source, errno)),
            Ok(Laid::Conflict(to, from)) => {
                let (to, from) = (shown(&to), shown(&from));
                Err(Fail::bad(format!("destination {to} conflicts with source {from}")))
            }
            Ok(_) => Ok(()),
        }
    });
    let placed = filled.and_then(|()| place(image, &new, dest));
    if placed.is_err() {
        let _ = remove(&new);
    }
    placed.map(|()| Next::Exit(0))
}

/// Links `to` to `from`. Where a link to a directory is already, a directory with links to all that
/// is in both takes its place.
fn lay(from: &[u8], to: &[u8]) -> Result<Laid> {
    match fs::symlink(from, to) {
        Ok(()) => return Ok(Laid::Beside),
        Err(Errno::EEXIST) => {}
        Err(errno) => return Err(errno),
    }
    let below = |dir: &[u8], name: &[u8]| [dir, b"/", name].concat();
    let mut old = match fs::list(to) {
        Ok(names) => names,
        Err(Errno::ENOTDIR) => {
            fs::unlink(to)?;
            fs::symlink(from, to)?;
            return Ok(Laid::Instead);
        }
        Err(errno) => return Err(errno),
    };
    match fs::readlink(to) {
        Ok(target) => {
            fs::unlink(to)?;
            fs::mkdir(to, 0o777)?;
            for name in &old {
                fs::symlink(&below(&target, name), &below(to, name))?;
            }
        }
        Err(Errno::EINVAL) => {}
        Err(errno) => return Err(errno),
    }
    let names = match fs::list(from) {
        Err(Errno::ENOTDIR) => return Ok(Laid::Conflict(to.to_vec(), from.to_vec())),
        names => names?,
    };
    let mut covered = true;
    for name in &names {
        match lay(&below(from, name), &below(to, name))? {
            Laid::Beside => covered = false,
            Laid::Instead => old.retain(|old| old != name),
            conflict => return Ok(conflict),
        }
    }
    if !covered || !old.is_empty() {
        return Ok(Laid::Beside);
    }
    remove(to)?;
    fs::symlink(from, to)?;
    Ok(Laid::Instead)
}

/// Moves the new one to its place, in one step where the old one is no directory.
fn place(image: &Image, new: &[u8], dest: &[u8]) -> std::result::Result<(), Fail> {
    let fail = |errno| Fail::sys(format!("rename {} to {}", shown(new), shown(dest)), errno);
    if fs::rename(new, dest).is_ok() {
        return Ok(());
    }
    let aside = [dest, b":s6-update-symlinks-old:"].concat();
    let old = unique::make(&aside, |name| match fs::lstat_bytes(name) {
        Err(Errno::ENOENT) => fs::rename(dest, name),
        _ => Err(Errno::EEXIST),
    })
    .map_err(fail)?;
    if let Err(errno) = fs::rename(new, dest) {
        let _ = fs::rename(&old, dest);
        return Err(fail(errno));
    }
    if let Err(errno) = remove(&old) {
        image.warn(&Fail::sys_at("remove old directory", &old, errno).to_string());
    }
    Ok(())
}

//! Archives: `@` and a TAI64N label, with `.s` for a file that was finished in order, `.u` for
//! one that was found at start after a crash.

use super::super::script::DirSpec;
use super::super::voice::{Trouble, Voice};
use sys::Errno;

/// Which way a file was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suffix {
    /// In order.
    Safe,
    /// Found after a crash.
    Unfinished,
}

impl Suffix {
    fn bytes(self) -> &'static [u8] {
        match self {
            Suffix::Safe => b".s",
            Suffix::Unfinished => b".u",
        }
    }
}

/// The path of a file in a directory.
pub fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    [dir, b"/", name].concat()
}

fn is_archive(name: &[u8]) -> bool {
    name.len() == 27 && sys::tai::is_timestamp(name) && matches!(&name[25..], b".s" | b".u")
}

/// An archive's name and its size in bytes.
type Archive = (Vec<u8>, u64);

/// Makes the file an archive, if it is there and holds anything, and deletes the oldest ones
/// that are too many.
pub fn keep(spec: &DirSpec, name: &[u8], suffix: Suffix, voice: Voice) -> Result<(), Trouble> {
    const WHAT: &str = "archive";
    let dir = spec.path.to_bytes();
    let path = join(dir, name);
    let stat = match sys::fs::stat_bytes(&path) {
        Err(Errno::ENOENT) => return Ok(()),
        other => other.map_err(Trouble::of(WHAT, &path))?,
    };
    if stat.size == 0 || (stat.links > 1 && has_twin(dir, &stat)) {
        sys::fs::unlink(&path).map_err(Trouble::of("unlink", &path))?;
    } else {
        rename(dir, &path, suffix).map_err(Trouble::of(WHAT, &path))?;
    }
    trim(spec, voice);
    Ok(())
}

/// Under a name that is not taken: the clock may have been set back.
fn rename(dir: &[u8], path: &[u8], suffix: Suffix) -> sys::Result<()> {
    loop {
        let label = sys::tai::timestamp(sys::time::now());
        let target = join(dir, &[&label, suffix.bytes()].concat());
        match sys::fs::lstat_bytes(&target) {
            Err(Errno::ENOENT) => return sys::fs::rename(path, &target),
            Ok(_) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// s6's own s6-log archives by a second link, and may have been killed before it removed the
/// first one.
fn has_twin(dir: &[u8], stat: &sys::fs::Stat) -> bool {
    let names = sys::fs::list(dir).unwrap_or_default();
    let is_twin = |name: &&Vec<u8>| {
        is_archive(name) && sys::fs::stat_bytes(&join(dir, name)).is_ok_and(|s| s.same(stat))
    };
    names.iter().any(|name| is_twin(&name))
}

/// Deletes archives that are too many. Failures are warnings: the next rotation tries again.
fn trim(spec: &DirSpec, voice: Voice) {
    let dir = spec.path.to_bytes();
    let archives = match archives(spec) {
        Ok(archives) => archives,
        Err(trouble) => return voice.warn(&format!("{trouble}{}", trouble.remedy())),
    };
    for (name, _) in &archives[..excess(&archives, spec.keep as usize, spec.total)] {
        let path = join(dir, name);
        match sys::fs::unlink(&path) {
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(errno) => voice.warn(&Trouble::of("unlink", &path)(errno).to_string()),
        }
    }
}

/// The archives, oldest first; their sizes only where these count.
fn archives(spec: &DirSpec) -> Result<Vec<Archive>, Trouble> {
    let dir = spec.path.to_bytes();
    let names = sys::fs::list(dir).map_err(Trouble::of("list", dir))?;
    let size = |name: &[u8]| match spec.total {
        0 => 0,
        _ => sys::fs::stat_bytes(&join(dir, name)).map_or(0, |s| s.size.max(0) as u64),
    };
    Ok(names
        .into_iter()
        .filter(|n| is_archive(n))
        .map(|n| (size(&n), n))
        .map(|(s, n)| (n, s))
        .collect())
}

/// How many of the oldest have to go so that at most `keep` are left, and at most `total` bytes
/// (0: any number).
fn excess(archives: &[Archive], keep: usize, total: u64) -> usize {
    let mut bytes: u64 = archives.iter().map(|a| a.1).sum();
    let mut gone = 0;
    while let Some((_, size)) = archives.get(gone)
        && (archives.len() - gone > keep || (total > 0 && bytes > total))
    {
        bytes -= size;
        gone += 1;
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_archives() {
        assert!(is_archive(b"@400000006b018195078f4845.s"));
        assert!(is_archive(b"@400000006b018195078f4845.u"));
        assert!(!is_archive(b"@400000006b018195078f4845.x"));
        assert!(!is_archive(b"@400000006b018195078f4845.ss"));
        assert!(!is_archive(b"current"));
    }

    #[test]
    fn the_oldest_go() {
        let sizes = |sizes: &[u64]| sizes.iter().map(|&s| (Vec::new(), s)).collect::<Vec<_>>();
        for (list, keep, total, gone) in [
            (&[1, 1, 1][..], 3, 0, 0),
            (&[1, 1, 1], 2, 0, 1),
            (&[1, 1, 1], 0, 0, 3),
            (&[5, 5, 5], 9, 10, 1),
            (&[5, 5, 50], 9, 10, 3),
            (&[9, 1, 1], 1, 2, 2),
            (&[], 0, 1, 0),
        ] {
            assert_eq!(excess(&sizes(list), keep, total), gone, "{list:?} {keep} {total}");
        }
    }
}

//! Paths within a root directory that is not this process's own.
//!
//! A link in an image is meant as a process of that image reads it: an absolute one counts from
//! the image's root, and `..` does not leave it. Following it with the kernel's own look-up would
//! write into the machine that the image is being made on.

use super::fault::Fault;
use sys::Errno;

/// A root directory, perhaps with a second one that shows through where the first has nothing:
/// the two layers of a container that is about to be mounted.
pub struct Root<'a> {
    top: &'a [u8],
    below: Option<&'a [u8]>,
    owners: bool,
}

const LINKS: usize = 40;

impl<'a> Root<'a> {
    /// One directory alone.
    pub fn new(top: &'a [u8]) -> Self {
        Root { top, below: None, owners: false }
    }

    /// What is written goes to `top`, what is looked up is also looked up in `below`; with
    /// `owners`, directories that are in both belong to the same users.
    pub fn over(top: &'a [u8], below: &'a [u8], owners: bool) -> Self {
        Root { top, below: Some(below), owners }
    }

    /// Where a path of the image lies, its directory being made if it is missing: a real path
    /// whose last part may be anything or nothing.
    pub fn place(&self, path: &[u8]) -> Result<Vec<u8>, Fault> {
        let (dir, name) = match path.iter().rposition(|&b| b == b'/') {
            Some(cut) => (&path[..cut], &path[cut + 1..]),
            None => (&b""[..], path),
        };
        let mut at = self.dir(dir)?;
        at.push(b'/');
        at.extend_from_slice(name);
        Ok(at)
    }

    /// The real path of what a path of the image leads to, whether it is there or not; none if its
    /// links lead in a circle.
    pub fn find(&self, path: &[u8]) -> Option<Vec<u8>> {
        Some(join(self.top, &walk(path, |at| self.link(at))?))
    }

    /// A directory of the image, made if it is missing: its real path.
    pub fn dir(&self, path: &[u8]) -> Result<Vec<u8>, Fault> {
        let looped = || Fault::at("look up", &join(self.top, path), Errno::ELOOP);
        let path = walk(path, |at| self.link(at)).ok_or_else(looped)?;
        let mut at = self.top.to_vec();
        for part in path.split(|&b| b == b'/').filter(|part| !part.is_empty()) {
            at.push(b'/');
            at.extend_from_slice(part);
            self.make(&at)?;
        }
        Ok(at)
    }

    fn link(&self, at: &[u8]) -> Option<Vec<u8>> {
        match sys::fs::readlink(&join(self.top, at)) {
            Err(Errno::ENOENT) => sys::fs::readlink(&join(self.below?, at)).ok(),
            other => other.ok(),
        }
    }

    /// Makes one directory; where one shows through from below it gets that one's looks.
    fn make(&self, at: &[u8]) -> Result<(), Fault> {
        match sys::fs::mkdir(at, 0o755) {
            Ok(()) => {}
            Err(Errno::EEXIST) => {
                let is_dir = sys::fs::lstat_bytes(at).is_ok_and(|s| s.is_dir());
                return if is_dir { Ok(()) } else { Err(Fault::no_dir(at)) };
            }
            Err(errno) => return Err(Fault::at("make directory", at, errno)),
        }
        let shown = self.below.map(|below| join(below, &at[self.top.len()..]));
        let mut mode = 0o755;
        if let Some(stat) = shown.and_then(|path| sys::fs::lstat_bytes(&path).ok()) {
            if !stat.is_dir() {
                return Err(Fault::no_dir(&at[self.top.len()..]));
            }
            mode = stat.mode & 0o7777;
            if self.owners {
                sys::fs::chown(at, Some(stat.uid), Some(stat.gid), false)
                    .map_err(|e| Fault::at("set the owner of", at, e))?;
            }
        }
        sys::fs::chmod(at, mode).map_err(|e| Fault::at("set the mode of", at, e))
    }
}

/// Two paths behind one another.
pub fn join(dir: &[u8], path: &[u8]) -> Vec<u8> {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    [dir, b"/", path].concat()
}

/// The path without links and dots, counted from the root. `link` tells where a link at such a
/// path leads. `None`: links that lead in a circle.
fn walk(path: &[u8], link: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let reversed = |path: &[u8]| -> Vec<Vec<u8>> {
        path.split(|&b| b == b'/').rev().map(<[u8]>::to_vec).collect()
    };
    let (mut todo, mut done, mut links) = (reversed(path), Vec::<Vec<u8>>::new(), 0);
    while let Some(part) = todo.pop() {
        match part.as_slice() {
            b"" | b"." => {}
            b".." => drop(done.pop()),
            _ => {
                done.push(part);
                let Some(target) = link(&done.join(&b'/')) else { continue };
                links += 1;
                if links > LINKS {
                    return None;
                }
                if target.starts_with(b"/") {
                    done.clear();
                } else {
                    done.pop();
                }
                todo.extend(reversed(&target));
            }
        }
    }
    Some(done.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::walk;

    fn image(at: &[u8]) -> Option<Vec<u8>> {
        let target: &[u8] = match at {
            b"bin" => b"usr/bin",
            b"var/run" => b"/run",
            b"run/up" => b"../../../etc",
            b"circle" => b"circle",
            _ => return None,
        };
        Some(target.to_vec())
    }

    #[test]
    fn links_stay_inside() {
        let walk = |path: &[u8]| walk(path, image);
        assert_eq!(walk(b"/usr//./bin").unwrap(), b"usr/bin");
        assert_eq!(walk(b"bin/x").unwrap(), b"usr/bin/x");
        assert_eq!(walk(b"var/run/s6").unwrap(), b"run/s6");
        assert_eq!(walk(b"var/run/up/x").unwrap(), b"etc/x");
        assert_eq!(walk(b"../../x").unwrap(), b"x");
        assert_eq!(walk(b"circle/x"), None);
    }
}

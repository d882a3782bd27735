//! A file or a directory, and what is below it, gets its owner and its permissions.

use super::line::Line;
use stdlib_commands::s6::s6_envuidgid::Ids;
use sys::Errno;
use sys::fs::Stat;

/// A walk, and what went wrong on it.
pub struct Walk<'a> {
    line: &'a Line,
    ids: &'a Ids,
    hidden: bool,
    first: Option<Vec<u8>>,
    failures: usize,
}

impl<'a> Walk<'a> {
    /// One that nothing has gone wrong on.
    pub fn new(line: &'a Line, ids: &'a Ids, hidden: bool) -> Self {
        Walk { line, ids, hidden, first: None, failures: 0 }
    }

    /// Where the path is a link, what it leads to counts.
    pub fn begin(&mut self, path: &[u8]) {
        match sys::fs::stat_bytes(path) {
            Ok(stat) => self.fix(path, &stat, true),
            Err(errno) => self.fail("find", path, errno),
        }
    }

    /// The first failure, and how many others there are.
    pub fn trouble(self) -> Option<Vec<u8>> {
        let mut text = self.first?;
        if self.failures > 1 {
            text.extend(format!(", and {} more", self.failures - 1).into_bytes());
        }
        Some(text)
    }

    /// What is right already stays untouched.
    fn fix(&mut self, path: &[u8], stat: &Stat, follow: bool) {
        let Ids { uid, gid, .. } = *self.ids;
        let owned = (stat.uid, stat.gid) == (uid, gid);
        if !owned && let Err(errno) = sys::fs::chown(path, Some(uid), Some(gid), follow) {
            return self.fail("chown", path, errno);
        }
        // A link has no permissions.
        if stat.is_link() {
            return;
        }
        let (name, mode) = match stat.is_dir() {
            true => ("dmode", self.line.dir),
            false => ("fmode", self.line.file),
        };
        // A change of the owner takes some permissions away.
        match mode {
            Some(mode) if owned && stat.mode & 0o7777 == mode => {}
            Some(mode) => {
                if let Err(errno) = sys::fs::chmod(path, mode) {
                    return self.fail("chmod", path, errno);
                }
            }
            None => {
                let what = format!("{name} is no octal number, and there is ");
                return self.note([what.as_bytes(), path].concat());
            }
        }
        if stat.is_dir() && self.line.recurse {
            self.below(path);
        }
    }

    /// A link that is found here may have been made by whoever owns the directory, and lead
    /// anywhere: it is not followed.
    fn below(&mut self, dir: &[u8]) {
        let names = match sys::fs::list(dir) {
            Ok(names) => names,
            Err(errno) => return self.fail("read", dir, errno),
        };
        let hidden = self.hidden;
        for name in names.iter().filter(|name| hidden || !name.starts_with(b".")) {
            let path = [dir.strip_suffix(b"/").unwrap_or(dir), b"/", name].concat();
            match sys::fs::lstat_bytes(&path) {
                Ok(stat) => self.fix(&path, &stat, false),
                Err(Errno::ENOENT) => {}
                Err(errno) => self.fail("find", &path, errno),
            }
        }
    }

    fn fail(&mut self, what: &str, path: &[u8], errno: Errno) {
        let reason = sys::reason(errno);
        self.note([b"unable to ", what.as_bytes(), b" ", path, b": ", reason.as_bytes()].concat());
    }

    fn note(&mut self, text: Vec<u8>) {
        self.failures += 1;
        self.first.get_or_insert(text);
    }
}

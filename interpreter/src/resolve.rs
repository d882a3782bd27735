//! From a word to what would be exec'd: a file, or a command of this very binary.

use crate::arg::{Arg, leak};
use crate::image::Image;
use crate::word::{Command, Kind};

/// What a word stands for.
pub enum Target {
    /// A command in this binary, which may be called instead of exec'd.
    Word(&'static Command),
    /// Files to be tried one after another, as execvp does. Empty: there is none.
    Files(Vec<Arg>),
}

/// The last part of a path.
pub fn basename(path: &[u8]) -> &[u8] {
    path.iter().rposition(|&b| b == b'/').map_or(path, |i| &path[i + 1..])
}

/// The name of the multicall file, at which a search along links ends.
const BINARY: &[u8] = b"chainit";

impl Image {
    /// Looks a word up as exec would: a path as it is, a name in the PATH that the process had
    /// when this word began.
    pub fn resolve(&self, file: Arg) -> Target {
        self.look_up(file, false)
    }

    /// Looks the first word of a block up as posix_spawnp would, for which an empty part of PATH
    /// is the working directory and an empty name is nothing. An exec of the original's passes
    /// over the one, and finds the first directory under the other.
    pub fn resolve_block(&self, file: Arg) -> Target {
        if file.is_empty() { Target::Files(Vec::new()) } else { self.look_up(file, true) }
    }

    fn look_up(&self, file: Arg, empty_is_here: bool) -> Target {
        let name = file.to_bytes();
        if name.contains(&b'/') {
            return match self.word_at(file) {
                Some(Some(command)) => Target::Word(command),
                _ => Target::Files(vec![file]),
            };
        }
        let mut files = Vec::new();
        for dir in self.path.to_bytes().split(|&b| b == b':') {
            let path = match (dir.is_empty(), empty_is_here) {
                (true, false) => continue,
                (true, true) => file,
                (false, _) => leak([dir, b"/", name].concat()),
            };
            if files.is_empty() {
                match self.word_at(path) {
                    Some(Some(command)) => return Target::Word(command),
                    Some(None) => {}
                    None => continue,
                }
            }
            files.push(path);
        }
        Target::Files(files)
    }

    /// The command that the file is, if it is this binary: `None` where there is no file,
    /// `Some(None)` where it is another one (or must be exec'd all the same).
    fn word_at(&self, path: Arg) -> Option<Option<&'static Command>> {
        let (false, Some(me)) = (cfg!(feature = "unfused") || self.changed_user, self.me) else {
            return Some(None);
        };
        let stat = match sys::fs::stat(path) {
            Ok(stat) => stat,
            Err(sys::Errno::ENOENT) => return None,
            Err(_) => return Some(None),
        };
        // A file without an x bit can't be exec'd, even by root.
        if (stat.dev, stat.ino) != me || stat.mode & 0o111 == 0 {
            return Some(None);
        }
        Some(word_of(path.to_bytes(), self.catalogue).filter(|c| c.kind == Kind::Link))
    }
}

/// The command that a path to this binary means: the last known name along its links, so that a
/// link of anybody's own name leads to the command that it points to.
pub fn word_of(path: &[u8], catalogue: crate::word::Catalogue) -> Option<&'static Command> {
    const LINKS: usize = 40;
    let mut found = (catalogue.find)(basename(path));
    let mut path = path.to_vec();
    for _ in 0..LINKS {
        let Ok(target) = sys::fs::readlink(&path) else { break };
        let name = basename(&target);
        if name == BINARY {
            break;
        }
        found = (catalogue.find)(name).or(found);
        path = if target.starts_with(b"/") {
            target
        } else {
            let dir = path.iter().rposition(|&b| b == b'/').map_or(&b""[..], |i| &path[..=i]);
            [dir, &target].concat()
        };
    }
    found
}

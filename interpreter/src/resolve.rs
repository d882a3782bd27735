//! From a word to what would be exec'd: a file, or a command of this very binary.

use crate::arg::{Arg, leak};
use crate::image::Image;
use crate::word::{Command, Kind};
use std::cell::RefCell;
use std::ffi::{CStr, CString};
use std::ptr;

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

/// The path of a name in a directory.
fn joined(dir: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(dir.len() + name.len() + 2);
    path.extend_from_slice(dir);
    path.push(b'/');
    path.extend_from_slice(name);
    path.push(0);
    path
}

/// The name of the multicall file, at which a search along links ends.
const BINARY: &[u8] = b"chainit";

/// The files that can be found under a name in a search path, in the order of the search: by the
/// rules of [`Image::resolve_block`], or else of [`Image::resolve`].
pub fn places(path: &[u8], file: &CStr, block: bool) -> Vec<CString> {
    let name = file.to_bytes();
    if name.contains(&b'/') {
        return vec![file.to_owned()];
    }
    let dirs = path.split(|&b| b == b':');
    let dirs = dirs.filter(|dir| !dir.is_empty() || block);
    let paths = dirs.map(|dir| match dir {
        b"" => name.to_vec(),
        dir => [dir, b"/", name].concat(),
    });
    let paths = paths.filter(|_| !name.is_empty() || !block);
    paths.filter_map(|path| CString::new(path).ok()).collect()
}

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
        let last = basename(name);
        let named = (self.catalogue.find)(last);
        if last.len() != name.len() {
            // Somebody's own name for a command is exec'd: to ask for it costs every program more.
            return match named.and_then(|_| self.word_at(file)) {
                Some(Some(command)) => Target::Word(command),
                _ => Target::Files(vec![file]),
            };
        }
        // In a block the same name may be found elsewhere.
        let named = named.filter(|_| !empty_is_here);
        if let Some(command) = named.filter(|word| self.known.borrow().has(self.path, word)) {
            return Target::Word(command);
        }
        let mut files = Vec::new();
        let mut absolute = true;
        for dir in self.path.to_bytes().split(|&b| b == b':') {
            let path = match (dir.is_empty(), empty_is_here) {
                (true, false) => continue,
                (true, true) => file.to_bytes_with_nul().to_vec(),
                (false, _) => joined(dir, name),
            };
            absolute &= dir.starts_with(b"/");
            if files.is_empty() {
                match CStr::from_bytes_with_nul(&path).map(|path| self.word_at(path)) {
                    Ok(Some(Some(command))) => {
                        if absolute && named.is_some_and(|word| ptr::eq(word, command)) {
                            self.known.borrow_mut().add(self.path, command);
                        }
                        return Target::Word(command);
                    }
                    Ok(Some(None)) => {}
                    _ => continue,
                }
            }
            files.push(leak(path));
        }
        match self.own(file) {
            Some(command) if files.iter().all(|path| sys::fs::stat(path).is_err()) => {
                Target::Word(command)
            }
            _ => Target::Files(files),
        }
    }

    /// The command, if it is a command's own doing that the word stands there: it needs no PATH.
    pub fn own(&self, file: &CStr) -> Option<&'static Command> {
        let own = (self.catalogue.own)(file) && !self.changed_user;
        own.then(|| self.find(file.to_bytes())).flatten()
    }

    /// The files that a loop's rounds can find under a name ([`places`]).
    pub fn places(&self, file: &CStr, block: bool) -> Vec<CString> {
        places(self.path.to_bytes(), file, block)
    }

    /// The command that the first file among these that there is leads to, if it is this binary.
    /// Whoever asks may have waited since the word before.
    pub fn word_among(&self, places: &[CString]) -> Option<&'static Command> {
        self.forget();
        places.iter().find_map(|path| self.word_at(path))?
    }

    /// From now on nothing is known of the files behind words: somebody else could have changed
    /// them.
    pub(crate) fn forget(&self) {
        self.known.take();
    }

    /// The command that the file is, if it is this binary: `None` where there is no file,
    /// `Some(None)` where it is another one (or must be exec'd all the same).
    fn word_at(&self, path: &CStr) -> Option<Option<&'static Command>> {
        if cfg!(feature = "unfused") || self.changed_user {
            return Some(None);
        }
        let found = match self.linked_word(path) {
            Some(command) => Some(command),
            None => match self.is_this_binary(path) {
                Ok(false) => return Some(None),
                Ok(true) => word_of(path.to_bytes(), self.catalogue, Some(&self.known)),
                Err(sys::Errno::ENOENT) => return None,
                Err(_) => return Some(None),
            },
        };
        Some(found.filter(|command| match command.kind {
            Kind::Quick | Kind::Still => true,
            Kind::Link => !self.shares_memory,
            Kind::Daemon => false,
        }))
    }

    /// The command of a file that is a link as the one of a word before was, which led to this
    /// binary: all commands of an installation are such links.
    fn linked_word(&self, path: &CStr) -> Option<&'static Command> {
        let known = self.known.borrow();
        let links = known.links.as_ref()?;
        let name = basename(path.to_bytes());
        let command = (self.catalogue.find)(name)?;
        let dir = path.to_bytes().strip_suffix(name)?;
        let same = links.target.starts_with(b"/") || links.dir == dir;
        (same && sys::fs::is_link_to(path, &links.target)).then_some(command)
    }

    pub(crate) fn is_this_binary(&self, path: &CStr) -> sys::Result<bool> {
        // What has no command's name and is no link means no command, whatever it is: most
        // programs are told from words by this one call, and a script of theirs alone never asks
        // which file this process is.
        if (self.catalogue.find)(basename(path.to_bytes())).is_none() && !sys::fs::is_link(path)? {
            return Ok(false);
        }
        let stat = sys::fs::stat(path)?;
        // A file without an x bit can't be exec'd, even by root.
        Ok(stat.mode & 0o111 != 0 && self.me() == Some((stat.dev, stat.ino)))
    }

    /// The file that this process runs. Without /proc words are exec'd instead of called.
    fn me(&self) -> Option<(u64, u64)> {
        *self.me.get_or_init(|| sys::fs::stat(sys::spawn::SELF).ok().map(|s| (s.dev, s.ino)))
    }
}

/// What is known of the files behind words, as long as nobody had an occasion to change them: most
/// words wait for nothing that would let anybody do it.
#[derive(Default)]
pub struct Known {
    links: Option<Links>,
    /// Words that were found in this search path under their names, wherever one is.
    words: Vec<&'static Command>,
    path: Arg,
}

impl Known {
    fn has(&self, path: Arg, word: &Command) -> bool {
        ptr::eq(self.path, path) && self.words.iter().any(|known| ptr::eq(*known, word))
    }

    fn add(&mut self, path: Arg, word: &'static Command) {
        if !ptr::eq(self.path, path) {
            self.words.clear();
            self.path = path;
        }
        self.words.push(word);
    }
}

/// Links of which each leads to this binary, whatever its own name.
struct Links {
    /// Where they are, if what they say begins there.
    dir: Vec<u8>,
    target: Vec<u8>,
}

impl Links {
    /// None: what the link says depends on the working directory, or leads to another link.
    fn new(path: &[u8], target: Vec<u8>) -> Option<Links> {
        let dir = match target.starts_with(b"/") {
            true => Vec::new(),
            false if path.starts_with(b"/") => path[..path.len() - basename(path).len()].to_vec(),
            false => return None,
        };
        (basename(&target) == BINARY).then_some(Links { dir, target })
    }
}

/// The command that a path to this binary means: the last known name along its links, so that a
/// link of anybody's own name leads to the command that it points to. Whoever wants to find more
/// such commands is told what to look for, if the first link leads straight to the binary.
pub fn word_of(
    path: &[u8],
    catalogue: crate::word::Catalogue,
    known: Option<&RefCell<Known>>,
) -> Option<&'static Command> {
    const LINKS: usize = 40;
    let mut found = (catalogue.find)(basename(path));
    let first = path;
    let mut path = path.to_vec();
    for _ in 0..LINKS {
        let Ok(target) = sys::fs::readlink(&path) else { break };
        let name = basename(&target);
        if name == BINARY {
            if let Some(known) = known.filter(|_| path == first) {
                known.borrow_mut().links = Links::new(first, target);
            }
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

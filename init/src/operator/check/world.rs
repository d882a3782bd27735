//! What is known of the machine, or of the image, that a script is for.

use crate::operator::root::{Root, join};

/// Where programs are looked up.
pub struct World<'a> {
    /// The image's root; none if it is not known where the script will run.
    pub root: Option<&'a [u8]>,
    /// The directories that are searched, as PATH has them.
    pub path: Vec<u8>,
}

/// What looking a name up says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// There is such a program.
    Found,
    /// There is none where the script will run.
    Missing,
    /// Here is none, which says nothing about where the script will run.
    Unknown,
}

impl<'a> World<'a> {
    /// The image in `root`, or any; `path` is its PATH, if that is known.
    pub fn new(root: Option<&'a [u8]>, path: Option<&[u8]>, own: Option<&[u8]>) -> Self {
        let path = path.map(<[u8]>::to_vec).unwrap_or_else(|| {
            // What the own machine has says something about it, and nothing about an image.
            let own = own.filter(|_| root.is_none_or(|root| root == b"/"));
            own.map_or_else(|| IMAGE.to_vec(), |own| [own, b":", IMAGE].concat())
        });
        World { root, path }
    }

    /// Whether there is a program of that name: a path, or a name that is searched for.
    pub fn look(&self, name: &[u8]) -> Look {
        let here = match name.contains(&b'/') {
            true => self.is_program(name),
            false => {
                let dirs = self.path.split(|&b| b == b':').filter(|dir| !dir.is_empty());
                dirs.map(|dir| join(dir, name)).any(|path| self.is_program(&path))
            }
        };
        match (here, self.root) {
            (true, _) => Look::Found,
            (false, Some(_)) => Look::Missing,
            (false, None) => Look::Unknown,
        }
    }

    /// Whether there is a file at that path.
    pub fn has(&self, path: &[u8]) -> bool {
        self.real(path).is_some_and(|path| sys::fs::stat_bytes(&path).is_ok())
    }

    fn is_program(&self, path: &[u8]) -> bool {
        let stat = self.real(path).and_then(|path| sys::fs::stat_bytes(&path).ok());
        stat.is_some_and(|stat| stat.is_file() && stat.mode & 0o111 != 0)
    }

    fn real(&self, path: &[u8]) -> Option<Vec<u8>> {
        match self.root {
            Some(root) if root != b"/" => Root::new(root).find(path),
            _ => Some(path.to_vec()),
        }
    }
}

/// Where an image of s6-overlay has its programs.
const IMAGE: &[u8] = b"/command:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

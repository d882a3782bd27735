//! What s6-log says of itself, on standard error.

use interpreter::word::Fail;
use sys::Errno;

/// Says warnings, unless it was told to be quiet.
#[derive(Clone, Copy)]
pub struct Voice {
    /// Warnings are said from 1 on.
    pub verbosity: u32,
}

impl Voice {
    /// Says a warning.
    pub fn warn(self, message: &str) {
        if self.verbosity > 0 {
            let line = format!("{}: warning: {message}\n", super::NAME);
            let _ = sys::fd::write_all(2, line.as_bytes());
        }
    }
}

/// An operation on a file that failed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unable to {what} {}: {}", String::from_utf8_lossy(path), sys::reason(*errno))]
pub struct Trouble {
    /// What was tried.
    pub what: &'static str,
    /// On which file.
    pub path: Vec<u8>,
    /// The kernel's reason.
    pub errno: Errno,
}

impl Trouble {
    /// For `map_err`.
    pub fn of(what: &'static str, path: &[u8]) -> impl FnOnce(Errno) -> Trouble {
        move |errno| Trouble { what, path: path.to_vec(), errno }
    }

    /// What can be done about it; empty where the reason says it all.
    pub fn remedy(&self) -> String {
        match self.errno {
            Errno::ENOENT if self.what == "mkdir" => {
                " (make the directory above it first; s6-log makes only the last one)".into()
            }
            Errno::ENOENT if self.what == "open" => {
                " (the directory is gone: make it again, and logging goes on)".into()
            }
            Errno::ENOENT if self.what.starts_with("spawn") => {
                " (execlineb, for !, has to be in s6-log's PATH; ? needs /bin/sh)".into()
            }
            Errno::EACCES | Errno::EPERM => {
                let uid = sys::process::ids().1;
                format!(" (s6-log runs as uid {uid}: give that user the directory, e.g. by chown)")
            }
            Errno::EBUSY if self.what == "lock" => {
                " (another s6-log is writing to this directory: stop it, or use another one)".into()
            }
            Errno::EROFS => " (the file system is mounted read-only)".into(),
            Errno::ENOSPC | Errno::EDQUOT => {
                " (make room, or let s6-log keep less with n, s and S)".into()
            }
            Errno::ENOTDIR | Errno::EEXIST => {
                " (a logging directory is wanted, and something else has its name)".into()
            }
            _ => String::new(),
        }
    }
}

/// At start there is nobody to try again for: exit code 111.
impl From<Trouble> for Fail {
    fn from(trouble: Trouble) -> Fail {
        Fail::with_code(111, format!("{trouble}{}", trouble.remedy()))
    }
}

//! The scripts of oneshots, run as children of the tree: always in the same state, whoever asks.
//!
//! That is the tree's environment with `RC_NAME`, the scan directory, a session of its own, no
//! input, the tree's output and error, its umask, and no signal blocked.

use super::tree::Tree;
use interpreter::image::DEFAULT_PATH;
use interpreter::resolve::places;
use std::ffi::{CStr, CString};
use sys::Errno;
use sys::signal::{SIGCONT, SIGTERM};
use sys::spawn::Action;

/// The longest command line: the kernel would not take a longer one either.
const LONGEST: i64 = 1 << 23;

/// One that runs.
#[derive(Clone, Debug)]
pub(super) struct Script {
    /// Its process.
    pub pid: i32,
    /// The service that it runs for.
    pub name: CString,
}

/// The words in the file that came with a request.
pub(super) fn read(files: &[i32]) -> sys::Result<Vec<CString>> {
    let &[file] = files else { return Err(Errno::EPROTO) };
    let stat = sys::fs::fstat(file)?;
    if !stat.is_file() || stat.size > LONGEST {
        return Err(Errno::E2BIG);
    }
    super::request::read_words(&sys::fd::read_to_end(file)?).ok_or(Errno::EPROTO)
}

/// Tells a script to end, also where it is stopped.
pub(super) fn terminate(pid: i32) {
    if pid > 0 {
        let _ = sys::signal::kill(pid, SIGTERM);
        let _ = sys::signal::kill(pid, SIGCONT);
    }
}

impl Tree {
    /// Starts a script, given the service's name and the command line. Its pid.
    pub(super) fn run_script(&self, words: &[CString]) -> sys::Result<i32> {
        let Some([name, words @ ..]) = Some(words).filter(|words| words.len() > 1) else {
            return Err(Errno::EINVAL);
        };
        let place = self.place.as_ref().ok_or(Errno::EINVAL)?;
        let name = [b"RC_NAME=", name.to_bytes()].concat();
        let name = CString::new(name).map_err(|_| Errno::EINVAL)?;
        let kept = |prefix: &'static [u8]| move |var: &&CStr| var.to_bytes().starts_with(prefix);
        let vars = || self.config.env.iter().copied();
        let mut env: Vec<&CStr> = vars().filter(|var| !kept(b"RC_NAME=")(var)).collect();
        env.push(&name);
        let path = vars()
            .find(kept(b"PATH="))
            .map_or(DEFAULT_PATH.to_bytes(), |var| &var.to_bytes()[b"PATH=".len()..]);
        let files = places(path, &words[0], false);
        let files: Vec<&CStr> = files.iter().map(|file| &**file).collect();
        if files.is_empty() {
            return Err(Errno::ENOENT);
        }
        let argv: Vec<&CStr> = words.iter().map(|word| &**word).collect();
        let mut actions = self.child_actions();
        let null = Action::Null { to: 0, flags: sys::fd::O_RDONLY };
        actions.extend([Action::Setsid, Action::Fchdir(place.dir), null]);
        self.common.spawn(&files, &argv, &env, &actions, 0).map_err(|failed| failed.errno)
    }
}

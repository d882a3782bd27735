//! One script of a stage: started without a shell, and explained where it can't be.

use super::say::Say;
use interpreter::arg::{Arg, leak};
use sys::Errno;
use sys::process::Status;
use sys::spawn::Action;

/// A script reads nothing, and is alone in its process group: many clean up with `kill 0`. Its session
/// is its own, too, because ^C is for who started it, and the terminal for the CMD.
const BEFORE: [Action; 2] = [Action::Null { to: 0, flags: sys::fd::O_RDONLY }, Action::Setsid];

/// Makes a process, given the files to try, the words and what it does first.
pub type Start<'a> = &'a mut dyn FnMut(&[Arg], &[Arg], &[Action]) -> sys::Result<i32>;

/// How a script that could not be started counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotStarted {
    /// The exit code that a shell would give: 126 or 127.
    pub code: i32,
}

/// Starts the script at `path`. A text without `#!` is run by `/bin/sh`, because upstream's
/// stages are shell scripts and a shell does that. Where it can't be started the reason is said
/// in the name of `prog`.
pub fn start(prog: &str, path: &[u8], say: &mut Say, begin: Start) -> Result<i32, NotStarted> {
    let file = leak(path.to_vec());
    say.flush();
    let mut started = begin(&[file], &[file], &BEFORE);
    if started == Err(Errno::ENOEXEC) && is_text(path) {
        started = begin(&[c"/bin/sh"], &[c"sh", file], &BEFORE);
    }
    started.map_err(|errno| {
        say.text(0, &explain(prog, path, errno));
        NotStarted { code: code(errno) }
    })
}

/// What a shell exits with where a program can't be exec'd.
pub fn code(errno: Errno) -> i32 {
    if errno == Errno::ENOENT { 127 } else { 126 }
}

/// Why a script could not be started, line ends and all.
pub fn explain(prog: &str, path: &[u8], errno: Errno) -> Vec<u8> {
    let remark = interpreter::why::exec_remark(path, b"", errno);
    let reason = sys::reason(errno);
    let first = [prog.as_bytes(), b": fatal: unable to exec ", path, b": ", reason.as_bytes()];
    [&first.concat()[..], b"\n", &remark.lines(None, path)].concat()
}

/// Could it be a script that lacks its first line?
pub fn is_text(path: &[u8]) -> bool {
    let Ok(fd) = sys::fd::open_bytes(path, sys::fd::O_RDONLY | sys::fd::O_CLOEXEC, 0) else {
        return false;
    };
    let mut head = [0; 128];
    let got = sys::fd::read(fd, &mut head).unwrap_or(0);
    let _ = sys::fd::close(fd);
    !head[..got].contains(&0)
}

/// The names in a directory of scripts, in the order in which they run; none, if it is missing.
pub fn names(dir: &[u8]) -> Vec<Vec<u8>> {
    let mut names = sys::fs::list(dir).unwrap_or_default();
    names.retain(|name| !name.starts_with(b"."));
    names
}

/// A way to end, in words: `exited 3`, `was killed by SIGSEGV`.
pub fn ending(status: Status) -> String {
    match status.signal() {
        Some(number) => match sys::signal::name(number) {
            Some(name) => format!("was killed by SIG{name}"),
            None => format!("was killed by signal {number}"),
        },
        None => format!("exited {}", status.code().unwrap_or(0)),
    }
}

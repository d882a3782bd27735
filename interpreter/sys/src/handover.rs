//! A process that becomes another program and takes its state along: a file in memory, and an
//! exec for which nothing is allocated.

use crate::{Arg, Errno, Result, check};
use core::ffi::{CStr, c_char};

/// A file without a name, closed by exec.
pub fn memory_file(name: &CStr) -> Result<i32> {
    // SAFETY: the name is NUL-terminated and only read.
    check(unsafe { libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC) })
}

/// Reads from the beginning again.
pub fn rewind(fd: i32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::lseek(fd, 0, libc::SEEK_SET) }).map(drop)
}

/// An environment in the form that exec takes, made when there is time for it.
#[derive(Debug)]
pub struct Environment(Vec<*const c_char>);

impl Environment {
    /// Of these words.
    pub fn new(words: &[Arg]) -> Environment {
        Environment(crate::process::pointers(words))
    }
}

/// The most words that [`exec`] takes.
const WORDS: usize = 6;

/// Becomes a program: the one at `path`, or with an empty path the one that `file` is open on.
/// Comes back only with the reason why not, and allocates nothing.
pub fn exec(file: i32, path: &CStr, argv: &[&CStr], env: &Environment) -> Errno {
    let mut words = [core::ptr::null(); WORDS + 1];
    for (word, to) in argv.iter().zip(words.iter_mut().take(WORDS)) {
        *to = word.as_ptr();
    }
    let at = if path.is_empty() { file } else { libc::AT_FDCWD };
    let flags = if path.is_empty() { libc::AT_EMPTY_PATH } else { 0 };
    // SAFETY: path and words are NUL-terminated and live as long as the process; both lists end
    // with a null pointer.
    unsafe {
        if path.is_empty() {
            let (argv, env) = (words.as_ptr(), env.0.as_ptr());
            libc::syscall(libc::SYS_execveat, at, path.as_ptr(), argv, env, flags);
        } else {
            libc::execve(path.as_ptr(), words.as_ptr(), env.0.as_ptr());
        }
    }
    Errno::last()
}

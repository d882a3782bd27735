//! `s6-setlock`: the rest runs with a lock on a file.

use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::{Errno, fd};

pub const COMMAND: Command = Command {
    name: "s6-setlock",
    usage: "s6-setlock [ -n | -N ] [ -t timeout ] [ -d fd ] [ -r | -w ] file prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 1: somebody else has the lock, or had it to the end of the timeout. 111: the file can't be
/// opened.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut wait, mut exclusive, mut millis, mut as_fd) = (true, true, 0, None);
    options::take(&mut argv, "nNrwt:d:", |letter, value| {
        match letter {
            b'n' | b'N' => wait = letter == b'N',
            b'r' | b'w' => exclusive = letter == b'w',
            b't' => millis = options::number(value)?,
            _ => as_fd = Some(options::fd(value)?),
        }
        Ok(())
    })?;
    let [file, _, ..] = *argv else { return Err(Fail::usage()) };
    let mut lock = open(file, exclusive)?;
    // Before there is a lock: it would go with any descriptor of the file.
    if let Some(to) = as_fd.filter(|&to| to >= 0) {
        fd::rename(to, lock).map_err(|e| Fail::sys("move lock descriptor", e))?;
        lock = to;
    }
    let outcome = if millis > 0 {
        sys::signal::with_alarm(millis.into(), || fd::lock_as(lock, exclusive, wait))
    } else {
        retried(|| fd::lock_as(lock, exclusive, wait))
    };
    match outcome {
        Ok(true) => {}
        Ok(false) => return Err(refused(file, Errno::EBUSY)),
        Err(Errno::EINTR) => {
            let what = format!("lock {}: timed out", shown(file.to_bytes()));
            return Err(Fail::with_code(1, what));
        }
        Err(errno) => return Err(refused(file, errno)),
    }
    argv.advance(1);
    Ok(Next::Chain(argv))
}

fn retried<T>(mut call: impl FnMut() -> sys::Result<T>) -> sys::Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            other => return other,
        }
    }
}

fn refused(file: Arg, errno: Errno) -> Fail {
    Fail::sys_with(1, format!("lock {}", shown(file.to_bytes())), errno)
}

/// Opens the file, for reading where that is enough, and makes it where it is not there.
fn open(file: Arg, exclusive: bool) -> Result<i32, Fail> {
    let name = file.to_bytes();
    let create = fd::O_WRONLY | fd::O_NONBLOCK | fd::O_CREAT;
    if exclusive {
        return fd::open(file, create, 0o666)
            .map_err(|e| Fail::sys(format!("open {} for writing", shown(file.to_bytes())), e));
    }
    let read = || fd::open(file, fd::O_RDONLY | fd::O_NONBLOCK, 0);
    let opened = match read() {
        Err(Errno::ENOENT) => {
            let made =
                fd::open(file, create, 0o666).map_err(|e| Fail::sys_at("create", name, e))?;
            let _ = fd::close(made);
            read()
        }
        other => other,
    };
    opened.map_err(|e| Fail::sys(format!("open {} for reading", shown(file.to_bytes())), e))
}

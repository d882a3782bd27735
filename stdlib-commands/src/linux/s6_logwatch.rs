//! `s6-logwatch`: shows what comes into a log directory, also when the file changes.
//!
//! That there is another file is seen by looking, and not by counting what inotify tells: of two
//! changes at once nobody can say what was read between them.

use crate::options;
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;
use sys::event::{POLLIN, poll};
use sys::fd;
use sys::mount::watch;

pub const COMMAND: Command = Command {
    name: "s6-logwatch",
    usage: "s6-logwatch [ -m buflen ] [ logdir ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

const CURRENT: &std::ffi::CStr = c"current";

/// 111: the directory can't be read or watched, or standard output not be written to. 0: nobody
/// reads the standard output any more.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut most = None;
    options::take(&mut argv, "m:", |_, value| options::number(value).map(|n| most = Some(n)))?;
    if most.is_some() {
        image.warn("the -m option is deprecated");
    }
    let dir = argv.first().copied().unwrap_or(c".");
    let name = dir.to_bytes();
    sys::fs::chdir(dir).map_err(|errno| Fail::sys_at("chdir to", name, errno))?;
    let events = watch::directory(c".").map_err(|e| Fail::sys_at("watch", name, e))?;
    let _ = sys::signal::dispose(sys::signal::SIGPIPE, sys::signal::Disposition::Ignore);
    let mut file = None;
    loop {
        // What was written to a file before it made room for the next one is in it by now.
        let next = another(file)
            .map_err(|errno| Fail::sys(format!("open {}/current", shown(name)), errno))?;
        if let Some(file) = file {
            copy(file)?;
        }
        if next.is_some() {
            file.map(fd::close);
            file = next;
            continue;
        }
        let mut fds = [(events, POLLIN, 0), (1, 0, 0)];
        match poll(&mut fds, None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Fail::sys("poll", errno)),
        }
        if fds[1].2 != 0 {
            return Ok(Next::Exit(0));
        }
        watch::forget(events).map_err(|errno| Fail::sys("read what changes", errno))?;
    }
}

/// The file, if there is one and it is not the one that is open.
fn another(open: Option<i32>) -> sys::Result<Option<i32>> {
    let mine = open.map(sys::fs::fstat).transpose()?;
    let there = match sys::fs::stat(CURRENT) {
        Err(Errno::ENOENT) => return Ok(None),
        there => there?,
    };
    if mine.is_some_and(|mine| mine.same(&there)) {
        return Ok(None);
    }
    match fd::open(CURRENT, fd::O_RDONLY | fd::O_CLOEXEC, 0) {
        Err(Errno::ENOENT) => Ok(None),
        file => file.map(Some),
    }
}

/// Writes all that there is to read.
fn copy(file: i32) -> Result<(), Fail> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let got = fd::read(file, &mut buffer).map_err(|e| Fail::sys("read current", e))?;
        if got == 0 {
            return Ok(());
        }
        write(&buffer[..got])?;
    }
}

/// Standard output may have been made so that it does not block.
fn write(mut bytes: &[u8]) -> Result<(), Fail> {
    while !bytes.is_empty() {
        match fd::write(1, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => {
                let _ = sys::event::wait_one(1, sys::event::POLLOUT, None);
            }
            Err(errno) => return Err(Fail::sys("write to stdout", errno)),
        }
    }
    Ok(())
}

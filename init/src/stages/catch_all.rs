//! The logger of everything that has no other (`S6_LOGGING`): a service that reads a fifo, to which
//! PID 1 and all that it starts write instead of the container's standard output and error.

use super::contenv::Contenv;
use super::preinit::SCANDIR;
use super::say::Say;
use super::wipe;
use crate::control::catch_all::CatchAll;
use crate::control::maker;
use crate::log::script;
use interpreter::arg::{Arg, leak};
use interpreter::image::Image;
use interpreter::word::Fail;
use stdlib_commands::overlay::logutil_service::{SCRIPT, words};
use sys::fd::{O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY};

/// Where it logs to.
const LOGS: &[u8] = b"/run/uncaught-logs";
/// Where it logs to in the documents: an image or a volume that has a directory there means it.
const KEPT: &[u8] = b"/var/log/s6-uncaught-logs";
const NAME: &[u8] = b"/s6-svscan-log";

/// What PID 1 has of it.
#[derive(Clone, Copy)]
pub struct Log {
    /// What was standard error.
    pub console: i32,
    /// The end of the fifo that the logger reads, too.
    pub reader: i32,
}

/// Makes it, and has this process write to it from now on. None: it is not wanted, or it can't be,
/// and then everything goes where it goes without it.
pub fn begin(image: &Image, contenv: &Contenv, say: &mut Say) -> Option<Log> {
    let level = contenv.number_or(b"S6_LOGGING", 0);
    if level == 0 {
        return None;
    }
    let service = [SCANDIR, NAME].concat();
    let made = make(image, contenv, say, level, &service);
    match made.and_then(|()| enter(&[&service[..], b"/fifo"].concat(), say)) {
        Ok(log) => Some(log),
        Err(fail) => {
            let why = fail.to_string();
            say.error(&[
                b"init: warning: there is no catch-all logger, and everything goes to the \
                  container's standard output and error: ",
                why.as_bytes(),
            ]);
            let _ = wipe::remove(&service);
            None
        }
    }
}

fn make(
    image: &Image,
    contenv: &Contenv,
    say: &mut Say,
    level: u64,
    service: &[u8],
) -> Result<(), Fail> {
    let mut user = contenv.get(b"S6_CATCHALL_USER");
    user = user.filter(|name| !name.is_empty() && name != b"root");
    if user.is_some() && sys::process::ids().1 != 0 {
        say.warn(&[b"init: warning: S6_CATCHALL_USER is for containers that are started as root"]);
        user = None;
    }
    let directives = directives(contenv, say, level);
    let logger = |dir: &[u8]| CatchAll {
        dir: sys::moved::real(dir),
        mode: 0o2750,
        user: user.clone().map(leak),
        directives,
    };
    let mut kept = None;
    if sys::fs::lstat_bytes(KEPT).is_ok_and(|stat| stat.is_dir()) {
        let mut there = logger(KEPT);
        match there.make() {
            Ok(()) => kept = Some(there),
            Err(fail) => {
                let why = fail.to_string();
                say.warn(&[
                    b"init: warning: the catch-all logger logs to ",
                    LOGS,
                    b": ",
                    why.as_bytes(),
                ]);
            }
        }
    }
    // The other name leads to the same directory, where it can.
    let (link, to) = if kept.is_some() { (LOGS, KEPT) } else { (KEPT, LOGS) };
    let logger = match kept {
        Some(logger) => logger,
        None => {
            let mut logger = logger(LOGS);
            logger.make()?;
            logger
        }
    };
    let _ = sys::fs::symlink(to, link);
    logger.write(image, service)?;
    let fifo = [service, b"/fifo"].concat();
    // Daemons that have become somebody else open /dev/stderr, which is this.
    sys::fs::chmod(&fifo, 0o622).map_err(|errno| Fail::sys_at("chmod", &fifo, errno))?;
    Ok(())
}

/// With `S6_LOGGING` 1 every line goes to the console, too, before anything is done to it.
fn directives(contenv: &Contenv, say: &mut Say, level: u64) -> Arg {
    let given = contenv.get(b"S6_LOGGING_SCRIPT").unwrap_or_else(|| SCRIPT.to_vec());
    let mut parsed = words(given);
    let complete: Vec<Arg> = parsed.iter().copied().chain([c"/"]).collect();
    if let Err(bad) = script::parse(&complete) {
        let why = bad.to_string();
        say.error(&[
            b"init: warning: the catch-all logger does without S6_LOGGING_SCRIPT: ",
            why.as_bytes(),
        ]);
        parsed = words(SCRIPT.to_vec());
    }
    let mut text = if level == 1 { b"1".to_vec() } else { Vec::new() };
    for word in parsed {
        text.push(b' ');
        text.extend(maker::quoted(word.to_bytes()));
    }
    leak(text)
}

/// Standard output and error become the fifo. While its other end is held, too, nobody needs to
/// wait for the logger, and nothing is lost where it begins anew.
fn enter(fifo: &[u8], say: &mut Say) -> Result<Log, Fail> {
    crate::log::ensure_standard()?;
    say.flush();
    let fail = |errno| Fail::sys_at("open", fifo, errno);
    let open = |flags| sys::fd::open_bytes(fifo, flags | O_CLOEXEC, 0);
    let reader = open(O_RDONLY | O_NONBLOCK).map_err(fail)?;
    let writer = open(O_WRONLY).map_err(fail)?;
    let console = sys::fd::dup_above(2, 3, true).map_err(fail)?;
    for standard in [1, 2] {
        sys::fd::copy(standard, writer).map_err(fail)?;
    }
    let _ = sys::fd::close(writer);
    Ok(Log { console, reader })
}

impl Log {
    /// Writes to the console again.
    pub fn leave(self) {
        for standard in [1, 2] {
            let _ = sys::fd::copy(standard, self.console);
        }
    }
}

//! What the `s6-ftrig-*` commands have in common: a fifodir is listened to until what came from it
//! matches a pattern.

use super::fifodir::Listener;
use interpreter::arg::{Arg, Argv};
use interpreter::args::long::Valued;
use interpreter::args::number::uint;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Fail, Next, Ran};
use std::ffi::CString;
use sys::Errno;
use sys::event::POLLIN;
use sys::posix::Regex;
use sys::signal::{self, Disposition, SIGCHLD, SIGPIPE};
use sys::spawn::Action;
use sys::time::{Time, monotonic};

/// `-t timeout`, in slot 0.
pub const TIMEOUT: &[Valued] = &[Valued { short: b't', long: "timeout", slot: 0 }];

/// When the time is over: milliseconds from now, for ever where that is 0 or not given.
pub fn deadline(timeout: Option<Arg>) -> Result<Option<Time>, Fail> {
    let Some(word) = timeout else { return Ok(None) };
    let millis = uint(word.to_bytes())
        .ok_or_else(|| Fail::bad("timeout must be an unsigned integer (milliseconds)"))?;
    Ok(after(millis))
}

/// When so many milliseconds are over; 0 stands for ever.
pub fn after(millis: u32) -> Option<Time> {
    (millis > 0).then(|| monotonic().plus_millis(millis.into()))
}

/// Events of one fifodir, up to those that match.
pub struct Subscription {
    listener: Listener,
    pattern: Regex,
    heard: Vec<u8>,
}

impl Subscription {
    /// Listens from now on. Exit code 111 where that can't be, or the pattern does not compile.
    pub fn new(fifodir: Arg, pattern: Arg) -> Result<Subscription, Fail> {
        let (place, text) = (shown(fifodir.to_bytes()), shown(pattern.to_bytes()));
        let what = format!("subscribe to {place} with regexp {text}");
        let compiled = Regex::new(pattern).map_err(|bad| {
            let why = shown(&bad.0);
            Fail::with_code(111, format!("unable to {what}: {why}"))
        })?;
        let listener = Listener::below(fifodir.to_bytes()).map_err(|e| Fail::sys(what, e))?;
        Ok(Subscription { listener, pattern: compiled, heard: Vec::new() })
    }

    /// [`Subscription::new`] with a pattern that compiles.
    pub fn plain(fifodir: &[u8], pattern: &std::ffi::CStr) -> sys::Result<Subscription> {
        let pattern = Regex::new(pattern).map_err(|_| Errno::EINVAL)?;
        let listener = Listener::below(fifodir)?;
        Ok(Subscription { listener, pattern, heard: Vec::new() })
    }

    /// Takes in what came; does it match? Text ends at an event that is NUL.
    fn hear(&mut self) -> sys::Result<bool> {
        self.heard.extend(self.listener.news()?);
        let end = self.heard.iter().position(|&b| b == 0).unwrap_or(self.heard.len());
        let text = CString::new(&self.heard[..end]).unwrap_or_default();
        Ok(!self.heard.is_empty() && self.pattern.is_match(&text))
    }

    /// Writes what came, and a newline.
    pub fn print(mut self) -> Ran {
        self.heard.push(b'\n');
        sys::fd::write_all(1, &self.heard).map_err(|e| Fail::sys("write to stdout", e))?;
        Ok(Next::Exit(0))
    }
}

/// Waits until all of them match, or `any` one. `ETIMEDOUT`: the time is over.
pub fn wait(list: &mut [Subscription], any: bool, deadline: Option<Time>) -> sys::Result<()> {
    let mut pending: Vec<&mut Subscription> = list.iter_mut().collect();
    while !pending.is_empty() {
        let left = deadline.map(|at| at.millis_since(monotonic()));
        let mut fds: Vec<_> = pending.iter().map(|s| (s.listener.fd(), POLLIN, 0)).collect();
        match sys::event::poll(&mut fds, left) {
            Ok(0) => return Err(Errno::ETIMEDOUT),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
        let mut still = Vec::with_capacity(pending.len());
        for (subscription, fd) in pending.into_iter().zip(fds) {
            match fd.2 != 0 && subscription.hear()? {
                true if any => return Ok(()),
                true => {}
                false => still.push(subscription),
            }
        }
        pending = still;
    }
    Ok(())
}

/// Programs start with no signal blocked and, of those that matter here, none ignored, whatever the
/// caller's are.
const FRESH: [Action; 3] =
    [Action::UnblockSignals, Action::DefaultSignal(SIGCHLD), Action::DefaultSignal(SIGPIPE)];

/// Starts the program whose doings are listened to. Nobody waits for it, and it leaves no zombie.
/// Exit code 111 where it can't be started.
pub fn start(image: &Image, argv: &Argv) -> Result<(), Fail> {
    let _ = signal::dispose(SIGPIPE, Disposition::Ignore);
    let _ = signal::dispose(SIGCHLD, Disposition::Ignore);
    image.spawn(argv, None, &FRESH).map(drop).map_err(|failed| image.spawn_fail(argv, failed))
}

/// The failure of a wait whose time is over has this exit code.
pub fn missed(what: String, errno: Errno, timed_out: i32) -> Fail {
    let code = if errno == Errno::ETIMEDOUT { timed_out } else { 111 };
    Fail::sys_with(code, what, errno)
}

//! `s6-background-watch`: stands in for a daemon that puts itself into the background.

use interpreter::arg::{Arg, Argv};
use interpreter::args::long::{self, Valued};
use interpreter::args::number::uint;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::Errno;
use sys::event::{POLLIN, pidfd, poll, read_signal, signalfd};
use sys::process::{Status, wait_any};
use sys::signal::{self, Disposition, SIGCHLD, SIGKILL, Set};
use sys::spawn::Action;
use sys::time::{Time, monotonic};

/// Exit codes: 100 wrong usage, 104 the program has left no pid, 111 the system said no, 126 and
/// 127 the program can't be exec'd; else the program's, or the daemon's, as execline approximates
/// them.
pub const COMMAND: Command = Command {
    name: "s6-background-watch",
    usage: "s6-background-watch [ -t timeout ] [ -d notif ] pidfile prog...",
    run,
    kind: Kind::Daemon,
    examine: None,
};

const VALUED: [Valued; 2] = [
    Valued { short: b't', long: "timeout-ready", slot: 0 },
    Valued { short: b'd', long: "notification-fd", slot: 1 },
];

/// The exit code of a program that has not written down who its daemon is.
const NO_PID: i32 = 104;

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let long::Found { values: [timeout, notif], used, .. } = long::scan(&argv, &[], &VALUED)?;
    argv.advance(used);
    let [pidfile, program, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    let timeout = timeout.map(options::number).transpose()?;
    let notif = notif.map(descriptor).transpose()?;
    let name = shown(program.to_bytes());
    // A child whose death is ignored sends no signal.
    signal::dispose(SIGCHLD, Disposition::Default).map_err(|e| Fail::sys("trap SIGCHLD", e))?;
    let all = Set::full();
    signal::set_mask(&all);
    let signals = signalfd(&all).map_err(|e| Fail::sys("trap all signals", e))?;
    sys::process::set_subreaper(true).map_err(|e| Fail::sys("become a subreaper", e))?;
    let spawned = image.spawn(&argv, None, &[Action::UnblockSignals]);
    let parent = spawned.map_err(|failed| {
        let _ = image.spawn_fail(&argv, failed);
        Fail::silent(if failed.errno == Errno::ENOEXEC { 126 } else { 127 })
    })?;
    let deadline = timeout.map(|ms| monotonic().plus_millis(ms.into()));
    let early = Early { image, signals, parent, name: &name, deadline };
    let end = early.sit_out()?;
    if end.code() != Some(0) {
        let _ = sys::fs::unlink(pidfile.to_bytes());
        let how = match end.signal() {
            Some(signal) => format!("crashed with signal {signal}"),
            None => format!("exited {}", end.code().unwrap_or(0)),
        };
        return Err(Fail::with_code(end.exit_code(), format!("{name} (parent) {how}")));
    }
    let daemon = read_pid(pidfile, &name)?;
    signal::kill(daemon, 0).map_err(|e| Fail::sys("check daemon with a null signal", e))?;
    if let Some(notif) = notif {
        let _ = sys::fd::write(notif, b"\n");
        let _ = sys::fd::close(notif);
    }
    watch(signals, daemon).map(Next::Exit)
}

fn descriptor(word: Arg) -> Result<i32, Fail> {
    let fd = options::fd(word)?;
    if (0..3).contains(&fd) {
        return Err(Fail::bad("notification-fd cannot be 0, 1 or 2"));
    }
    sys::fd::set_cloexec(fd, true)
        .map_err(|errno| Fail::sys(format!("use descriptor {fd} for readiness"), errno))?;
    Ok(fd)
}

/// The time until the program's first process has ended.
struct Early<'a> {
    image: &'a Image,
    signals: i32,
    parent: i32,
    name: &'a str,
    deadline: Option<Time>,
}

impl Early<'_> {
    /// Its end. One that takes too long is killed.
    fn sit_out(mut self) -> Result<Status, Fail> {
        loop {
            let left = self.deadline.map(|at| at.millis_since(monotonic()));
            match poll(&mut [(self.signals, POLLIN, 0)], left) {
                Ok(0) => {
                    self.deadline = None;
                    self.image.warn(&format!(
                        "{} (parent) did not exit before timeout-ready, killing it",
                        self.name
                    ));
                    let _ = signal::kill(self.parent, SIGKILL);
                }
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(Fail::sys("poll", errno)),
            }
            if hand_on(self.signals, self.parent)
                && let Some((_, end)) = wait_any(self.parent, false).map_err(no_wait)?
            {
                return Ok(end);
            }
        }
    }
}

fn no_wait(errno: Errno) -> Fail {
    Fail::sys("wait", errno)
}

/// Hands the signals that came on; true if a child has died.
fn hand_on(signals: i32, pid: i32) -> bool {
    let mut died = false;
    while let Ok(Some(signal)) = read_signal(signals) {
        if signal.number == SIGCHLD {
            died = true;
        } else {
            let _ = signal::kill(pid, signal.number);
        }
    }
    died
}

fn read_pid(pidfile: Arg, name: &str) -> Result<i32, Fail> {
    let file = shown(pidfile.to_bytes());
    let text = sys::fd::read_file(pidfile).map_err(|errno| match errno {
        Errno::ENOENT => Fail::sys_with(
            NO_PID,
            format!("find {file}, the pidfile, after {name} (parent) has exited"),
            errno,
        ),
        errno => Fail::sys_at("open", pidfile.to_bytes(), errno),
    })?;
    let line = text.split(|&b| b == b'\n').next().unwrap_or_default();
    let pid = uint(line).and_then(|pid| i32::try_from(pid).ok()).filter(|&pid| pid > 0);
    let what = format!("pidfile {file} does not contain a valid pid");
    pid.ok_or(Fail::with_code(NO_PID, what))
}

/// Watches the daemon; its exit code. Whatever else becomes an orphan here is laid to rest.
fn watch(signals: i32, daemon: i32) -> Result<i32, Fail> {
    // For one that is nobody's child here; where there are no such descriptors its end can't be
    // seen.
    let handle = pidfd(daemon).unwrap_or(-1);
    loop {
        if let Some(end) = reap(daemon)? {
            return Ok(end.exit_code());
        }
        let mut fds = [(signals, POLLIN, 0), (handle, POLLIN, 0)];
        match poll(&mut fds, None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Fail::sys("poll", errno)),
        }
        hand_on(signals, daemon);
        if fds[1].2 != 0 {
            // Whoever traces it hears of its death first, and may take his time.
            return match wait_any(daemon, true) {
                Ok(Some((_, end))) => Ok(end.exit_code()),
                _ => Err(Fail::with_code(
                    111,
                    format!(
                        "process {daemon} has ended, and its exit code is unknown: it was started \
                         elsewhere"
                    ),
                )),
            };
        }
    }
}

/// Takes in the dead: the daemon's end, if it is one of them.
fn reap(daemon: i32) -> Result<Option<Status>, Fail> {
    loop {
        match wait_any(-1, false) {
            Ok(Some((pid, end))) if pid == daemon => return Ok(Some(end)),
            Ok(Some(_)) => {}
            Ok(None) | Err(Errno::ECHILD) => return Ok(None),
            Err(errno) => return Err(no_wait(errno)),
        }
    }
}

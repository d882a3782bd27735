//! `s6-notifyoncheck`: asks a service again and again whether it is ready, and tells its
//! supervisor when it is.

use super::super::fifodir::Listener;
use super::super::{client, ftrig};
use interpreter::arg::{Arg, Argv};
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::Errno;
use sys::event::{POLLIN, poll, read_signal, signalfd};
use sys::process::wait_any;
use sys::signal::{self, Disposition, SIGCHLD, SIGTERM, Set};
use sys::spawn::Action;
use sys::time::{Time, monotonic};

/// Exit codes: 100 wrong usage or not supervised, 111 the system said no; else the rest's.
pub const COMMAND: Command = Command {
    name: "s6-notifyoncheck",
    usage: "s6-notifyoncheck [ -d ] [ -3 fd ] [ -s initialsleep ] [ -T globaltimeout ] \
            [ -t localtimeout ] [ -w waitingtime ] [ -n tries ] [ -c \"checkprog...\" ] prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

const ORPHAN: u64 = 1;
const FLAGS: [Flag; 1] = [Flag { short: b'd', long: "doublefork", clear: 0, set: ORPHAN }];
const VALUED: [Valued; 7] = [
    Valued { short: b'3', long: "notification-fd", slot: 0 },
    Valued { short: b's', long: "initial-sleep", slot: 1 },
    Valued { short: b'T', long: "global-timeout", slot: 2 },
    Valued { short: b't', long: "local-timeout", slot: 3 },
    Valued { short: b'w', long: "waiting-time", slot: 4 },
    Valued { short: b'n', long: "tries", slot: 5 },
    Valued { short: b'c', long: "check-program", slot: 6 },
];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values, used } = long::scan::<7>(&argv, &FLAGS, &VALUED)?;
    let [notif, first, whole, each, pause, tries, program] = values;
    argv.advance(used);
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let notif = super::descriptor(notif)?;
    let number = |word: Option<Arg>, default| word.map_or(Ok(default), options::number);
    let sleeps = Sleeps { first: number(first, 10)?, pause: number(pause, 1000)? };
    let whole = ftrig::after(number(whole, 0)?);
    let each = number(each, 0)?;
    let tries = Some(number(tries, 7)?).filter(|&tries| tries > 0);
    let check = match program {
        Some(program) => vec![c"execlineb", c"-Pc", program],
        None => vec![c"./data/check"],
    };
    match client::is_supervised(b".") {
        Ok(true) => {}
        Ok(false) => return Err(Fail::bad("s6-supervise not running.")),
        Err(errno) => return Err(Fail::sys("sanity-check current service directory", errno)),
    }
    // Before the program can die.
    let events = Listener::below(b"event")
        .map_err(|errno| Fail::sys("subscribe to event fifodir", errno))?;
    let mut events = Some(events);
    let shared: &Image = image;
    super::beside(shared, bits & ORPHAN != 0, || {
        let Some(events) = events.take() else { return Ok(111) };
        sys::process::set_name(c"s6-notifyoncheck");
        let signals = catch_deaths().map_err(|e| Fail::sys("trap SIGCHLD", e))?;
        let patrol = Patrol { image: shared, events, signals, check: Argv::new(check), whole };
        let ready = patrol.go(sleeps, each, tries)?;
        if ready == 0 {
            let _ = sys::fd::write(notif, b"\n");
        }
        Ok(ready)
    })?;
    if let Some(events) = events {
        events.leave();
    }
    let _ = sys::fd::close(notif);
    Ok(Next::Chain(argv))
}

/// A descriptor that is readable when a child has died.
fn catch_deaths() -> sys::Result<i32> {
    let deaths = Set::of(&[SIGCHLD]);
    signal::dispose(SIGCHLD, Disposition::Default)?;
    signal::block(&deaths);
    signalfd(&deaths)
}

/// Pauses in milliseconds.
struct Sleeps {
    first: u32,
    pause: u32,
}

/// What goes on beside the program.
struct Patrol<'a> {
    image: &'a Image,
    events: Listener,
    signals: i32,
    check: Argv,
    /// When all of it is over.
    whole: Option<Time>,
}

/// What a wait came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    /// The time that was waited for.
    Time,
    /// The end of all of it.
    End,
    /// The service's end.
    Down,
    /// A child has died.
    Death,
}

impl Patrol<'_> {
    /// 0 the service is ready, 1 it was asked often enough, 2 it has died, 3 the time is over.
    fn go(&self, sleeps: Sleeps, each: u32, mut tries: Option<u32>) -> Result<i32, Fail> {
        let mut sleep = sleeps.first;
        while tries != Some(0) {
            tries = tries.map(|left| left - 1);
            match self.sleep(sleep)? {
                Came::Down => return Ok(2),
                Came::End => return Ok(3),
                Came::Time | Came::Death => {}
            }
            sleep = sleeps.pause;
            match self.image.spawn(&self.check, None, &[Action::UnblockSignals]) {
                Err(failed) => {
                    let program = shown(self.check.first().map_or(&b""[..], |w| w.to_bytes()));
                    let why = sys::reason(failed.errno);
                    self.image.warn(&format!("unable to spawn {program}: {why}"));
                }
                Ok(pid) => {
                    if let Some(code) = self.ask(pid, ftrig::after(each))? {
                        return Ok(code);
                    }
                }
            }
        }
        Ok(1)
    }

    fn sleep(&self, millis: u32) -> Result<Came, Fail> {
        let until = monotonic().plus_millis(millis.into());
        loop {
            match self.wait(Some(until))? {
                // One that was told to end because it took too long.
                Came::Death => self.dead(0).map(drop)?,
                came => return Ok(came),
            }
        }
    }

    /// Sits a check out; `None`: it did not find the service ready, or took too long.
    fn ask(&self, pid: i32, until: Option<Time>) -> Result<Option<i32>, Fail> {
        loop {
            let came = self.wait(until)?;
            match came {
                Came::Death => match self.dead(pid)? {
                    Some(true) => return Ok(Some(0)),
                    Some(false) => return Ok(None),
                    None => {}
                },
                Came::Time | Came::End | Came::Down => {
                    let _ = signal::kill(pid, SIGTERM);
                    return Ok(match came {
                        Came::Down => Some(2),
                        Came::End => Some(3),
                        _ => None,
                    });
                }
            }
        }
    }

    fn wait(&self, until: Option<Time>) -> Result<Came, Fail> {
        let first = [until, self.whole].into_iter().flatten().min();
        loop {
            let left = first.map(|at| at.millis_since(monotonic()));
            let mut fds = [(self.events.fd(), POLLIN, 0), (self.signals, POLLIN, 0)];
            match poll(&mut fds, left) {
                Ok(0) if self.whole.is_some_and(|end| end <= monotonic()) => return Ok(Came::End),
                Ok(0) => return Ok(Came::Time),
                Ok(_) => {}
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(Fail::sys("poll", errno)),
            }
            let news = self.events.news().map_err(|e| Fail::sys("read events", e))?;
            if news.contains(&b'd') {
                return Ok(Came::Down);
            }
            if fds[1].2 != 0 {
                while let Ok(Some(_)) = read_signal(self.signals) {}
                return Ok(Came::Death);
            }
        }
    }

    /// Takes in the dead: whether the check found the service ready, if it is one of them.
    fn dead(&self, pid: i32) -> Result<Option<bool>, Fail> {
        let mut found = None;
        loop {
            match wait_any(-1, false) {
                Ok(Some((dead, end))) if dead == pid => found = Some(end.code() == Some(0)),
                Ok(Some(_)) => {}
                Ok(None) | Err(Errno::ECHILD) => return Ok(found),
                Err(errno) => return Err(Fail::sys("wait", errno)),
            }
        }
    }
}

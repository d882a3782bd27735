//! `s6-svstat`: the state of a service, in words or as fields.

use super::client;
use crate::supervise::status::Status;
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use std::fmt::Write;
use stdlib_commands::options;
use sys::Errno;
use sys::time::Time;

/// Exit codes: 0 told, 1 not supervised, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-svstat",
    usage: "s6-svstat [ -uwNrpgest | -o up,wantedup,normallyup,ready,paused,pid,pgid,exitcode,\
            signal,signum,updownsince,readysince,updownfor,readyfor ] [ -n ] servicedir",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What is told about a service.
struct State {
    status: Status,
    now: Time,
    normally_up: bool,
}

type Field = fn(&State) -> String;

const FIELDS: [(&str, Field); 14] = [
    ("up", |s| s.status.is_up().to_string()),
    ("wantedup", |s| s.status.want_up.to_string()),
    ("normallyup", |s| s.normally_up.to_string()),
    ("ready", |s| (s.status.pid != 0 && s.status.ready).to_string()),
    ("paused", |s| (s.status.paused && s.status.pid != 0).to_string()),
    ("pid", |s| s.pid().to_string()),
    ("pgid", |s| s.pid().to_string()),
    ("exitcode", |s| s.ended().and_then(|e| e.code()).unwrap_or(-1).to_string()),
    ("signal", |s| s.signal().map_or_else(|| "NA".into(), signal_name)),
    ("signum", |s| s.signal().unwrap_or(-1).to_string()),
    ("updownsince", |s| label(s.status.stamp)),
    ("readysince", |s| label(s.status.ready_stamp)),
    ("updownfor", |s| s.seconds(s.status.stamp).to_string()),
    ("readyfor", |s| s.seconds(s.status.ready_stamp).to_string()),
];

const LETTERS: [(u8, &str); 9] = [
    (b'u', "up"),
    (b'w', "wantedup"),
    (b'N', "normallyup"),
    (b'r', "ready"),
    (b'p', "pid"),
    (b'g', "pgid"),
    (b'e', "exitcode"),
    (b's', "signal"),
    (b't', "updownfor"),
];

/// More fields at once than this are refused.
const MOST: usize = 16;

fn field(name: &[u8]) -> Result<Field, Fail> {
    let known = FIELDS.iter().find(|(n, _)| n.as_bytes() == name);
    known
        .map(|(_, f)| *f)
        .ok_or_else(|| Fail::bad(format!("invalid option field: {}", shown(name))))
}

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut numbers, mut fields) = (false, Vec::new());
    options::take(&mut argv, "no:uwNrpgest", |letter, arg| {
        match (letter, LETTERS.iter().find(|(l, _)| *l == letter)) {
            (b'n', _) => numbers = true,
            (_, Some((_, name))) => fields.push(field(name.as_bytes())?),
            _ => {
                let names = arg.to_bytes().strip_suffix(b",").unwrap_or(arg.to_bytes());
                for name in names.split(|&b| b == b',').filter(|_| !arg.is_empty()) {
                    fields.push(field(name)?);
                }
            }
        }
        if fields.len() > MOST { Err(Fail::bad("too many option fields")) } else { Ok(()) }
    })?;
    let dir = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let state = read(dir)?;
    let mut line = match fields.is_empty() {
        true => state.sentence(numbers),
        false => fields.iter().map(|field| field(&state)).collect::<Vec<_>>().join(" "),
    };
    line.push('\n');
    sys::fd::write_all(1, line.as_bytes()).map_err(|e| Fail::sys("write to stdout", e))?;
    Ok(Next::Exit(0))
}

fn read(dir: &[u8]) -> Result<State, Fail> {
    let supervised =
        client::is_supervised(dir).map_err(|errno| Fail::sys_at("check", dir, errno))?;
    if !supervised {
        let dir = shown(dir);
        let what = format!("unable to read status for {dir}: s6-supervise not running");
        return Err(Fail::with_code(1, what));
    }
    let mut status =
        client::status(dir).map_err(|errno| Fail::sys_at("read status for", dir, errno))?;
    let now = sys::time::now();
    status.stamp = status.stamp.min(now);
    let down = [dir, b"/down"].concat();
    let normally_up = match sys::fs::access(&down, 0) {
        Ok(()) => false,
        Err(Errno::ENOENT) => true,
        Err(errno) => return Err(Fail::sys_at("access", &down, errno)),
    };
    Ok(State { status, now, normally_up })
}

fn label(time: Time) -> String {
    shown(&sys::tai::timestamp(time))
}

fn signal_name(signal: i32) -> String {
    format!("SIG{}", sys::signal::name(signal).unwrap_or("???"))
}

impl State {
    fn pid(&self) -> i32 {
        if self.status.is_up() { self.status.pid } else { -1 }
    }

    /// How the last run ended, where there was one and no other is going on.
    fn ended(&self) -> Option<sys::process::Status> {
        (!self.status.is_new() && !self.status.is_up()).then_some(self.status.ended)
    }

    fn signal(&self) -> Option<i32> {
        self.ended().and_then(|ended| ended.signal())
    }

    fn seconds(&self, since: Time) -> i64 {
        let nanos = self.now.nanos() - since.nanos();
        i64::try_from(nanos.max(0) / 1_000_000_000).unwrap_or(0)
    }

    /// The line for people.
    fn sentence(&self, numbers: bool) -> String {
        let (status, up) = (&self.status, self.status.is_up());
        let mut line = match (up, status.is_new(), status.ended.signal()) {
            (true, ..) => format!("up (pid {0} pgid {0}) ", status.pid),
            (_, true, _) => "down (not started yet) ".into(),
            (_, _, Some(signal)) if numbers => format!("down (signal {signal}) "),
            (_, _, Some(signal)) => format!("down (signal {}) ", signal_name(signal)),
            _ => format!("down (exitcode {}) ", status.ended.code().unwrap_or(0)),
        };
        if !status.is_new() {
            let _ = write!(line, "{} seconds", self.seconds(status.stamp));
        }
        for (holds, word) in [
            (up && !self.normally_up, ", normally down"),
            (!up && self.normally_up, ", normally up"),
            (up && status.paused, ", paused"),
            (!up && status.want_up, ", want up"),
            (up && !status.want_up, ", want down"),
        ] {
            if holds {
                line.push_str(word);
            }
        }
        if status.ready && !status.is_new() {
            let _ = write!(line, ", ready {} seconds", self.seconds(status.ready_stamp));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sys::process::Status as Ended;

    fn state(status: impl FnOnce(&mut Status)) -> State {
        let now = Time { sec: 1_700_000_100, nsec: 5 };
        let mut state = State { status: Status::new(now, true), now, normally_up: true };
        state.status.stamp.sec -= 40;
        state.status.ready_stamp.sec -= 30;
        state.status.ready = false;
        status(&mut state.status);
        state
    }

    #[test]
    fn sentences() {
        let up = state(|s| s.pid = 7);
        assert_eq!(up.sentence(false), "up (pid 7 pgid 7) 40 seconds");
        let paused = state(|s| {
            (s.pid, s.paused, s.ready, s.want_up) = (7, true, true, false);
        });
        let expected = "up (pid 7 pgid 7) 40 seconds, paused, want down, ready 30 seconds";
        assert_eq!(paused.sentence(false), expected);
        let new = state(|s| s.paused = true);
        assert_eq!(new.sentence(false), "down (not started yet) , normally up, want up");
        let killed = state(|s| (s.ended, s.want_up) = (Ended(9), false));
        assert_eq!(killed.sentence(false), "down (signal SIGKILL) 40 seconds, normally up");
        assert_eq!(killed.sentence(true), "down (signal 9) 40 seconds, normally up");
    }

    #[test]
    fn fields_of_one_that_ended() {
        let state = state(|s| s.ended = Ended(3 << 8));
        let get = |name: &str| field(name.as_bytes()).unwrap()(&state);
        assert_eq!(
            (get("exitcode"), get("signal"), get("pid")),
            ("3".into(), "NA".into(), "-1".into())
        );
        assert_eq!((get("updownfor"), get("readyfor")), ("40".into(), "30".into()));
    }
}

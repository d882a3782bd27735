//! A service: its machine, its directory, its processes. Here acts are performed.

use super::child::{Common, Running, Stdio, read_line};
use super::command::{To, Which};
use super::home::{Home, Pattern, Taken};
use super::machine::{Act, Event, Machine, Now, State};
use super::pipes::{Ends, Pipes};
use super::record::{In, Out};
use super::status::Status;
use interpreter::args::number::uint;
use std::cell::OnceCell;
use std::collections::VecDeque;
use std::ffi::{CStr, CString};
use sys::process::Status as Ended;
use sys::signal::{SIGCONT, SIGHUP, SIGKILL, SIGTERM};
use sys::time::Time;

mod start;

/// How long a status file that could not be written waits for the next try: ms.
const REWRITE: u64 = 5000;
/// How long that of a service that is told to end with all others may wait for its end: ms.
const ENDING: u64 = 200;

/// A supervised service.
#[derive(Debug)]
pub struct Service {
    /// Its name in the scan directory, which `run` and `finish` are told.
    pub name: CString,
    /// Where it is, for messages.
    path: Vec<u8>,
    /// Its directory.
    pub home: Home,
    /// Its state.
    pub machine: Machine,
    /// What was started and may not be its program yet. The machine hears of it when it is.
    starting: Option<Running>,
    /// Where its readiness is read from.
    pub readiness: Option<i32>,
    /// A readiness pipe that is done with, to be closed by whoever watches it.
    pub retired: Option<i32>,
    /// Its state is to be written when it is known what has come of a start.
    stale: bool,
    /// The status file is the one that it began with.
    as_begun: bool,
    /// The status file could not be written, or is about to be: when to try again.
    pub unwritten: Option<Time>,
    /// Nothing has failed yet about it.
    postponed: bool,
    /// It goes with its process: what still runs reads nothing and is not read.
    hushed: bool,
    /// The pipes that its processes are at an end of, as soon as somebody asks.
    ends: OnceCell<Ends>,
}

/// What a service needs of its surroundings while it acts.
pub struct Surroundings<'a> {
    /// What all children have in common.
    pub common: &'a Common,
    /// What its children get as standard input and the rest.
    pub stdio: Stdio,
    /// Where its directory names pipes, it gets their ends instead; `None`: nobody holds pipes.
    pub pipes: Option<&'a mut Pipes>,
    /// It is asked again soon, and so does not wait for an exec.
    pub ahead: bool,
}

impl Surroundings<'_> {
    /// The standard descriptors of a process that is to be started.
    fn stdio(&mut self, home: &Home, ends: &mut OnceCell<Ends>) -> sys::Result<Stdio> {
        let Some(pipes) = &mut self.pipes else { return Ok(self.stdio) };
        *ends = OnceCell::new();
        let of = Ends::of(home)?;
        pipes.join(ends.get_or_init(|| of), self.stdio)
    }
}

/// What the surroundings have to do after a service has acted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// What those who listen have been told.
    pub news: Vec<u8>,
    /// The supervisor lets go of its ends of the service's pipes.
    pub close_stdio: bool,
    /// The service is not supervised any more.
    pub left: bool,
}

/// The time of both clocks.
pub fn now() -> Now {
    Now { mono: sys::time::monotonic(), wall: sys::time::now() }
}

/// Writes a line to standard error: at most what a pipe takes at once, and not at all where
/// that would block, because a supervisor that waits for a logger supervises nothing.
pub fn say(line: &str) {
    const PIPE_BUF: usize = 4096;
    let ready = sys::event::wait_one(2, sys::event::POLLOUT, Some(0));
    if ready.is_ok_and(|events| events != 0) {
        let bytes = line.as_bytes();
        let _ = sys::fd::write(2, &bytes[..bytes.len().min(PIPE_BUF)]);
    }
}

impl Service {
    /// A service in a directory that is taken. Its first [`Event::Timeout`] is due at once. Its
    /// state is written before anybody can listen.
    pub fn new(
        name: CString,
        path: Vec<u8>,
        home: Home,
        pattern: Option<Pattern>,
    ) -> Result<Service, Taken> {
        let want_up = !home.has(c"down").unwrap_or(false);
        let survivor = super::survivor::find(home.dir, b".");
        let mut machine = match survivor {
            Some(status) => Machine::running(status, now()),
            None => Machine::new(now(), want_up),
        };
        // That is how "not started yet" is written.
        machine.status.paused |= survivor.is_none();
        let mut service = Service {
            name,
            path,
            home,
            machine,
            starting: None,
            readiness: None,
            retired: None,
            stale: false,
            as_begun: false,
            unwritten: None,
            postponed: false,
            hushed: false,
            ends: OnceCell::new(),
        };
        let pattern = pattern.filter(|_| survivor.is_none());
        let (home, status) = (&service.home, &mut service.machine.status);
        if !pattern.is_some_and(|pattern| home.is_as(&pattern, status)) {
            service.announce();
        }
        service.as_begun = survivor.is_none() && service.unwritten.is_none();
        service.machine.status.paused &= survivor.is_some();
        if service.machine.state == State::Finish {
            let limit = service.time_limit(c"timeout-finish", Some(5000));
            service.machine.deadline = limit.map(|ms| now().mono.plus_millis(ms));
        }
        service.home.open_ears()?;
        Ok(service)
    }

    /// Writes it down. What is starting is started anew.
    pub fn save(&self, out: &mut Out) {
        if let Some(running) = &self.starting {
            let _ = sys::signal::kill(running.child.pid(), SIGKILL);
        }
        out.bytes(self.name.to_bytes());
        out.bytes(&self.path);
        self.home.save(out);
        self.machine.save(out);
        out.fd(self.readiness);
        out.time(self.unwritten);
        out.number(self.hushed);
        self.ends.get().unwrap_or(&Ends::NONE).save(out);
    }

    /// Reads it.
    pub fn load(input: &mut In) -> Option<Service> {
        Some(Service {
            name: input.word()?,
            path: input.bytes()?,
            home: Home::load(input)?,
            machine: Machine::load(input)?,
            readiness: input.fd()?,
            unwritten: input.time()?,
            hushed: input.flag()?,
            // None may also mean that nobody has asked.
            ends: match Ends::load(input)? {
                Ends::NONE => OnceCell::new(),
                ends => OnceCell::from(ends),
            },
            starting: None,
            retired: None,
            stale: false,
            as_begun: false,
            postponed: false,
        })
    }

    /// What is in its status file, if that is the one that it began with: others that begin like it may have
    /// the same.
    pub fn pattern(&self) -> Option<Pattern> {
        let status = Status { paused: true, ..self.machine.status };
        self.as_begun.then_some(Pattern { dir: self.home.dir, status })
    }

    /// The pipes that its processes are at an end of.
    pub fn ends(&self) -> &Ends {
        self.ends.get_or_init(|| Ends::of(&self.home).unwrap_or_default())
    }

    /// Takes an event in, behind what has come of a start, and does what follows from it. The state is written
    /// once, however often it changes on the way, but always before anybody is told of it.
    pub fn feed(&mut self, event: Option<Event>, around: &mut Surroundings) -> After {
        let (mut after, mut last) = (After::default(), Vec::new());
        let mut stale = std::mem::take(&mut self.stale);
        let postpones = event == Some(Event::Terminate) && self.machine.status.pid != 0;
        let mut events: VecDeque<Event> = self.started(around).into_iter().chain(event).collect();
        while let Some(event) = events.pop_front() {
            let acts = self.machine.handle(event, now());
            let leaves = acts.contains(&Act::Leave);
            for act in acts {
                if stale && matches!(act, Act::Notify(_)) {
                    self.announce();
                    stale = false;
                }
                match act {
                    Act::Announce => stale = true,
                    Act::CloseStdio => {
                        after.close_stdio = true;
                        self.hushed = true;
                    }
                    Act::Leave => after.left = true,
                    Act::Notify(news) => {
                        match leaves {
                            true => last.extend_from_slice(news),
                            false => self.home.notify(news),
                        }
                        after.news.extend_from_slice(news);
                    }
                    act => events.extend(self.perform(act, around)),
                }
            }
        }
        match stale {
            _ if self.is_starting() => self.stale = stale,
            // Where many are told to end at once, most have ended before it is their turn.
            true if postpones && !after.left => {
                self.postponed |= self.unwritten.is_none();
                self.unwritten = Some(sys::time::monotonic().plus_millis(ENDING));
            }
            true => self.announce(),
            false => {}
        }
        if after.left {
            self.close_readiness();
            // Whoever hears of the end and asks whether there is a supervisor is told no.
            self.home.unlock();
            last.push(b'x');
            self.home.notify(&last);
            after.news.push(b'x');
        }
        after
    }

    fn perform(&mut self, act: Act, around: &mut Surroundings) -> Option<Event> {
        match act {
            Act::Start => return self.start(around, false),
            Act::Finish(pgid) => return Some(self.finish(pgid, around)),
            Act::Signal(which, to) => self.signal(self.number(which), to),
            Act::KillLate => self.kill_late(),
            Act::AskKillTime => return Some(Event::KillAfter(self.millis(c"timeout-kill"))),
            Act::Tally(ended) => self.tally(ended),
            Act::AddDown => self.complain("create ./down file", self.home.add_down()),
            Act::RemoveDown => self.complain("unlink ./down file", self.home.remove_down()),
            Act::CloseReadiness => self.close_readiness(),
            Act::WarnFinish => self.warn(
                "finish script lifetime reached maximum value (timeout-finish) \
                 - sending it a SIGKILL",
            ),
            Act::Notify(_) | Act::Announce | Act::CloseStdio | Act::Leave => {}
        }
        None
    }

    fn finish(&mut self, pgid: i32, around: &mut Surroundings) -> Event {
        // Nobody is started only to find that out.
        if self.home.has(c"finish") == Ok(false) {
            return Event::NoFinish;
        }
        let ended = self.machine.status.ended;
        if self.hushed {
            let error = around.stdio.error;
            around.stdio = Stdio { error, null: true, ..Stdio::default() };
        }
        // At the end of all a pipe may have no end to write to any more.
        let stdio = around.stdio(&self.home, &mut self.ends).unwrap_or(around.stdio);
        match around.common.finish(&self.home, &self.name, stdio, ended, pgid) {
            Ok(Some(pid)) => Event::Finishing(pid, self.time_limit(c"timeout-finish", Some(5000))),
            Ok(None) => Event::NoFinish,
            Err(errno) => {
                let why = super::why::describe_exec_failure(&self.file("finish"), errno);
                self.warn(&format!("unable to spawn ./finish: {why}"));
                Event::NoFinish
            }
        }
    }

    /// What is to be read on the readiness pipe; true if a line's end came.
    pub fn read_readiness(&mut self) -> bool {
        let mut buffer = [0; 512];
        while let Some(fd) = self.readiness {
            match sys::fd::read(fd, &mut buffer) {
                Err(sys::Errno::EAGAIN) => return false,
                Ok(n) if n > 0 && !buffer[..n].contains(&b'\n') => {}
                got => {
                    self.close_readiness();
                    return got.is_ok_and(|n| n > 0);
                }
            }
        }
        false
    }

    fn close_readiness(&mut self) {
        if let Some(fd) = self.readiness.take() {
            self.retired = Some(fd);
        }
    }

    /// The state is told, now or as soon as that can be done; why not now is said once.
    fn announce(&mut self) {
        self.as_begun = false;
        let done = self.home.announce(&self.machine.status);
        if self.unwritten.is_none() || std::mem::take(&mut self.postponed) {
            self.complain("write status file", done);
        }
        let later = || sys::time::monotonic().plus_millis(REWRITE);
        self.unwritten = done.is_err().then(later);
    }

    /// Writes the status file, if that has failed and is to be tried again by now.
    pub fn write_again(&mut self, now: Time) {
        if self.unwritten.is_some_and(|at| at <= now) {
            self.announce();
        }
    }

    fn tally(&self, ended: Ended) {
        const MOST: u32 = 4096;
        let max = self.number_in(c"max-death-tally").unwrap_or(100).min(MOST);
        if max > 0 {
            let when = self.machine.status.stamp;
            let done = self.home.tally(max as usize, when, ended);
            self.complain("write supervise/death_tally", done);
        }
    }

    fn signal(&self, signal: i32, to: To) {
        let pid = self.machine.status.pid;
        if pid > 0 {
            let _ = sys::signal::kill(if to == To::Group { -pid } else { pid }, signal);
        }
    }

    fn kill_late(&self) {
        let group = self.home.has(c"flag-timeout-killpg").unwrap_or(false);
        let to = if group { To::Group } else { To::Process };
        self.signal(SIGKILL, to);
        self.signal(SIGCONT, to);
    }

    fn number(&self, which: Which) -> i32 {
        match which {
            Which::Number(signal) => signal,
            Which::Down => self.signal_in(c"down-signal", SIGTERM),
            Which::Reload => self.signal_in(c"reload-signal", SIGHUP),
        }
    }

    fn signal_in(&self, file: &CStr, default: i32) -> i32 {
        let Some(line) = self.line(file) else { return default };
        sys::signal::parse(&line).unwrap_or_else(|| {
            let word = String::from_utf8_lossy(&line);
            let file = file.to_string_lossy();
            self.warn(&format!("invalid {file}: {word:?} is no signal's name or number"));
            default
        })
    }

    fn millis(&self, file: &CStr) -> Option<u64> {
        self.time_limit(file, None)
    }

    /// Milliseconds out of a file; 0 is no limit.
    fn time_limit(&self, file: &CStr, default: Option<u64>) -> Option<u64> {
        match self.number_in(file) {
            None => default,
            Some(0) => None,
            Some(ms) => Some(ms.into()),
        }
    }

    fn number_in(&self, file: &CStr) -> Option<u32> {
        let line = self.line(file)?;
        let number = uint(&line);
        if number.is_none() {
            let word = String::from_utf8_lossy(&line);
            let file = file.to_string_lossy();
            self.warn(&format!("invalid {file}: {word:?} is not a whole number"));
        }
        number
    }

    fn line(&self, file: &CStr) -> Option<Vec<u8>> {
        read_line(&self.home, file, &mut |what| self.warn(what))
    }

    fn file(&self, name: &str) -> Vec<u8> {
        [&self.path, &b"/"[..], name.as_bytes()].concat()
    }

    fn complain(&self, what: &str, done: sys::Result<()>) {
        if let Err(errno) = done {
            self.warn(&format!("unable to {what}: {}", sys::reason(errno)));
        }
    }

    fn warn(&self, what: &str) {
        warn(&self.name, what);
    }
}

fn warn(name: &CStr, what: &str) {
    say(&format!("s6-supervise {}: warning: {what}\n", name.to_string_lossy()));
}

//! One service as a state machine: what happened goes in, what is to be done comes out. No
//! process, no file and no clock is touched here.
//!
//! ```text
//!            start                  died, finish runs
//!   Down ───────────▶ Up ───────────────────────────────▶ Finish ──▶ Down
//!                      │ leave when it is down (x, TERM, HUP)  │
//!                      ▼                                       ▼
//!                   LastUp ────────────────────────────▶ LastFinish ──▶ the supervisor leaves
//! ```
//!
//! What needs an answer (did it start? how long may it take?) is an [`Act`] that its performer
//! answers with an [`Event`].

use super::command::{Command, To, Which};
use super::record::{In, Out};
use super::status::Status;
use sys::process::Status as Ended;
use sys::signal::{SIGCONT, SIGINT, SIGKILL, SIGSTOP};
use sys::time::Time;

/// Where the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing runs.
    Down,
    /// `run` runs.
    Up,
    /// `finish` runs.
    Finish,
    /// `run` runs, for the last time.
    LastUp,
    /// `finish` runs, for the last time.
    LastFinish,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The deadline is past.
    Timeout,
    /// The process whose pid the status tells has ended.
    Died(Ended),
    /// The service has told that it is ready.
    Ready,
    /// A letter came through `supervise/control`.
    Command(Command),
    /// Stop the service, and leave when it is down (SIGTERM to an s6-supervise).
    Terminate,
    /// Leave when the service is down by itself; it loses its input (SIGHUP to an s6-supervise).
    HangUp,
    /// Leave at once, whatever runs (SIGQUIT to an s6-supervise).
    Quit,
    /// Interrupt what runs, and leave at once (SIGINT to an s6-supervise).
    Interrupt,
    /// Answer to [`Act::Start`]: it runs.
    Started(i32),
    /// The same, and it has told by now that it is ready.
    StartedReady(i32),
    /// Answer to [`Act::Start`]: it could not be started; try again after so many milliseconds,
    /// or only when told to.
    NotStarted(Option<u64>),
    /// Answer to [`Act::Finish`]: the script runs, and may do so for so many milliseconds.
    Finishing(i32, Option<u64>),
    /// Answer to [`Act::Finish`]: there is none, or it could not be started.
    NoFinish,
    /// Answer to [`Act::AskKillTime`]: SIGKILL after so many milliseconds, or never.
    KillAfter(Option<u64>),
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Write the status file.
    Announce,
    /// Tell those who listen in `event/`.
    Notify(&'static [u8]),
    /// Start `run`; to be answered.
    Start,
    /// Start `finish` for this pid; to be answered.
    Finish(i32),
    /// Send a signal.
    Signal(Which, To),
    /// Its time to die is over: SIGKILL and SIGCONT, to the group where `flag-timeout-killpg` is.
    KillLate,
    /// How long may it take to die? To be answered.
    AskKillTime,
    /// Write the death down in the tally.
    Tally(Ended),
    /// Make the file `down`.
    AddDown,
    /// Remove it.
    RemoveDown,
    /// Nobody listens to the service's readiness any more.
    CloseReadiness,
    /// The supervisor lets go of its ends of the service's pipes.
    CloseStdio,
    /// The finish script has run too long.
    WarnFinish,
    /// The supervisor leaves the service directory.
    Leave,
}

/// A moment, by both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// What deadlines are reckoned by.
    pub mono: Time,
    /// What is written into files.
    pub wall: Time,
}

/// The pause between two starts, and the time that a killed process may take to die, in ms.
const PAUSE: u64 = 1000;
const RETRY_KILL: u64 = 5000;

/// A service's state.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Where it is.
    pub state: State,
    /// What the status file tells.
    pub status: Status,
    /// When [`Event::Timeout`] is due, by the monotonic clock.
    pub deadline: Option<Time>,
    /// Before this it is not started again, though it was ready: known from readiness on.
    next_start: Option<Time>,
    /// It was told to go down and has a time limit for it.
    dying: bool,
}

impl Machine {
    /// A service that has never run. [`Event::Timeout`] is due at once, and starts it if it is
    /// wanted up.
    pub fn new(now: Now, want_up: bool) -> Machine {
        Machine {
            state: State::Down,
            status: Status::new(now.wall, want_up),
            deadline: Some(now.mono),
            next_start: None,
            dying: false,
        }
    }

    /// A service of which something runs already. A finish script has all of its time again, of
    /// which its performer tells.
    pub fn running(status: Status, now: Now) -> Machine {
        let state = if status.finishing { State::Finish } else { State::Up };
        Machine { state, status, deadline: None, ..Machine::new(now, false) }
    }

    /// Takes an event in. The acts are in the order in which they must be done.
    pub fn handle(&mut self, event: Event, now: Now) -> Vec<Act> {
        let mut out = Vec::new();
        match event {
            Event::Started(pid) => {
                self.started(pid, now);
                out.extend([Act::Announce, Act::Notify(b"u")]);
            }
            Event::StartedReady(pid) => {
                self.started(pid, now);
                self.ready(now);
                out.extend([Act::Announce, Act::Notify(b"uU")]);
            }
            Event::NotStarted(retry) => self.set_timeout(retry, now),
            Event::Finishing(pid, limit) => self.finishing(pid, limit, now, &mut out),
            Event::NoFinish => self.no_finish(now, &mut out),
            Event::KillAfter(limit) => {
                self.set_timeout(limit, now);
                self.dying = limit.is_some();
            }
            Event::Ready if matches!(self.state, State::Up | State::LastUp) => {
                self.ready(now);
                out.extend([Act::Announce, Act::Notify(b"U")]);
            }
            Event::Ready => {}
            Event::Quit => out.push(Act::Leave),
            Event::Interrupt => {
                if self.state != State::Down {
                    out.push(Act::Signal(Which::Number(SIGINT), To::Group));
                }
                out.push(Act::Leave);
            }
            event => match self.state {
                State::Down => self.while_down(event, &mut out),
                State::Up | State::LastUp => self.while_up(event, now, &mut out),
                State::Finish | State::LastFinish => self.while_finishing(event, now, &mut out),
            },
        }
        out
    }

    fn while_down(&mut self, event: Event, out: &mut Vec<Act>) {
        match event {
            // The answer moves the deadline: who asks again before it has come is to start it again.
            Event::Timeout if self.status.want_up => out.push(Act::Start),
            Event::Timeout => self.deadline = None,
            Event::Terminate | Event::HangUp | Event::Command(Command::Exit) => {
                out.push(Act::Leave);
            }
            Event::Command(command) => {
                self.want(command, out);
                if matches!(command, Command::Once | Command::Up | Command::UpForGood) {
                    out.push(Act::Start);
                }
            }
            _ => {}
        }
    }

    fn while_up(&mut self, event: Event, now: Now, out: &mut Vec<Act>) {
        match event {
            Event::Timeout if self.dying => {
                out.push(Act::KillLate);
                self.set_paused(false, out);
                self.set_timeout(Some(RETRY_KILL), now);
            }
            Event::Timeout => self.deadline = None,
            Event::Died(ended) => self.died(ended, now, out),
            Event::Terminate => {
                self.state = State::LastUp;
                self.bring_down(out);
            }
            Event::HangUp | Event::Command(Command::Exit) => {
                self.state = State::LastUp;
                out.push(Act::CloseStdio);
            }
            Event::Command(Command::Down) => self.bring_down(out),
            Event::Command(Command::DownForGood) => {
                out.push(Act::AddDown);
                self.bring_down(out);
            }
            Event::Command(Command::Signal(which, to)) => self.signal(which, to, out),
            Event::Command(command) => self.want(command, out),
            _ => {}
        }
    }

    fn while_finishing(&mut self, event: Event, now: Now, out: &mut Vec<Act>) {
        match event {
            Event::Timeout => {
                out.push(Act::WarnFinish);
                self.signal(Which::Number(SIGCONT), To::Process, out);
                self.signal(Which::Number(SIGKILL), To::Process, out);
                self.set_timeout(Some(RETRY_KILL), now);
            }
            Event::Died(ended) => self.finished(ended, now, out),
            Event::Terminate if self.state == State::LastFinish => {}
            Event::Terminate | Event::HangUp | Event::Command(Command::Exit) => {
                self.state = State::LastFinish;
                out.push(Act::CloseStdio);
            }
            Event::Command(command) => self.want(command, out),
            _ => {}
        }
    }

    /// What a command says about the time after this run, if it says anything about it.
    fn want(&mut self, command: Command, out: &mut Vec<Act>) {
        use Command::*;
        match command {
            Signal(..) | Exit => return,
            DownForGood | AtMostOnceForGood => out.push(Act::AddDown),
            UpForGood => out.push(Act::RemoveDown),
            Once | Down | Up | AtMostOnce => {}
        }
        self.status.want_up = matches!(command, Up | UpForGood);
        out.push(Act::Announce);
    }

    fn signal(&mut self, which: Which, to: To, out: &mut Vec<Act>) {
        out.push(Act::Signal(which, to));
        match which {
            Which::Number(SIGSTOP) => self.set_paused(true, out),
            Which::Number(SIGCONT) => self.set_paused(false, out),
            _ => {}
        }
    }

    fn set_paused(&mut self, paused: bool, out: &mut Vec<Act>) {
        self.status.paused = paused;
        out.push(Act::Announce);
    }

    fn bring_down(&mut self, out: &mut Vec<Act>) {
        self.status.want_up = false;
        out.push(Act::Signal(Which::Down, To::Process));
        self.signal(Which::Number(SIGCONT), To::Process, out);
        out.push(Act::AskKillTime);
    }

    fn started(&mut self, pid: i32, now: Now) {
        self.state = State::Up;
        self.status.pid = pid;
        self.status.ready = false;
        self.status.stamp = now.wall;
        self.deadline = None;
        self.next_start = None;
    }

    fn ready(&mut self, now: Now) {
        self.next_start = Some(now.mono.plus_millis(PAUSE));
        self.status.ready_stamp = now.wall;
        self.status.ready = true;
    }

    fn died(&mut self, ended: Ended, now: Now, out: &mut Vec<Act>) {
        let pid = self.status.pid;
        self.status.ended = ended;
        self.status.paused = false;
        self.status.ready = false;
        self.status.stamp = now.wall;
        self.dying = false;
        out.extend([Act::CloseReadiness, Act::Tally(ended), Act::Finish(pid)]);
    }

    fn finishing(&mut self, pid: i32, limit: Option<u64>, now: Now, out: &mut Vec<Act>) {
        let last = self.state == State::LastUp;
        self.state = if last { State::LastFinish } else { State::Finish };
        self.status.pid = pid;
        self.status.finishing = true;
        self.set_timeout(limit, now);
        out.extend([Act::Announce, Act::Notify(b"d")]);
    }

    fn no_finish(&mut self, now: Now, out: &mut Vec<Act>) {
        let last = self.state == State::LastUp;
        self.down_and_ready(b"dD", last, now, out);
    }

    fn finished(&mut self, ended: Ended, now: Now, out: &mut Vec<Act>) {
        const FAILED_FOR_GOOD: i32 = 125;
        let failed = ended.code() == Some(FAILED_FOR_GOOD);
        if failed {
            self.status.want_up = false;
        }
        let last = self.state == State::LastFinish;
        self.down_and_ready(if failed { b"OD" } else { b"D" }, last, now, out);
    }

    fn down_and_ready(&mut self, news: &'static [u8], last: bool, now: Now, out: &mut Vec<Act>) {
        self.state = State::Down;
        self.status.pid = 0;
        self.status.finishing = false;
        self.status.ready = true;
        self.status.ready_stamp = now.wall;
        self.deadline = Some(self.next_start.unwrap_or_else(|| now.mono.plus_millis(PAUSE)));
        out.extend([Act::Announce, Act::Notify(news)]);
        if last {
            out.push(Act::Leave);
        }
    }

    /// Writes it down.
    pub fn save(&self, out: &mut Out) {
        out.number(self.state as i64);
        out.bytes(&self.status.pack());
        out.time(self.deadline);
        out.time(self.next_start);
        out.number(self.dying);
    }

    /// Reads it.
    pub fn load(input: &mut In) -> Option<Machine> {
        use State::*;
        let state = input.index()?;
        Some(Machine {
            state: *[Down, Up, Finish, LastUp, LastFinish].get(state)?,
            status: Status::unpack(&input.bytes()?)?,
            deadline: input.time()?,
            next_start: input.time()?,
            dying: input.flag()?,
        })
    }

    fn set_timeout(&mut self, millis: Option<u64>, now: Now) {
        self.deadline = millis.map(|ms| now.mono.plus_millis(ms));
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;

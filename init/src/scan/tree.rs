//! The loop, and what it holds.

use super::behind::Stranger;
pub use super::config::{Config, SIGNALS, Stop};
use super::entry::{Entries, Entry};
use super::handover::{self, Faults, Way};
use super::lines::Lines;
use super::serve::Client;
use super::{Director, Flow};
use crate::supervise::child::{Common, Stdio};
use crate::supervise::command::Command;
use crate::supervise::machine::{Event, State};
use crate::supervise::pipes::Pipes;
use crate::supervise::service::{After, Surroundings, say};
use interpreter::arg::{Arg, Argv};
use interpreter::word::Fail;
use std::collections::BTreeMap;
use std::ffi::CStr;
use sys::event::{EPOLLIN, Epoll, Ready};
use sys::resident::Resident;
use sys::spawn::{Action, Failed};
use sys::time::Time;

/// A scan directory and what runs in it.
pub struct Tree {
    pub(super) config: Config,
    /// The scan directory; `None`: one service without one.
    pub(super) place: Option<Place>,
    pub(super) entries: Entries,
    pub(super) by_pid: BTreeMap<i32, usize>,
    pub(super) common: Common,
    /// What services write to each other.
    pub(super) pipes: Pipes,
    pub(super) epoll: Epoll,
    pub(super) signals: i32,
    /// When a scan is due.
    pub(super) scan_at: Option<Time>,
    pub(super) scanned: bool,
    pub(super) stopping: Option<Stop>,
    pub(super) told_quiet: bool,
    /// Who asks over sockets.
    pub(super) served: Vec<Client>,
    /// Descriptors that are watched for the director.
    pub(super) watched: Vec<i32>,
    pub(super) faults: Faults,
    /// The program is to be begun anew.
    pub(super) upgrade: bool,
    /// The program has just been begun anew, and whether it is the one that is installed: whoever
    /// asked for it is told.
    pub(super) begun: Option<bool>,
    /// Services' processes that somebody else is the parent of.
    pub(super) strangers: Vec<Stranger>,
    /// When to look at those that have no pidfd, and whether the logger of everything is there.
    pub(super) look_at: Option<Time>,
    pub(super) resident: Option<Resident>,
    /// The logger of everything has opened its end of the fifo, or never will.
    pub(super) heard_by: Option<Time>,
    /// The lines of services, where they come with names.
    pub(super) lines: Option<Lines>,
}

/// Milliseconds without an event after which the loop forgets what it has in memory of its program.
const A_WHILE: u64 = 100;

/// The loop, and what an exec out of it needs.
struct Work<'a> {
    tree: &'a mut Tree,
    director: &'a mut dyn Director,
    way: Way,
}

impl sys::crash::Rescue for Work<'_> {
    fn rescue(&self, signal: i32) {
        handover::survive(self.tree, self.director, &self.way, signal);
    }
}

/// A scan directory that is held.
pub(super) struct Place {
    pub(super) dir: i32,
    pub(super) control: i32,
    pub(super) lock: i32,
    /// The socket on which others may connect, where one could be made.
    pub(super) listener: Option<i32>,
}

/// Whose descriptor it is: in the upper half of an epoll token, a number of its own below. In
/// the order in which what came is looked at: readiness before the death that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Readiness,
    Signals,
    Stranger,
    Service,
    Scan,
    Request,
    Director,
    Log,
    Line,
    Sink,
}

const SOURCES: [Source; 10] = [
    Source::Readiness,
    Source::Signals,
    Source::Stranger,
    Source::Service,
    Source::Scan,
    Source::Request,
    Source::Director,
    Source::Log,
    Source::Line,
    Source::Sink,
];

pub(super) fn token(source: Source, number: usize) -> u64 {
    (source as u64) << 32 | number as u64
}

fn origin(token: u64) -> (Source, usize) {
    let source = SOURCES.get((token >> 32) as usize).copied().unwrap_or(Source::Director);
    (source, token as u32 as usize)
}

/// Leaves the function with the code, where the loop ends.
macro_rules! go {
    ($flow:expr) => {
        if let Flow::Exit(code) = $flow {
            return Flow::Exit(code);
        }
    };
}

impl Tree {
    /// Takes the scan directory: makes `.s6-svscan/{lock,control}`, blocks the signals, raises
    /// the limit of open files (children get the old one). Fails with 111, or with 100 where
    /// another instance has the directory or something else stands in the way.
    pub fn new(config: Config) -> Result<Tree, Fail> {
        super::setup::tree(config)
    }

    /// One service without a scan directory, known under `config.scandir`. Its end is the end:
    /// [`Director::on_quiet`].
    pub fn single(config: Config) -> Result<Tree, Fail> {
        super::setup::single(config)
    }

    /// The loop. Begins with a scan, unless one was made.
    pub fn run(&mut self, director: &mut dyn Director) -> i32 {
        self.resident = self.place.is_some().then(Resident::new);
        let way = Way::new(director.environment());
        let mut work = Work { tree: self, director, way };
        sys::crash::guard(&mut work, |work| work.tree.work(work.director, &work.way))
    }

    fn work(&mut self, director: &mut dyn Director, way: &Way) -> i32 {
        if !self.scanned {
            self.scan();
        }
        if let Some(upgraded) = self.begun.take() {
            handover::tell(self, upgraded);
        }
        // Who ended before SIGCHLD was set up has left no signal behind: setting it to its
        // default, which is to be ignored, discards a pending one.
        if let Flow::Exit(code) = self.reap(director) {
            return code;
        }
        loop {
            if let Some(signal) = sys::crash::asked() {
                handover::survive(self, director, way, signal);
            }
            if std::mem::take(&mut self.upgrade) {
                handover::upgrade(self, director, way);
            }
            if let Flow::Exit(code) = self.turn(director) {
                return code;
            }
        }
    }

    fn turn(&mut self, director: &mut dyn Director) -> Flow {
        go!(self.due(director));
        let deadlines = [self.scan_at, self.look_at, director.deadline()].into_iter().flatten();
        let first = deadlines.chain(self.entries.iter().filter_map(|(_, e)| e.deadline())).min();
        let mut ready = match self.sleep(first) {
            Ok(ready) => ready,
            Err(errno) => {
                warn(&format!("unable to wait for events: {}", sys::reason(errno)));
                return Flow::Exit(111);
            }
        };
        sys::order::by_key(&mut ready, |r| r.token >> 32);
        for one in ready {
            go!(self.came(one, director));
        }
        Flow::Go
    }

    /// Waits for events until then. Who has work keeps its program in memory; who has had none for
    /// a while forgets it, and sleeps on.
    fn sleep(&mut self, until: Option<Time>) -> sys::Result<Vec<Ready>> {
        let millis = || until.map(|until| until.millis_since(sys::time::monotonic()));
        if let Some(resident) = self.resident.as_mut().filter(|resident| resident.is_swollen()) {
            let ready = self.epoll.wait(Some(millis().map_or(A_WHILE, |ms| ms.min(A_WHILE))))?;
            let rest = millis();
            if !ready.is_empty() || rest == Some(0) {
                return Ok(ready);
            }
            resident.forget();
            return self.epoll.wait(rest);
        }
        self.epoll.wait(millis())
    }

    fn came(&mut self, ready: Ready, director: &mut dyn Director) -> Flow {
        match origin(ready.token) {
            (Source::Readiness, index) => self.readiness(index),
            (Source::Signals, _) => return self.signalled(director),
            (Source::Stranger, index) => self.stranger(index),
            (Source::Service, index) => self.service_control(index),
            (Source::Scan, _) => return self.scan_control(director),
            (Source::Request, fd) => self.answer(fd as i32),
            (Source::Log, index) => self.rescue_log(index),
            (Source::Line, at) => self.line(at),
            (Source::Sink, _) => self.write_lines(),
            (Source::Director, fd) => return director.on_fd(self, fd as i32, ready.events),
        }
        Flow::Go
    }

    /// What is due by now.
    fn due(&mut self, director: &mut dyn Director) -> Flow {
        let now = sys::time::monotonic();
        let past = |at: Option<Time>| at.is_some_and(|at| at <= now);
        if past(self.scan_at) {
            self.scan();
        }
        if past(self.look_at) {
            self.look_for_strangers();
            self.drain_last();
        }
        for index in self.entries.which(|entry| past(entry.deadline())) {
            self.entry_due(index);
        }
        if past(director.deadline()) {
            go!(director.on_deadline(self));
        }
        let ended = self.stopping.is_some() || self.place.is_none();
        let quiet = match self.held_log() {
            Some(_) => self.entries.len() == 1,
            None => self.entries.is_empty(),
        };
        if ended && quiet && !self.told_quiet {
            self.told_quiet = true;
            return director.on_quiet(self);
        }
        Flow::Go
    }

    fn entry_due(&mut self, index: usize) {
        match self.entries.get(index) {
            Some(entry) if entry.service.is_none() => self.begin(index),
            _ => {}
        }
        let now = sys::time::monotonic();
        let Some(entry) = self.entries.get_mut(index) else { return };
        let is_late = entry.end_at.take_if(|at| *at <= now).is_some();
        let Some(service) = &mut entry.service else { return };
        service.write_again(now);
        if service.machine.deadline.is_some_and(|at| at <= now) {
            self.feed(index, Event::Timeout);
        }
        if is_late {
            self.feed(index, Event::Terminate);
        }
    }

    fn signalled(&mut self, director: &mut dyn Director) -> Flow {
        while let Ok(Some(signal)) = sys::event::read_signal(self.signals) {
            if signal.number == sys::signal::SIGCHLD {
                go!(self.reap(director));
            } else if signal.number == sys::signal::SIGINT && signal.by_kernel {
                go!(director.on_interrupt(self));
            } else {
                go!(director.on_signal(self, signal.number));
            }
        }
        Flow::Go
    }

    /// Takes every child that has ended.
    fn reap(&mut self, director: &mut dyn Director) -> Flow {
        let mut orphans = false;
        while let Ok(Some((pid, status))) = sys::process::wait_any(-1, false) {
            match self.by_pid.get(&pid).copied() {
                Some(index) => {
                    // What it has said before its end comes before its end.
                    self.readiness(index);
                    self.end_line(index);
                    self.feed(index, Event::Died(status));
                }
                None if self.script_ended(pid, status) => {}
                None => {
                    orphans = true;
                    go!(director.on_orphan(self, pid, status));
                }
            }
        }
        if orphans { director.on_orphans(self) } else { Flow::Go }
    }

    pub(super) fn readiness(&mut self, index: usize) {
        let entry = self.entries.get_mut(index);
        let Some(service) = entry.and_then(|e| e.service.as_mut()) else { return };
        let ready = service.read_readiness();
        let retired = service.retired.take();
        self.retire(retired);
        if ready {
            self.feed(index, Event::Ready);
            self.drain_last();
        }
    }

    pub(super) fn retire(&self, fd: Option<i32>) {
        if let Some(fd) = fd {
            // A copy in a forked child would keep it in the epoll set after the close.
            let _ = self.epoll.remove(fd);
            let _ = sys::fd::close(fd);
        }
    }

    fn service_control(&mut self, index: usize) {
        let entry = self.entries.get(index);
        let Some(service) = entry.and_then(|e| e.service.as_ref()) else { return };
        let mut letters = [0; 64];
        let Ok(count) = sys::fd::read(service.home.control, &mut letters) else { return };
        for command in letters[..count].iter().filter_map(|&l| Command::of(l)) {
            self.feed(index, Event::Command(command));
        }
    }

    fn scan_control(&mut self, director: &mut dyn Director) -> Flow {
        let Some(place) = &self.place else { return Flow::Go };
        let mut letters = [0; 64];
        let Ok(count) = sys::fd::read(place.control, &mut letters) else { return Flow::Go };
        for &letter in &letters[..count] {
            go!(director.on_command(self, letter));
        }
        Flow::Go
    }

    /// Gives a service an event, and does what its supervision has to do about it.
    pub(super) fn feed(&mut self, index: usize, event: Event) {
        let voice = self.voice(index);
        let Some(entry) = self.entries.get_mut(index) else { return };
        let special = entry.name.as_c_str() == SPECIAL;
        let stdio = match special {
            true => Stdio { error: self.config.console, ..Stdio::default() },
            false => match voice {
                Some([output, error]) => {
                    Stdio { output: Some(output), error: Some(error), ..entry.stdio() }
                }
                None => entry.stdio(),
            },
        };
        let Some(service) = &mut entry.service else { return };
        let (old_pid, old_readiness) = (service.machine.status.pid, service.readiness);
        let was_ready = old_pid != 0 && service.machine.status.ready;
        // One service alone has nobody to write to; those that are left behind have.
        let joins = self.place.is_some() || !self.pipes.is_empty();
        let pipes = joins.then_some(&mut self.pipes);
        let after = service.feed(event, &mut Surroundings { common: &self.common, stdio, pipes });
        let (pid, readiness) = (service.machine.status.pid, service.readiness);
        let retired = service.retired.take();
        let settled = special && old_readiness.is_some() && readiness.is_none();
        self.retire(retired);
        if pid != old_pid {
            self.by_pid.remove(&old_pid);
            if pid != 0 {
                self.by_pid.insert(pid, index);
            }
        }
        if let Some(fd) = readiness.filter(|_| readiness != old_readiness) {
            let watched = self.epoll.add(fd, EPOLLIN, token(Source::Readiness, index));
            self.complain("watch a readiness pipe", watched);
        }
        self.after(index, after);
        if settled {
            self.drain_last();
        }
        // It has ended, or could not begin, before it was ready.
        if special {
            self.watch_log(index, pid == 0 && !was_ready);
        }
    }

    fn after(&mut self, index: usize, after: After) {
        if after.close_stdio && self.place.is_none() && self.entries.len() == 1 {
            super::setup::null_stdio();
        }
        if after.left {
            self.left(index);
        }
    }

    /// Gives every service an event.
    pub fn tell_all(&mut self, event: Event) {
        for index in self.entries.which(|entry| entry.service.is_some()) {
            self.feed(index, event);
        }
    }

    /// Does what s6-svscan does for a byte of `.s6-svscan/control`.
    pub fn command(&mut self, byte: u8) -> Flow {
        match byte {
            b'a' => self.scan(),
            b'h' => {
                self.scan();
                self.prune(Stop::Services);
            }
            b'n' => self.prune(Stop::Services),
            b'N' => self.prune(Stop::All),
            b'i' | b't' => self.stop(Stop::Services),
            b'q' => self.stop(Stop::All),
            b'b' => return Flow::Exit(0),
            // Children are reaped as they end, without being asked for it.
            b'z' => {}
            handover::UPGRADE => self.upgrade = true,
            #[cfg(debug_assertions)]
            #[allow(clippy::panic, reason = "for the tests: no input makes the real one panic")]
            b'!' => panic!("as somebody asked for"),
            _ => warn(&format!("received unknown control command: {}", byte.escape_ascii())),
        }
        Flow::Go
    }

    /// The names of the services and loggers (`NAME/log`) whose processes, or whose finish
    /// scripts, are still there.
    pub fn alive(&self) -> Vec<Vec<u8>> {
        let counts = |entry: &Entry| entry.pid() != 0 && !entry.holds_log();
        let alive = self.entries.iter().filter(|(_, entry)| counts(entry));
        alive.map(|(_, entry)| entry.name.to_bytes().to_vec()).collect()
    }

    /// Sends a signal to a service's process; false: there is none.
    pub fn signal(&self, name: &[u8], signal: i32) -> bool {
        let runs = |entry: &&Entry| {
            let state = entry.service.as_ref().map(|service| service.machine.state);
            entry.name.to_bytes() == name && state == Some(State::Up)
        };
        let entry = self.entries.iter().map(|(_, entry)| entry).find(runs);
        entry.is_some_and(|entry| sys::signal::kill(entry.pid(), signal).is_ok())
    }

    /// Watches a descriptor of the director's for input (`EPOLLIN`) and hang-up.
    pub fn watch(&mut self, fd: i32) -> sys::Result<()> {
        self.epoll.add(fd, EPOLLIN, token(Source::Director, fd as usize))?;
        self.watched.push(fd);
        Ok(())
    }

    /// Watches it no more; it stays open.
    pub fn unwatch(&mut self, fd: i32) -> sys::Result<()> {
        self.watched.retain(|&watched| watched != fd);
        self.epoll.remove(fd)
    }

    /// Starts a child in the state that a service gets (no signal blocked, the soft limit of
    /// open files that the tree found), after these
    /// actions. It ends in [`Director::on_orphan`].
    pub fn spawn(
        &mut self,
        files: &[Arg],
        argv: &Argv,
        env: &[Arg],
        actions: &[Action],
    ) -> Result<i32, Failed> {
        let mut all = self.child_actions();
        all.extend_from_slice(actions);
        sys::spawn::spawn(files, argv, env, &all)
    }

    /// The actions with which a child of this tree begins, for those who fork by themselves.
    pub fn child_actions(&self) -> Vec<Action> {
        let mut actions = vec![Action::UnblockSignals];
        actions.extend(self.common.nofile.map(Action::NoFile));
        actions
    }

    pub(super) fn complain(&self, what: &str, done: sys::Result<()>) {
        if let Err(errno) = done {
            warn(&format!("unable to {what}: {}", sys::reason(errno)));
        }
    }
}

/// The logger of everything that has none.
pub(super) const SPECIAL: &CStr = c"s6-svscan-log";

pub(super) fn warn(what: &str) {
    say(&format!("s6-svscan: warning: {what}\n"));
}

impl Drop for Tree {
    fn drop(&mut self) {
        let place = self
            .place
            .iter()
            .flat_map(|p| [p.control, p.lock, p.dir].into_iter().chain(p.listener));
        for fd in place.chain([self.signals]) {
            let _ = sys::fd::close(fd);
        }
    }
}

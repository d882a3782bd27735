//! The loop, and what it holds.

use super::behind::Stranger;
pub use super::config::{Config, SIGNALS, Stop};
use super::entry::{Entries, Entry, Id};
use super::follow::Followers;
use super::handover::{self, Faults, Way};
use super::lines::Lines;
use super::script::Script;
use super::serve::Client;
use super::{Director, Flow};
use crate::supervise::child::{Common, Stdio};
use crate::supervise::command::Command;
use crate::supervise::machine::{Event, State};
use crate::supervise::pipes::Pipes;
use crate::supervise::service::{After, Surroundings, say};
use interpreter::arg::{Arg, Argv};
use interpreter::word::Fail;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::CStr;
use sys::event::{EPOLLIN, Epoll};
use sys::resident::Resident;
use sys::spawn::{Action, Failed};
use sys::time::Time;

/// A scan directory and what runs in it.
pub struct Tree {
    pub(super) config: Config,
    /// The scan directory; `None`: one service without one.
    pub(super) place: Option<Place>,
    pub(super) entries: Entries,
    /// Services by what [`by_pid`] makes of their processes.
    pub(super) by_pid: BTreeMap<Id, usize>,
    pub(super) common: Common,
    /// What services write to each other.
    pub(super) pipes: Pipes,
    pub(super) epoll: Epoll,
    pub(super) signals: i32,
    /// What was ignored before it, and is not any more.
    pub(super) ignored: Vec<i32>,
    /// When a scan is due.
    pub(super) scan_at: Option<Time>,
    pub(super) scanned: bool,
    pub(super) stopping: Option<Stop>,
    pub(super) told_quiet: bool,
    /// Who asks over sockets.
    pub(super) served: Vec<Client>,
    /// Oneshots' scripts that run, also those whose askers have gone.
    pub(super) scripts: Vec<Script>,
    /// Who follows which services over a socket.
    pub(super) followers: Followers,
    /// Descriptors that are watched for the director.
    pub(super) watched: Vec<i32>,
    pub(super) faults: Faults,
    /// The program is to be begun anew.
    pub(super) upgrade: bool,
    /// The program has just been begun anew, and whether it is the one that is installed: whoever
    /// asked for it is told.
    pub(super) begun: Option<bool>,
    /// Until then locks are waited for.
    pub(super) patience: Time,
    /// Services' processes that somebody else is the parent of.
    pub(super) strangers: Vec<Stranger>,
    /// When to look at those that have no pidfd, and whether the logger of everything is there.
    pub(super) look_at: Option<Time>,
    pub(super) resident: Option<Resident>,
    /// The logger of everything has opened its end of the fifo, or never will.
    pub(super) heard_by: Option<Time>,
    /// The lines of services, where they come with names.
    pub(super) lines: Option<Lines>,
    /// Services are started without a wait for each one's exec.
    pub(super) ahead: bool,
    /// Those that have begun so, in their order.
    pub(super) starting: VecDeque<usize>,
}

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

/// A process's key: like that of a directory, because a map for each would be compiled twice.
pub(super) fn by_pid(pid: i32) -> Id {
    (0, u64::from(pid.unsigned_abs()))
}

pub(super) fn token(source: Source, number: usize) -> u64 {
    (source as u64) << 32 | number as u64
}

/// Leaves the function with the code, where the loop ends.
macro_rules! go {
    ($flow:expr) => {
        if let Flow::Exit(code) = $flow {
            return Flow::Exit(code);
        }
    };
}

mod ahead;
mod turn;

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

    /// Nothing is in the scan directory yet, and whoever puts something there asks for a scan.
    pub fn is_new(&mut self) {
        self.scanned = true;
    }

    /// The loop. Begins with a scan, unless one was made.
    pub fn run(&mut self, director: &mut dyn Director) -> i32 {
        self.resident = self.place.is_some().then(Resident::new);
        let way = Way::new(director.environment());
        if self.resident.is_none() {
            way.path();
        }
        let mut work = Work { tree: self, director, way };
        sys::crash::guard(&mut work, |work| work.tree.work(work.director, &work.way))
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
        self.give(index, Some(event));
        self.await_starts(ahead::ABREAST);
    }

    /// [`Tree::feed`]; without an event what is starting is waited for.
    fn give(&mut self, index: usize, event: Option<Event>) {
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
        // Whether the logger of everything could begin is to be known at once.
        let (common, ahead) = (&self.common, self.ahead && !special);
        let after = service.feed(event, &mut Surroundings { common, stdio, pipes, ahead });
        if service.is_starting() {
            self.starting.push_back(index);
        }
        let (pid, readiness) = (service.machine.status.pid, service.readiness);
        let retired = service.retired.take();
        self.followers.note(index, &after.news);
        let settled = special && old_readiness.is_some() && readiness.is_none();
        match retired {
            // It told all before anybody watched.
            Some(fd) if old_readiness != retired => drop(sys::fd::close(fd)),
            retired => self.retire(retired),
        }
        if pid != old_pid {
            self.by_pid.remove(&by_pid(old_pid));
            if pid != 0 {
                self.by_pid.insert(by_pid(pid), index);
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

    /// Whether all of these have been told to end for good.
    pub fn only_leaving(&self) -> bool {
        let stays = |entry: &Entry| entry.pid() != 0 && !entry.holds_log() && !entry.leaving;
        !self.entries.iter().any(|(_, entry)| stays(entry))
    }

    /// Whether there is no service, not even one that is down.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
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

    /// The actions with which a child begins that is as this process was before it had a tree.
    pub fn actions_of_old(&self) -> Vec<Action> {
        let mut actions = self.child_actions();
        actions.extend(self.ignored.iter().map(|&signal| Action::IgnoreSignal(signal)));
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

//! The loop, and what it holds.

use super::{Director, Flow};
use interpreter::arg::{Arg, Argv};
use interpreter::word::Fail;
use sys::signal::*;
use sys::spawn::{Action, Failed};

/// What s6-svscan catches, SIGCHLD aside.
pub const SIGNALS: &[i32] =
    &[SIGALRM, SIGABRT, SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGPWR, SIGWINCH];

/// How a tree is set up.
pub struct Config {
    /// The scan directory.
    pub scandir: Vec<u8>,
    /// The environment of every service.
    pub env: Vec<Arg>,
    /// The signals that the director is told of. SIGCHLD is always the tree's.
    pub signals: &'static [i32],
    /// A rescan after so many milliseconds, again and again.
    pub rescan: Option<u64>,
    /// At most so many services.
    pub services_max: usize,
    /// Longer names are refused.
    pub name_max: usize,
    /// A descriptor that becomes standard error of the service `s6-svscan-log`.
    pub console: Option<i32>,
}

impl Config {
    /// The defaults of s6-svscan.
    pub fn new(scandir: &[u8], env: Vec<Arg>) -> Config {
        Config {
            scandir: scandir.to_vec(),
            env,
            signals: SIGNALS,
            rescan: None,
            services_max: 1000,
            name_max: 251,
            console: None,
        }
    }
}

/// Which of the supervised are told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Services; loggers are left to end with their input (`s6-svscanctl -t`).
    Services,
    /// Services and loggers, at once (`s6-svscanctl -q`).
    All,
}

/// A scan directory and what runs in it.
pub struct Tree {}

impl Tree {
    /// Takes the scan directory: makes `.s6-svscan/{lock,control}`, blocks the signals, raises
    /// the limit of open files (children get the old one). Fails with 111, or with 100 where
    /// another instance has the directory or something else stands in the way.
    pub fn new(_config: Config) -> Result<Tree, Fail> {
        Ok(Tree {})
    }

    /// The loop. Begins with a scan, unless one was made.
    pub fn run(&mut self, director: &mut dyn Director) -> i32 {
        match director.on_quiet(self) {
            Flow::Exit(code) => code,
            Flow::Go => 0,
        }
    }

    /// Reads the scan directory, now: services that are new get their supervise/ files and are
    /// started before this comes back. A service that fails is reported, the others go on.
    pub fn scan(&mut self) {}

    /// Does what s6-svscan does for a byte of `.s6-svscan/control`.
    pub fn command(&mut self, _byte: u8) -> Flow {
        Flow::Go
    }

    /// Tells everything to end. [`Director::on_quiet`] follows, from the loop, also where
    /// nothing ran. No rescan starts anything until [`Tree::resume`].
    pub fn stop(&mut self, _which: Stop) {}

    /// Lets scans start services again after a [`Tree::stop`].
    pub fn resume(&mut self) {}

    /// The names of the services and loggers (`NAME/log`) whose processes, or whose finish
    /// scripts, are still there.
    pub fn alive(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// Watches a descriptor of the director's for input (`EPOLLIN`) and hang-up.
    pub fn watch(&mut self, _fd: i32) -> sys::Result<()> {
        Ok(())
    }

    /// Watches it no more; it stays open.
    pub fn unwatch(&mut self, _fd: i32) -> sys::Result<()> {
        Ok(())
    }

    /// Answers the requests (see [`super::request`]) that come on a connected SOCK_SEQPACKET
    /// socket, which is the tree's from now on and is closed when the peer has closed its end.
    pub fn serve(&mut self, _fd: i32) -> sys::Result<()> {
        Ok(())
    }

    /// Starts a child in the state that a service gets (no signal blocked, all those of the
    /// tree at their default, the soft limit of open files that the tree found), after these
    /// actions. It ends in [`Director::on_orphan`].
    pub fn spawn(
        &mut self,
        _files: &[Arg],
        _argv: &Argv,
        _env: &[Arg],
        _actions: &[Action],
    ) -> Result<i32, Failed> {
        Ok(0)
    }

    /// The actions with which a child of this tree begins, for those who fork by themselves.
    pub fn child_actions(&self) -> Vec<Action> {
        Vec::new()
    }
}

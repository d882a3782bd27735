//! What the owner of a tree may choose.

use interpreter::arg::Arg;
use sys::signal::{
    SIGABRT, SIGALRM, SIGHUP, SIGINT, SIGPWR, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH,
};

/// What s6-svscan catches, SIGCHLD aside.
pub const SIGNALS: &[i32] =
    &[SIGALRM, SIGABRT, SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGPWR, SIGWINCH];

/// What s6-supervise catches.
pub const ONE_SERVICE: &[i32] = &[SIGTERM, SIGHUP, SIGQUIT, SIGINT];

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

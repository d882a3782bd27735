//! Stage 2: brings the container up and then becomes the CMD.
//!
//! It begins in PID 1's process, and becomes one of its own before it starts anything or takes
//! its time ([`Stage2::leave`]). It has no signal of its own to catch and no state that outlives it:
//! PID 1 knows how far it came (`milestone`) and ends it like any other process when the container
//! is to stop.

mod apart;
mod cmd;
pub mod fix_attrs;
pub mod graph;
mod hook;
pub mod init_scripts;
pub mod services;
mod versions;

use super::contenv::Contenv;
use super::milestone::{self, Milestone};
use super::say::Say;
use super::shutdown::Reached;
use super::{results, script};
pub use apart::{Beside, Place, Went};
use interpreter::arg::{Arg, Argv, leak};
use interpreter::image::Image;
use interpreter::word::{Fail, Next};
use sys::process::Status;
use sys::time::{Time, monotonic};

/// The name under which upstream's stage 2 speaks.
const PROG: &[u8] = b"/run/s6/basedir/scripts/rc.init: ";

/// What stage 2 works with.
pub struct Stage2 {
    /// The settings.
    pub contenv: Contenv,
    /// The lines that it prints.
    pub say: Say,
    /// The environment of everything that it starts.
    pub env: Vec<Arg>,
    /// What was standard error at the container's start.
    pub console: i32,
    /// Whose process it is in.
    pub place: Place,
    /// Where PID 1 answers, if there is something to ask.
    pub socket: i32,
    /// The working directory that the image gave.
    pub workdir: Vec<u8>,
    /// When everything has to be up, and how many milliseconds that was.
    pub deadline: Option<(Time, u64)>,
}

/// Why the container is not up.
pub enum Failed {
    /// Stage 2 has left this process, which is PID 1's, or could not.
    Left(Result<Beside, Fail>),
    /// It stops, with this code; everything has been said.
    Stop(i32),
    /// `S6_CMD_WAIT_FOR_SERVICES_MAXTIME` is over.
    TimedOut,
    /// A stage failed: its name, and its command's exit code.
    Stage(&'static str, i32),
    /// Services of the graph are not up, which has been said; s6-rc's exit code.
    Graph(i32),
}

impl Stage2 {
    /// What is known where a stage is a oneshot's script, a child of PID 1: nobody is told how far
    /// it is.
    pub fn of_a_oneshot(contenv: Contenv, say: Say, env: Vec<Arg>) -> Stage2 {
        Stage2 {
            contenv,
            say,
            env,
            console: 2,
            place: Place::Oneshot,
            socket: -1,
            workdir: Vec::new(),
            deadline: None,
        }
    }

    /// Brings the container up; comes back with the CMD, with the code of the process, or as PID 1.
    pub fn run(mut self, image: &mut Image, cmd: Argv) -> Went {
        image.env = self.env.clone().into();
        image.enter(image.command);
        let up = hook::run(&mut self, image).and_then(|()| self.bring_up());
        // What failed is counted in a process of its own.
        let up = up.or_else(|failed| match failed {
            Failed::Left(_) => Err(failed),
            _ => self.leave().and(Err(failed)),
        });
        match up {
            Err(Failed::Left(left)) => return self.went(left),
            Err(failed) => {
                if let Some(code) = self.count(&failed) {
                    results::stop_for_it();
                    return Went::Apart(Ok(Next::Exit(code)));
                }
            }
            Ok(()) => {}
        }
        if cmd.is_empty() {
            self.say.flush();
            self.tell(Milestone::NoCmd);
            return match self.place {
                Place::Within { .. } => self.went(Ok(Beside::default())),
                _ => Went::Apart(Ok(Next::Exit(0))),
            };
        }
        cmd::become_it(self, image, cmd)
    }

    /// What a failure means: the code with which the container stops, or `None` where it goes on.
    fn count(&mut self, failed: &Failed) -> Option<i32> {
        let code = match failed {
            Failed::Stop(code) => return Some(*code),
            Failed::Left(_) => return None,
            Failed::Graph(code) => *code,
            Failed::TimedOut => {
                results::blame(b"S6_CMD_WAIT_FOR_SERVICES_MAXTIME is over");
                self.say.error(&[b"s6-rc: fatal: timed out"]);
                2
            }
            Failed::Stage(name, code) => {
                let code = code.to_string();
                let name = name.as_bytes();
                results::blame(
                    &[b"service ", name, b" failed: command exited ", code.as_bytes()].concat(),
                );
                self.say.warn(&[
                    b"s6-rc: warning: unable to start service ",
                    name,
                    b": command exited ",
                    code.as_bytes(),
                ]);
                1
            }
        };
        let behaviour = self.behaviour();
        if behaviour > 0 {
            self.say.error(&[
                PROG,
                b"warning: s6-rc failed to properly bring all the services up! Check your logs \
                  (in /run/uncaught-logs/current if you have in-container logging) for more \
                  information.",
            ]);
        }
        if behaviour < 2 {
            return None;
        }
        self.say.error(&[PROG, b"fatal: stopping the container."]);
        Some(code)
    }

    /// `S6_BEHAVIOUR_IF_STAGE2_FAILS`.
    fn behaviour(&self) -> u64 {
        self.contenv.number_or(b"S6_BEHAVIOUR_IF_STAGE2_FAILS", 0)
    }

    fn bring_up(&mut self) -> Result<(), Failed> {
        versions::take_in(self)?;
        if let Some(sources) = graph::sources(self) {
            return graph::bring_up(self, &sources);
        }
        let limit = self.contenv.number_or(b"S6_CMD_WAIT_FOR_SERVICES_MAXTIME", 0);
        self.deadline = (limit > 0).then(|| (monotonic().plus_millis(limit), limit));
        let empty = graph::definitions(&self.contenv);
        if sys::fs::stat_bytes(&empty).is_ok() {
            self.say.info(&[b"s6-rc-compile: warning: source ", &empty, b" is empty"]);
        }
        self.service("s6rc-oneshot-runner: starting");
        self.service("fix-attrs: starting");
        self.service("s6rc-oneshot-runner successfully started");
        self.tell(Milestone::Up(Reached::Runner));
        fix_attrs::run(self)?;
        self.up(Reached::FixAttrs, "legacy-cont-init: starting", "fix-attrs successfully started");
        init_scripts::run(self)?;
        self.up(
            Reached::ContInit,
            "legacy-services: starting",
            "legacy-cont-init successfully started",
        );
        services::run(self)?;
        self.service("legacy-services successfully started");
        self.tell(Milestone::Up(Reached::Services));
        Ok(())
    }

    /// PID 1 gets to know how far it is.
    fn tell(&mut self, milestone: Milestone) {
        match &mut self.place {
            Place::Within { progress, .. } => progress.reach(milestone),
            Place::Apart { pipe } => milestone::tell(*pipe, milestone),
            Place::Oneshot => {}
        }
    }

    /// A line as s6-rc prints it.
    fn service(&mut self, what: &str) {
        self.say.info(&[b"s6-rc: info: service ", what.as_bytes()]);
    }

    /// One is up and the next begins: s6-rc says it in this order.
    fn up(&mut self, reached: Reached, next: &str, done: &str) {
        self.tell(Milestone::Up(reached));
        self.service(next);
        self.service(done);
    }

    /// Milliseconds that are left; `None`: any number. An error when they are over.
    fn left(&self) -> Result<Option<u64>, Failed> {
        let Some((deadline, _)) = self.deadline else { return Ok(None) };
        match deadline.millis_since(monotonic()) {
            0 => Err(Failed::TimedOut),
            left => Ok(Some(left)),
        }
    }

    /// Starts a script as a child.
    pub fn start(&mut self, prog: &str, path: &[u8]) -> Result<i32, script::NotStarted> {
        let mut env = self.env.clone();
        env.push(c"RC_NAME=legacy-cont-init");
        self.contenv.touch();
        script::start(prog, path, &mut self.say, &mut |files, argv, actions| {
            sys::spawn::spawn(files, argv, &env, actions).map_err(|failed| failed.errno)
        })
    }

    /// Waits for a child, not beyond the deadline.
    pub fn wait(&self, pid: i32) -> Result<Status, Failed> {
        let failed = |_| Failed::Stop(111);
        if self.deadline.is_none() {
            return sys::process::wait(pid).map_err(failed);
        }
        let children = sys::signal::Set::of(&[sys::signal::SIGCHLD]);
        let old = sys::signal::block(&children);
        let status = loop {
            match sys::process::wait_any(pid, false) {
                Ok(Some((_, status))) => break Ok(status),
                Ok(None) => {}
                Err(errno) => break Err(failed(errno)),
            }
            match self.left() {
                Ok(left) => drop(sys::signal::wait(&children, left)),
                Err(over) => break Err(over),
            }
        };
        sys::signal::set_mask(&old);
        status
    }
}

/// The words of a value as a shell takes it without quotes around it.
fn words(value: &[u8]) -> Vec<Arg> {
    let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\n');
    value.split(blank).filter(|word| !word.is_empty()).map(|word| leak(word.to_vec())).collect()
}

/// A failure of stage 2 itself.
fn fatal(what: &str, path: &[u8], errno: sys::Errno) -> Fail {
    Fail::sys_at(what, path, errno)
}

//! PID 1 while the container runs and while it ends: what the tree tells becomes events of the
//! shutdown machine, and the machine's actions are done here.

use super::alive::Scope;
use super::contenv::{Contenv, flag};
use super::milestone::{Doing, Progress};
use super::planned::Plan;
use super::relay::{self, Rule};
use super::results;
use super::say::Say;
use super::script;
use super::shutdown::{End, Event, Limits, Shutdown};
use super::stage2::Beside;
use crate::scan::{Flow, Format, Tree};
use interpreter::arg::Arg;
use sys::time::{Time, monotonic};

/// What `halt`, `poweroff` and `reboot` send through the tree's control fifo. Upstream's
/// s6-svscan has no commands of these letters.
pub const WISHES: [(u8, End); 3] = [(b'H', End::Halt), (b'P', End::Poweroff), (b'R', End::Reboot)];

/// The longest `S6_KILL_GRACETIME`, in milliseconds.
const LONGEST_GRACE: u64 = 300_000;

mod acts;
mod cmd;
mod director;
mod saved;

/// [`crate::scan::Director::kind`] of it.
pub const KIND: u8 = b'p';

/// The director of PID 1's tree.
pub struct Pid1 {
    machine: Shutdown,
    contenv: Contenv,
    say: Say,
    env: Vec<Arg>,
    scope: Scope,
    stage2: Option<i32>,
    pipe: Option<i32>,
    progress: Progress,
    limits: Limits,
    scripts: Vec<Vec<u8>>,
    script: Option<(i32, usize)>,
    /// s6-rc, which brings the graph down.
    down: Option<i32>,
    deadline: Option<Time>,
    /// When to look for the end, where the kernel does not tell it.
    look_at: Option<Time>,
    /// Whoever is no child is looked for.
    watches: bool,
    /// A code that could not be written to its file.
    unwritten: Option<i32>,
    /// The code in its file, which nobody was left to change.
    written: Option<i32>,
    ended: Option<End>,
    /// What becomes of signals.
    relay: Vec<Rule>,
    /// The end that is planned.
    plan: Option<Plan>,
}

impl Pid1 {
    /// PID 1 of a container that nothing has been done in.
    pub fn new(contenv: Contenv, env: Vec<Arg>, scope: Scope) -> Self {
        let mut say = Say::new(contenv.verbosity());
        let relay = cmd::rules(&contenv, |bad| {
            say.warn(&[
                b"init: warning: CHAINIT_SIGNALS: ",
                bad,
                b" is no rule\nhelp: SIGNAL, SIGNAL=OTHER, each with @SERVICE behind it if it is not for \
                  the CMD; 0 is no signal",
            ]);
        });
        Pid1 {
            machine: Shutdown::new(),
            say,
            relay,
            contenv,
            env,
            scope,
            stage2: None,
            pipe: None,
            progress: Progress::default(),
            limits: Limits { services: 0, finish: None, kill: 0 },
            scripts: Vec::new(),
            script: None,
            down: None,
            deadline: None,
            look_at: None,
            watches: false,
            unwritten: None,
            written: None,
            ended: None,
            plan: None,
        }
    }

    /// Goes on beside stage 2.
    pub fn goes_on(&mut self, tree: &mut Tree, beside: Beside) {
        self.stage2 = beside.pid;
        self.pipe = beside.pipe;
        self.progress = beside.progress;
        if beside.pid.is_none() {
            self.nothing_left(tree);
        }
    }

    /// Stage 2 has come to its end, and there is no CMD.
    fn nothing_left(&self, tree: &Tree) {
        if self.scope == Scope::Namespace {
            super::terminal::claim(tree.console());
        }
    }

    /// Takes in how far stage 2 is.
    fn update(&mut self) {
        if let Some(pipe) = self.pipe {
            self.progress.update(pipe);
        }
    }

    /// How lines of services without a logger look, where that is asked for.
    pub fn lines(&mut self) -> Option<Format> {
        let env = self.contenv.given();
        let format = env.get(b"CHAINIT_LOG_FORMAT").unwrap_or_default();
        let json = format == b"json";
        if !matches!(format, b"" | b"json" | b"text") {
            let what = b"init: warning: CHAINIT_LOG_FORMAT: no format is called ";
            self.say.warn(&[what, format, b"\nhelp: there are text and json"]);
        }
        if !json && !flag(env.get(b"CHAINIT_LOG_PREFIX")) {
            return None;
        }
        let color = crate::operator::is_styled(env, 1);
        Some(Format { json, color, time: flag(env.get(b"CHAINIT_LOG_TIMESTAMPS")) })
    }

    /// The signals that it wants to be told of.
    pub fn heard(&self) -> &'static [i32] {
        match self.relay.is_empty() {
            true => crate::scan::SIGNALS,
            false => relay::heard(&self.relay).leak(),
        }
    }

    /// How the container ended, and its code.
    pub fn end(&mut self) -> (End, i32) {
        let known = self.unwritten.or(self.written);
        let code = match known.map_or_else(results::exit_code, Ok) {
            Ok(code) => code,
            Err(results::BadCode(text)) => {
                self.say.error(&[
                    b"init: fatal: the container's exit code is not a number: ",
                    &text,
                    b"\nhelp: whoever writes ",
                    results::EXITCODE,
                    b" writes a number from 0 to 255",
                ]);
                100
            }
        };
        (self.ended.unwrap_or(End::Halt), code)
    }

    /// The container is to end; only the first wish counts.
    fn ask(&mut self, tree: &mut Tree, how: End) -> Flow {
        if self.machine.has_begun() {
            return Flow::Go;
        }
        self.update();
        self.contenv.touch();
        self.say.set_verbosity(self.contenv.verbosity());
        let grace = self.plan.take().filter(|plan| plan.time() <= monotonic());
        let grace = grace.and_then(|plan| plan.grace);
        let kill =
            super::contenv::number(self.contenv.given().get(b"S6_KILL_GRACETIME").unwrap_or(b""));
        let dir = [&self.contenv.etc()[..], b"/cont-finish.d"].concat();
        let paths = script::names(&dir).into_iter().map(|name| [&dir[..], b"/", &name].concat());
        self.scripts = paths.collect();
        let setup = self.stage2.is_some() && self.progress.doing == Doing::Setup;
        // Nobody is asked for the limits of what is not there.
        let limit = |there: bool, name: &[u8]| there.then(|| self.contenv.number(name)).flatten();
        self.limits = Limits {
            services: limit(setup || !tree.is_empty(), b"S6_SERVICES_GRACETIME").unwrap_or(3000),
            finish: limit(!self.scripts.is_empty(), b"S6_KILL_FINISH_MAXTIME").filter(|ms| *ms > 0),
            kill: grace.or(kill).unwrap_or(3000).min(LONGEST_GRACE),
        };
        self.machine.begin(self.limits, self.scripts.len(), self.progress.reached, setup);
        if self.progress.graph || super::late::is_made() {
            self.machine.has_graph();
            self.written = None;
        }
        if !tree.is_empty() || !self.scripts.is_empty() {
            self.written = None;
        }
        if let Err(errno) = results::set_halt_code(how.letter()) {
            let reason = sys::reason(errno);
            self.say.warn(&[b"init: warning: unable to write haltcode: ", reason.as_bytes()]);
        }
        self.feed(tree, Event::Ask(how))
    }
}

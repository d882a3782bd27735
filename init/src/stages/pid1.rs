//! PID 1 while the container runs and while it ends: what the tree tells becomes events of the
//! shutdown machine, and the machine's actions are done here.

use super::alive::Scope;
use super::contenv::{Contenv, flag};
use super::milestone::{Doing, Progress};
use super::planned::Plan;
use super::relay::{self, Rule};
use super::say::Say;
use super::script;
use super::shutdown::{Action, End, Event, Limits, Phase, Shutdown};
use super::{layout, results};
use crate::scan::{Flow, Format, Stop, Tree};
use interpreter::arg::{Arg, Argv, leak};
use sys::process::Status;
use sys::signal::*;
use sys::time::{Time, monotonic};

/// What `halt`, `poweroff` and `reboot` send through the tree's control fifo. Upstream's
/// s6-svscan has no commands of these letters.
pub const WISHES: [(u8, End); 3] = [(b'H', End::Halt), (b'P', End::Poweroff), (b'R', End::Reboot)];

/// Signals that `S6_CMD_RECEIVE_SIGNALS` passes on to the CMD.
const PASSED: &[i32] = &[SIGTERM, SIGQUIT, SIGINT, SIGUSR1, SIGUSR2, SIGPWR, SIGWINCH];

/// How often the end is looked for where the kernel does not tell it, in milliseconds.
const LOOK: u64 = 2;

/// The longest `S6_KILL_GRACETIME`, in milliseconds.
const LONGEST_GRACE: u64 = 300_000;

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
    pipe: i32,
    progress: Progress,
    limits: Limits,
    scripts: Vec<Vec<u8>>,
    script: Option<(i32, usize)>,
    /// s6-rc, which brings the graph down.
    down: Option<i32>,
    deadline: Option<Time>,
    /// When to look for the end, where the kernel does not tell it.
    look_at: Option<Time>,
    /// A code that could not be written to its file.
    unwritten: Option<i32>,
    ended: Option<End>,
    /// What becomes of signals.
    relay: Vec<Rule>,
    /// The end that is planned.
    plan: Option<Plan>,
}

impl Pid1 {
    /// PID 1 beside a stage 2 that has just been forked.
    pub fn new(contenv: Contenv, env: Vec<Arg>, scope: Scope, stage2: i32, pipe: i32) -> Self {
        let mut say = Say::new(contenv.verbosity());
        let relay = rules(&contenv, |bad| {
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
            stage2: Some(stage2),
            pipe,
            progress: Progress::default(),
            limits: Limits { services: 0, finish: None, kill: 0 },
            scripts: Vec::new(),
            script: None,
            down: None,
            deadline: None,
            look_at: None,
            unwritten: None,
            ended: None,
            plan: None,
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
        let code = match (self.unwritten, results::exit_code()) {
            (Some(code), _) => code,
            (None, Ok(code)) => code,
            (None, Err(results::BadCode(text))) => {
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
        self.progress.update(self.pipe);
        self.contenv.touch();
        self.say.set_verbosity(self.contenv.verbosity());
        let grace = self.plan.take().filter(|plan| plan.time() <= monotonic());
        let grace = grace.and_then(|plan| plan.grace);
        let kill =
            super::contenv::number(self.contenv.given().get(b"S6_KILL_GRACETIME").unwrap_or(b""));
        let finish = self.contenv.number_or(b"S6_KILL_FINISH_MAXTIME", 0);
        self.limits = Limits {
            services: self.contenv.number_or(b"S6_SERVICES_GRACETIME", 3000),
            finish: (finish > 0).then_some(finish),
            kill: grace.or(kill).unwrap_or(3000).min(LONGEST_GRACE),
        };
        let dir = [&self.contenv.etc()[..], b"/cont-finish.d"].concat();
        let paths = script::names(&dir).into_iter().map(|name| [&dir[..], b"/", &name].concat());
        self.scripts = paths.collect();
        let setup = self.stage2.is_some() && self.progress.doing == Doing::Setup;
        self.machine.begin(self.limits, self.scripts.len(), self.progress.reached, setup);
        if self.progress.graph || super::late::is_made() {
            self.machine.has_graph();
        }
        if let Err(errno) = results::set_halt_code(how.letter()) {
            let reason = sys::reason(errno);
            self.say.warn(&[b"init: warning: unable to write haltcode: ", reason.as_bytes()]);
        }
        self.feed(tree, Event::Ask(how))
    }

    /// Gives the machine an event, and those that its actions lead to.
    fn feed(&mut self, tree: &mut Tree, event: Event) -> Flow {
        let mut next = Some(event);
        while let Some(event) = next.take() {
            for action in self.machine.step(event) {
                next = self.act(tree, action).or(next);
            }
        }
        self.say.flush();
        if self.ended.is_some() { Flow::Exit(0) } else { Flow::Go }
    }

    /// Does an action; what it led to at once.
    fn act(&mut self, tree: &mut Tree, action: Action) -> Option<Event> {
        match action {
            Action::Line(text) => self.say.info(&[b"s6-rc: info: ", text.as_bytes()]),
            Action::Warning(text) => self.say.warn(&[b"s6-rc: warning: ", text.as_bytes()]),
            Action::StopServices => {
                self.say.flush();
                tree.stop(Stop::Services);
            }
            Action::StopSetup => self.signal_setup(SIGTERM),
            Action::KillSetup => {
                let limit = self.limits.services.to_string();
                let what = b"init: warning: stage 2 did not end within ";
                self.say.warn(&[what, limit.as_bytes(), b" ms and is killed"]);
                self.signal_setup(SIGKILL);
            }
            Action::DownGraph => return self.down_graph(tree),
            Action::NameServices => self.name_services(tree),
            Action::Script(number) => return self.finish_script(tree, number),
            Action::KillScript => self.kill_script(),
            Action::TermAll => {
                self.say.flush();
                tree.end_log();
                if self.scope.is_empty() {
                    return Some(Event::Empty);
                }
                self.watch_strangers(tree);
                self.signal_all(tree, SIGTERM);
                self.signal_all(tree, SIGCONT);
            }
            Action::KillAll => {
                if self.scope.is_empty() {
                    return Some(Event::Empty);
                }
                self.name_killed(tree);
                self.signal_all(tree, SIGKILL);
            }
            Action::Deadline(limit) => {
                self.deadline = limit.map(|ms| monotonic().plus_millis(ms));
            }
            Action::Exit(how) => {
                tree.finish_lines();
                if let Some(reason) = results::reason() {
                    let reason = reason.trim_ascii_end();
                    self.say.error(&[b"init: fatal: the container stops: ", reason]);
                }
                self.ended = Some(how);
            }
        }
        None
    }

    /// Has s6-rc bring everything down, once whoever else changes something is done.
    fn down_graph(&mut self, tree: &mut Tree) -> Option<Event> {
        self.say.flush();
        let verbosity = leak(format!("-v{}", self.say.verbosity()).into_bytes());
        let argv = Argv::new(vec![c"s6-rc", verbosity, c"-bda", c"change"]);
        // Without /proc it is found by its name.
        match tree.spawn(&[sys::spawn::SELF, c"/command/s6-rc"], &argv, &self.env, &[]) {
            Ok(pid) => {
                self.down = Some(pid);
                None
            }
            Err(failed) => {
                let reason = sys::reason(failed.errno);
                self.say.error(&[b"init: warning: unable to run s6-rc: ", reason.as_bytes()]);
                Some(Event::Down)
            }
        }
    }

    /// The script that stage 2 runs becomes an orphan, and ends with all the others.
    fn signal_setup(&mut self, number: i32) {
        if let Some(pid) = self.stage2 {
            let _ = kill(pid, number);
            let _ = kill(pid, SIGCONT);
        }
    }

    /// The logger of everything ends with its input, because others still have something to say.
    /// The CMD is known even where there is no /proc to find descendants in.
    fn signal_all(&mut self, tree: &Tree, number: i32) {
        if self.scope == Scope::Own
            && let Some(pid) = self.stage2
        {
            let _ = kill(pid, number);
        }
        self.scope.signal(number, tree.log_pid());
    }

    fn name_services(&mut self, tree: &Tree) {
        let limit = self.limits.services.to_string();
        let names = tree.alive().join(&b", "[..]);
        self.say.warn(&[
            b"services-down: warning: still running after ",
            limit.as_bytes(),
            b" ms (S6_SERVICES_GRACETIME): ",
            &names,
        ]);
    }

    fn name_killed(&mut self, tree: &Tree) {
        if self.limits.kill == 0 {
            return;
        }
        let show = |p: &super::alive::Process| {
            [&p.name[..], b" (pid ", p.pid.to_string().as_bytes(), b")"].concat()
        };
        let log = tree.log_pid();
        let mut killed = self.scope.processes();
        killed.retain(|process| Some(process.pid) != log);
        if killed.is_empty() && log.is_some() {
            return;
        }
        let names: Vec<Vec<u8>> = killed.iter().map(show).collect();
        let limit = self.limits.kill.to_string();
        self.say.warn(&[
            b"init: warning: killing what did not end within ",
            limit.as_bytes(),
            b" ms of SIGTERM (S6_KILL_GRACETIME): ",
            &names.join(&b", "[..]),
        ]);
    }

    /// Processes that came into the container from outside end without a word to us.
    fn watch_strangers(&mut self, tree: &mut Tree) {
        let me = sys::process::getpid();
        for process in self.scope.processes().iter().filter(|p| p.parent != me) {
            let watched = sys::event::pidfd(process.pid).and_then(|fd| tree.watch(fd));
            if watched.is_err_and(|errno| errno != sys::Errno::ESRCH) {
                self.look_soon();
            }
        }
    }

    fn look_soon(&mut self) {
        self.look_at = Some(monotonic().plus_millis(LOOK));
    }

    fn finish_script(&mut self, tree: &mut Tree, number: usize) -> Option<Event> {
        let path = self.scripts[number].clone();
        self.say.info(&[b"cont-finish: info: running ", &path]);
        let mut env = self.env.clone();
        env.push(c"RC_NAME=legacy-cont-init");
        let begin: script::Start = &mut |files, argv, actions| {
            let argv = Argv::new(argv.to_vec());
            tree.spawn(files, &argv, &env, actions).map_err(|failed| failed.errno)
        };
        match script::start("cont-finish", &path, &mut self.say, begin) {
            Ok(pid) => {
                self.script = Some((pid, number));
                None
            }
            Err(_) => Some(Event::ScriptGone),
        }
    }

    fn kill_script(&mut self) {
        let Some((pid, number)) = self.script else { return };
        let limit = self.limits.finish.unwrap_or(0).to_string();
        let path = &self.scripts[number];
        self.say.warn(&[
            b"cont-finish: warning: ",
            path,
            b" still ran after ",
            limit.as_bytes(),
            b" ms (S6_KILL_FINISH_MAXTIME) and is killed",
        ]);
        let _ = kill(pid, SIGKILL);
    }

    /// Stage 2, or the CMD that it became, has ended.
    fn stage2_ended(&mut self, tree: &mut Tree, status: Status) -> Flow {
        self.stage2 = None;
        self.progress.update(self.pipe);
        let doing = self.progress.doing;
        if self.machine.has_begun() {
            self.machine.reach(self.progress.reached);
            return self.feed(tree, Event::SetupGone);
        }
        match doing {
            Doing::Nothing => {
                if self.scope == Scope::Namespace {
                    super::terminal::take_back(tree.console());
                }
                return Flow::Go;
            }
            Doing::Cmd if self.passes_signals() => drop(sys::fs::unlink(layout::CMDPID)),
            Doing::Cmd => {}
            Doing::Setup if status.signal().is_some() => {
                let ending = script::ending(status);
                let what = b"init: fatal: stage 2 ";
                let rest = b" before the container was up";
                self.say.error(&[what, ending.as_bytes(), rest, b": stopping it"]);
                results::set_reason(&[b"stage 2 ", ending.as_bytes(), rest].concat());
            }
            Doing::Setup => {}
        }
        let code = status.shell_code();
        if doing == Doing::Cmd {
            self.explain_end(status, code);
        }
        if let Err(errno) = results::set_exit_code(code) {
            self.unwritten = Some(code);
            let reason = sys::reason(errno);
            let what = b"init: warning: unable to write the exit code to ";
            self.say.warn(&[what, results::EXITCODE, b": ", reason.as_bytes()]);
        }
        self.ask(tree, End::Halt)
    }

    /// Why the CMD ended, if that was not its own will.
    fn explain_end(&mut self, status: Status, code: i32) {
        const KILLED: i32 = 128 + SIGKILL;
        let memory = if code == KILLED { super::memory::killed() } else { None };
        if memory.is_none() && status.signal().is_none() {
            return;
        }
        let ending = script::ending(status);
        let number = code.to_string();
        let (what, exits) = (b"the CMD ", b"; the container's exit code is ");
        match memory {
            Some(killed) => self.say.error(&[
                b"init: error: ",
                what,
                ending.as_bytes(),
                b" because memory ran out",
                &killed.detail(),
                exits,
                number.as_bytes(),
                b"\nhelp: give the container more memory, or the program less to do at a time",
            ]),
            None => {
                let line =
                    [b"init: warning: ", &what[..], ending.as_bytes(), exits, number.as_bytes()];
                self.say.warn(&line);
            }
        }
    }

    fn passes_signals(&self) -> bool {
        self.contenv.number_or(b"S6_CMD_RECEIVE_SIGNALS", 0) > 0
    }

    /// The CMD, if it gets this signal instead of us.
    fn receiver(&mut self, signal: i32) -> Option<i32> {
        if !PASSED.contains(&signal) || !self.passes_signals() {
            return None;
        }
        self.progress.update(self.pipe);
        self.stage2.filter(|_| self.progress.doing == Doing::Cmd)
    }

    /// Does what `CHAINIT_SIGNALS` says about a signal. False: it says nothing, or whoever it is
    /// meant for is not there.
    fn relay(&mut self, tree: &Tree, signal: i32) -> bool {
        let Some(rule) = self.relay.iter().find(|rule| rule.from == signal).cloned() else {
            return false;
        };
        let Rule { to, service, .. } = rule;
        self.progress.update(self.pipe);
        let cmd = self.stage2.filter(|_| self.progress.doing == Doing::Cmd);
        let told = match &service {
            _ if to == 0 => true,
            Some(name) => tree.signal(name, to),
            None => cmd.is_some_and(|pid| kill(pid, to).is_ok()),
        };
        if !told {
            let name = sys::signal::name(signal).unwrap_or("a signal").as_bytes();
            let whose = service.as_ref().map_or(&b"the CMD"[..], |name| name);
            self.say.warn(&[
                b"init: warning: ",
                name,
                b" is for ",
                whose,
                b" (CHAINIT_SIGNALS), which does not run",
            ]);
        }
        told
    }

    /// Ends where nobody is left.
    fn look(&mut self, tree: &mut Tree) -> Flow {
        let ending = matches!(self.machine.phase(), Phase::Term | Phase::Kill);
        if ending && self.scope.is_empty() { self.feed(tree, Event::Empty) } else { Flow::Go }
    }
}

/// The rules of `CHAINIT_SIGNALS`.
fn rules(contenv: &Contenv, complain: impl FnMut(&[u8])) -> Vec<Rule> {
    let value = contenv.given().get(b"CHAINIT_SIGNALS").unwrap_or_default();
    let (rules, bad) = relay::parse(value);
    bad.into_iter().for_each(complain);
    rules
}

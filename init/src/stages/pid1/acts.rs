//! What PID 1 does of what the machine of the shutdown asks for.

use super::Pid1;
use crate::scan::{Flow, Stop, Tree};
use crate::stages::alive::Scope;
use crate::stages::milestone::Doing;
use crate::stages::shutdown::{Action, Event, Phase};
use crate::stages::{alive, results, script};
use interpreter::arg::{Argv, leak};
use sys::signal::*;
use sys::time::monotonic;

/// How often the end is looked for where the kernel does not tell it, in milliseconds.
const LOOK: u64 = 2;

impl Pid1 {
    /// Gives the machine an event, and those that its actions lead to.
    pub(super) fn feed(&mut self, tree: &mut Tree, event: Event) -> Flow {
        let mut next = Some(event);
        while let Some(event) = next.take() {
            for action in self.machine.step(event) {
                next = self.act(tree, action).or(next);
            }
        }
        self.flush(tree);
        if self.ended.is_some() { Flow::Exit(0) } else { Flow::Go }
    }

    /// Says what waits to be said, unless more follows at once: where no service is to be waited for.
    fn flush(&mut self, tree: &Tree) {
        let waits = self.machine.phase() != Phase::Services || !tree.is_empty();
        if waits || self.progress.doing == Doing::Setup {
            self.say.flush();
        }
    }

    /// Does an action; what it led to at once.
    fn act(&mut self, tree: &mut Tree, action: Action) -> Option<Event> {
        match action {
            Action::Line(text) => self.say.info(&[b"s6-rc: info: ", text.as_bytes()]),
            Action::Warning(text) => self.say.note(&[b"s6-rc: warning: ", text.as_bytes()]),
            Action::StopServices => {
                self.flush(tree);
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
                if !self.signal_all(tree, SIGTERM) {
                    return Some(Event::Empty);
                }
                self.written = None;
                // Whoever has ended by now is not there any more.
                if !self.signal_all(tree, SIGCONT) {
                    return Some(Event::Empty);
                }
                self.watch_strangers(tree);
            }
            Action::KillAll => {
                if self.limits.kill > 0 {
                    if self.scope.is_empty() {
                        return Some(Event::Empty);
                    }
                    self.name_killed(tree);
                }
                if !self.signal_all(tree, SIGKILL) {
                    return Some(Event::Empty);
                }
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
        match tree.spawn(&sys::spawn::own(c"/command/s6-rc"), &argv, &self.env, &[]) {
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
    /// False: nobody is left.
    fn signal_all(&mut self, tree: &Tree, number: i32) -> bool {
        if self.scope == Scope::Own
            && let Some(pid) = self.stage2
        {
            let _ = kill(pid, number);
        }
        self.scope.signal(number, tree.log_pid())
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
        let show = |p: &alive::Process| {
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

    /// Processes that came into the container from outside end without a word to us. They are looked
    /// for when nobody is left whose end we are told of.
    fn watch_strangers(&mut self, tree: &mut Tree) {
        if self.watches || !Scope::Own.is_empty() {
            return;
        }
        self.watches = true;
        let me = sys::process::getpid();
        for process in self.scope.processes().iter().filter(|p| p.parent != me) {
            let watched = sys::event::pidfd(process.pid).and_then(|fd| tree.watch(fd));
            if watched.is_err_and(|errno| errno != sys::Errno::ESRCH) {
                self.look_soon();
            }
        }
    }

    pub(super) fn look_soon(&mut self) {
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

    /// Ends where nobody is left.
    pub(super) fn look(&mut self, tree: &mut Tree) -> Flow {
        if !matches!(self.machine.phase(), Phase::Term | Phase::Kill) {
            return Flow::Go;
        }
        if self.scope.is_empty() {
            return self.feed(tree, Event::Empty);
        }
        self.watch_strangers(tree);
        Flow::Go
    }
}

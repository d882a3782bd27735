//! Stage 2 and the CMD: their end, and the signals that are theirs.

use super::Pid1;
use crate::scan::{Flow, Tree};
use crate::stages::contenv::Contenv;
use crate::stages::milestone::Doing;
use crate::stages::relay::{self, Rule};
use crate::stages::shutdown::{End, Event};
use crate::stages::{layout, memory, results, script};
use sys::process::Status;
use sys::signal::*;

/// Signals that `S6_CMD_RECEIVE_SIGNALS` passes on to the CMD.
const PASSED: &[i32] = &[SIGTERM, SIGQUIT, SIGINT, SIGUSR1, SIGUSR2, SIGPWR, SIGWINCH];

impl Pid1 {
    /// Stage 2, or the CMD that it became, has ended.
    pub(super) fn stage2_ended(&mut self, tree: &mut Tree, status: Status) -> Flow {
        self.stage2 = None;
        self.update();
        let doing = self.progress.doing;
        if self.machine.has_begun() {
            self.machine.reach(self.progress.reached);
            return self.feed(tree, Event::SetupGone);
        }
        match doing {
            Doing::Nothing => {
                self.nothing_left(tree);
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
        self.written = Some(code & 0xff);
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
        let memory = if code == KILLED { memory::killed() } else { None };
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

    pub(super) fn passes_signals(&self) -> bool {
        self.contenv.number_or(b"S6_CMD_RECEIVE_SIGNALS", 0) > 0
    }

    /// The CMD, if it gets this signal instead of us.
    pub(super) fn receiver(&mut self, signal: i32) -> Option<i32> {
        if !PASSED.contains(&signal) || !self.passes_signals() {
            return None;
        }
        self.update();
        self.stage2.filter(|_| self.progress.doing == Doing::Cmd)
    }

    /// Does what `CHAINIT_SIGNALS` says about a signal. False: it says nothing, or whoever it is
    /// meant for is not there.
    pub(super) fn relay(&mut self, tree: &Tree, signal: i32) -> bool {
        let Some(rule) = self.relay.iter().find(|rule| rule.from == signal).cloned() else {
            return false;
        };
        let Rule { to, service, .. } = rule;
        self.update();
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
}

/// The rules of `CHAINIT_SIGNALS`.
pub(super) fn rules(contenv: &Contenv, complain: impl FnMut(&[u8])) -> Vec<Rule> {
    let value = contenv.given().get(b"CHAINIT_SIGNALS").unwrap_or_default();
    let (rules, bad) = relay::parse(value);
    bad.into_iter().for_each(complain);
    rules
}

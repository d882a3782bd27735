//! What the tree tells PID 1, and what follows.

use super::{KIND, Pid1, WISHES};
use crate::scan::{Director, Flow, Tree};
use crate::stages::planned::{LOOK as LOOK_AT_PLAN, Plan};
use crate::stages::shutdown::{End, Event};
use crate::supervise::record::Out;
use interpreter::arg::Arg;
use sys::process::Status;
use sys::signal::*;
use sys::time::{Time, monotonic};

impl Director for Pid1 {
    fn kind(&self) -> u8 {
        KIND
    }

    fn save(&self, out: &mut Out) {
        self.write(out);
    }

    fn environment(&self) -> &[Arg] {
        self.contenv.given().vars()
    }

    fn on_signal(&mut self, tree: &mut Tree, signal: i32) -> Flow {
        if self.relay(tree, signal) {
            return Flow::Go;
        }
        if let Some(pid) = self.receiver(signal) {
            let _ = kill(pid, signal);
            return Flow::Go;
        }
        match signal {
            SIGTERM | SIGUSR2 | SIGABRT => self.ask(tree, End::Halt),
            SIGINT => self.ask(tree, End::Reboot),
            SIGUSR1 | SIGPWR => self.ask(tree, End::Poweroff),
            SIGALRM => tree.command(b'a'),
            SIGHUP => tree.command(b'h'),
            _ => Flow::Go,
        }
    }

    /// Whoever types it means `docker stop`, and not a restart.
    fn on_interrupt(&mut self, tree: &mut Tree) -> Flow {
        let redirected = self.relay.iter().any(|rule| rule.from == SIGINT);
        match redirected || self.receiver(SIGINT).is_some() {
            true => self.on_signal(tree, SIGINT),
            false => self.ask(tree, End::Halt),
        }
    }

    fn on_orphan(&mut self, tree: &mut Tree, pid: i32, status: Status) -> Flow {
        if Some(pid) == self.stage2 {
            self.stage2_ended(tree, status)
        } else if Some(pid) == self.down {
            self.down = None;
            // Whom services-down has waited for in vain is not waited for again.
            let waited = !tree.alive().is_empty() && tree.only_leaving();
            match self.feed(tree, Event::Down) {
                Flow::Go if waited => self.feed(tree, Event::Quiet),
                flow => flow,
            }
        } else if self.script.is_some_and(|(script, _)| script == pid) {
            self.script = None;
            self.feed(tree, Event::ScriptGone)
        } else {
            Flow::Go
        }
    }

    fn on_orphans(&mut self, tree: &mut Tree) -> Flow {
        self.look(tree)
    }

    fn on_command(&mut self, tree: &mut Tree, byte: u8) -> Flow {
        if let Some((_, how)) = WISHES.iter().find(|(letter, _)| *letter == byte) {
            return self.ask(tree, *how);
        }
        match byte {
            LOOK_AT_PLAN => {
                self.plan = Plan::read().filter(|_| !self.machine.has_begun());
                Flow::Go
            }
            // To end the tree is to end the container: what images of version 2 do.
            b't' | b'i' | b'q' | b'b' => self.ask(tree, End::Halt),
            other => tree.command(other),
        }
    }

    fn on_quiet(&mut self, tree: &mut Tree) -> Flow {
        let before = self.machine.phase();
        match self.feed(tree, Event::Quiet) {
            // A service that outlived its time may be the last process of all.
            Flow::Go if self.machine.phase() == before => self.look(tree),
            flow => flow,
        }
    }

    fn deadline(&self) -> Option<Time> {
        let plan = self.plan.map(|plan| plan.time());
        self.deadline.into_iter().chain(self.look_at).chain(plan).min()
    }

    fn on_deadline(&mut self, tree: &mut Tree) -> Flow {
        let now = monotonic();
        if let Some(plan) = self.plan.filter(|plan| plan.time() <= now) {
            return self.ask(tree, plan.how);
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            return self.feed(tree, Event::Deadline);
        }
        if self.look_at.is_some() {
            self.look_soon();
        }
        self.look(tree)
    }

    fn on_fd(&mut self, tree: &mut Tree, fd: i32, _events: u32) -> Flow {
        let _ = tree.unwatch(fd);
        let _ = sys::fd::close(fd);
        // It is dead, but whoever started it, outside, has perhaps not waited for it yet.
        self.look_soon();
        self.look(tree)
    }
}

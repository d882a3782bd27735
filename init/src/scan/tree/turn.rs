//! A turn of the tree: what is due, what has come, who has ended.

use super::{SOURCES, Source, Tree, by_pid, warn};
use crate::scan::handover::{self, Way};
use crate::scan::{Director, Flow};
use crate::supervise::machine::Event;
use sys::event::Ready;
use sys::time::Time;

/// Milliseconds without an event after which the loop forgets what it has in memory of its program.
const A_WHILE: u64 = 100;

fn origin(token: u64) -> (Source, usize) {
    let source = SOURCES.get((token >> 32) as usize).copied().unwrap_or(Source::Director);
    (source, token as u32 as usize)
}

impl Tree {
    pub(super) fn work(&mut self, director: &mut dyn Director, way: &Way) -> i32 {
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
            if let Flow::Exit(code) = self.turn(director, way) {
                return code;
            }
        }
    }

    fn turn(&mut self, director: &mut dyn Director, way: &Way) -> Flow {
        go!(self.due(director));
        let deadlines = [self.scan_at, self.look_at, director.deadline()].into_iter().flatten();
        let first = deadlines.chain(self.entries.iter().filter_map(|(_, e)| e.deadline())).min();
        let mut ready = match self.sleep(first, way) {
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
        self.tell_news();
        Flow::Go
    }

    /// Waits for events until then. Who has work keeps its program in memory; who has had none for
    /// a while forgets it, and sleeps on.
    fn sleep(&mut self, until: Option<Time>, way: &Way) -> sys::Result<Vec<Ready>> {
        let millis = || until.map(|until| until.millis_since(sys::time::monotonic()));
        if let Some(resident) = self.resident.as_mut().filter(|resident| resident.is_swollen()) {
            let ready = self.epoll.wait(Some(millis().map_or(A_WHILE, |ms| ms.min(A_WHILE))))?;
            let rest = millis();
            if !ready.is_empty() || rest == Some(0) {
                return Ok(ready);
            }
            way.path();
            self.common.rest();
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
        let late = self.entries.which(|entry| past(entry.deadline()));
        self.ahead(&late, |tree, &index| tree.entry_due(index));
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
            Some(entry) if entry.service.is_none() => self.begin(index, None),
            _ => {}
        }
        let now = sys::time::monotonic();
        let Some(entry) = self.entries.get_mut(index) else { return };
        let is_late = entry.end_at.take_if(|at| *at <= now).is_some();
        let Some(service) = &mut entry.service else { return };
        service.write_again(now);
        if !service.is_starting() && service.machine.deadline.is_some_and(|at| at <= now) {
            self.feed(index, Event::Timeout);
        }
        if is_late {
            self.feed(index, Event::Terminate);
        }
    }

    fn signalled(&mut self, director: &mut dyn Director) -> Flow {
        // One at a time: if there are more, the next turn begins at once.
        let Ok(Some(signal)) = sys::event::read_signal(self.signals) else { return Flow::Go };
        match signal.number {
            sys::signal::SIGCHLD => self.reap(director),
            sys::signal::SIGINT if signal.by_kernel => director.on_interrupt(self),
            number => director.on_signal(self, number),
        }
    }

    /// Takes every child that has ended.
    fn reap(&mut self, director: &mut dyn Director) -> Flow {
        let mut orphans = false;
        while let Ok(Some((pid, status))) = sys::process::wait_any(-1, false) {
            match self.by_pid.get(&by_pid(pid)).copied() {
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
}

//! Scans: which services there are, and what becomes of those that come and go.

use super::entry::{Entry, Id};
use super::setup::with_umask_0;
use super::tree::{SPECIAL, Source, Stop, Tree, by_pid, token, warn};
use crate::supervise::child::service_pipe;
use crate::supervise::command::Command;
use crate::supervise::home::{FOR_OLD, Home};
use crate::supervise::machine::{Event, State};
use crate::supervise::service::Service;
use crate::supervise::survivor;
use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use sys::Errno;
use sys::event::EPOLLIN;
use sys::time::monotonic;

/// How long a scan that failed, or a service that could not begin, waits: ms.
const RETRY: u64 = 5000;
/// The time between two looks whether a logger that does not tell has opened its end: ms.
const LOOK: u64 = 10;
/// The time between two beginnings of a service's supervision: ms.
const PAUSE: u64 = 1000;

impl Tree {
    /// Reads the scan directory, now: services that are new get their supervise/ files and are
    /// started before this comes back. A service that fails is reported, the others go on.
    pub fn scan(&mut self) {
        if let Err(errno) = self.try_scan()
            && self.stopping.is_none()
        {
            warn(&format!("unable to read the scan directory: {}", sys::reason(errno)));
            self.scan_at = Some(monotonic().plus_millis(RETRY));
        }
    }

    /// [`Tree::scan`], for those who say themselves what went wrong: whether all that is there is
    /// supervised now. `ESHUTDOWN`: a stop has begun.
    pub fn try_scan(&mut self) -> sys::Result<bool> {
        if self.stopping.is_some() {
            self.scan_at = None;
            return Err(Errno::ESHUTDOWN);
        }
        let Some(place) = &self.place else { return Ok(true) };
        let dir = place.dir;
        self.scan_at = self.config.rescan.map(|ms| monotonic().plus_millis(ms));
        let mut names = Vec::new();
        sys::at::each_name(dir, c".", |name| {
            if name.to_bytes().first() != Some(&b'.') {
                names.push(name.to_owned());
            }
        })?;
        sys::order::ascending(&mut names);
        let mut known = BTreeMap::new();
        // One by one: to be made of all of them it would have a sort of its own compiled.
        for (index, entry) in self.entries.iter() {
            known.insert(entry.id, index);
        }
        for entry in self.entries.iter_mut() {
            entry.active = false;
        }
        let mut whole = true;
        for name in names {
            whole &= self.look_at(dir, name, &mut known).is_some();
        }
        self.scanned = true;
        for index in self.entries.which(|e| !e.active && e.service.is_none()) {
            self.forget(index);
        }
        let new = self.entries.which(|e| e.active && e.service.is_none() && !e.leaving);
        let mut last = None;
        self.ahead(&new, |tree, &index| {
            tree.begin_if_due(index, last);
            last = Some(index);
        });
        Ok(whole && self.entries.iter().all(|(_, e)| !e.active || e.service.is_some()))
    }

    /// `None`: something is there that can't be supervised.
    fn look_at(&mut self, dir: i32, name: CString, known: &mut BTreeMap<Id, usize>) -> Option<()> {
        if name.as_bytes().len() > self.config.name_max {
            let name = name.to_string_lossy();
            warn(&format!("name too long - not spawning service: {name}"));
            return None;
        }
        let id = self.directory(dir, &name)?;
        let index = self.found(&name, id, None, known)?;
        let log = CString::new([name.as_bytes(), b"/log"].concat()).ok()?;
        match sys::at::stat(dir, &log) {
            Ok(st) if st.is_dir() => {
                self.found(&log, (st.dev, st.ino), Some(index), known)?;
            }
            Ok(_) => {}
            Err(Errno::ENOENT) => self.miss_logger(index),
            Err(errno) => {
                let log = log.to_string_lossy();
                warn(&format!("unable to stat {log}: {}", sys::reason(errno)));
            }
        }
        Some(())
    }

    /// The identity of a directory in the scan directory. A link that leads nowhere goes, when
    /// it is there from the start: it is what an earlier life has left.
    fn directory(&self, dir: i32, name: &CStr) -> Option<Id> {
        match sys::at::stat(dir, name) {
            Ok(st) if st.is_dir() => return Some((st.dev, st.ino)),
            Ok(_) => {}
            Err(Errno::ENOENT) if !self.scanned => {
                let _ = sys::at::unlink(dir, name);
            }
            Err(errno) => {
                let name = name.to_string_lossy();
                warn(&format!("unable to stat {name}: {}", sys::reason(errno)));
            }
        }
        None
    }

    /// The entry of a directory that a scan has found, made if it is new.
    fn found(
        &mut self,
        name: &CStr,
        id: Id,
        producer: Option<usize>,
        known: &mut BTreeMap<Id, usize>,
    ) -> Option<usize> {
        let index = match known.get(&id) {
            Some(&index) => index,
            None => {
                if self.entries.len() >= self.config.services_max {
                    let name = name.to_string_lossy();
                    warn(&format!("unable to start supervisor for {name}: too many services"));
                    return None;
                }
                let entry = Entry::new(name.to_owned(), id, producer.is_some());
                let index = self.entries.insert(entry);
                known.insert(id, index);
                index
            }
        };
        if let Some(producer) = producer
            && !self.join(producer, index)
        {
            return None;
        }
        let entry = self.entries.get_mut(index)?;
        entry.active = true;
        if entry.name.as_c_str() != name {
            entry.name = name.to_owned();
        }
        Some(index)
    }

    /// Puts a pipe between a service and its logger, unless there is one.
    fn join(&mut self, producer: usize, logger: usize) -> bool {
        let peer = |index| self.entries.get(index).and_then(|e: &Entry| e.peer);
        match (peer(producer), peer(logger)) {
            (Some(l), Some(p)) if l == logger && p == producer => return true,
            (None, None) => {}
            _ => {
                let name = self.entries.get(logger).map(|e| e.name.to_string_lossy().into_owned());
                let name = name.unwrap_or_default();
                warn(&format!("old service {name} still exists, waiting"));
                self.scan_at = Some(monotonic().plus_millis(2 * RETRY));
                return false;
            }
        }
        let (read, write) = match self.pipe_for(logger) {
            Ok(ends) => ends,
            Err(errno) => {
                warn(&format!("unable to create a pipe for a logger: {}", sys::reason(errno)));
                self.scan_at = Some(monotonic().plus_millis(RETRY));
                return false;
            }
        };
        for (index, peer, fd) in [(producer, logger, write), (logger, producer, read)] {
            if let Some(entry) = self.entries.get_mut(index) {
                entry.peer = Some(peer);
                entry.pipe = Some(fd);
            }
        }
        true
    }

    /// The pipe of a logger that its last supervisor left running, or a new one.
    fn pipe_for(&self, logger: usize) -> sys::Result<(i32, i32)> {
        let entry = self.entries.get(logger).zip(self.place.as_ref());
        let logger = entry.and_then(|(e, place)| survivor::find(place.dir, e.name.to_bytes()));
        logger.and_then(|logger| survivor::pipe(&logger)).map_or_else(|| service_pipe(FOR_OLD), Ok)
    }

    fn miss_logger(&self, producer: usize) {
        let Some(entry) = self.entries.get(producer) else { return };
        if entry.peer.is_some() {
            let name = entry.name.to_string_lossy();
            warn(&format!("logger for service {name} has been moved"));
        }
    }

    fn begin_if_due(&mut self, index: usize, like: Option<usize>) {
        let due = self.entries.get(index).is_some_and(|e| e.begin_at <= monotonic());
        if due {
            self.begin(index, like);
        }
    }

    /// Begins to supervise, and starts the service if it is wanted up. `like`: one that has just begun.
    pub(super) fn begin(&mut self, index: usize, like: Option<usize>) {
        let Some(dir) = self.place.as_ref().map(|p| p.dir) else { return };
        let like = like.and_then(|like| self.entries.get(like)?.service.as_ref());
        let pattern = like.and_then(Service::pattern);
        let Some(entry) = self.entries.get_mut(index) else { return };
        let name = entry.name.clone();
        // Behind thousands of descriptors they would be of no use to those who start later.
        let _ = self.common.slots();
        let opened = sys::fd::openat(dir, &name, sys::at::O_PLACE, 0);
        let path = [&self.config.scandir, &b"/"[..], name.as_bytes()].concat();
        let taken = match opened {
            Ok(fd) => with_umask_0(|| Home::take(fd, self.patience))
                .and_then(|home| Service::new(name, path, home, pattern))
                .map_err(|taken| taken.to_string()),
            Err(errno) => Err(format!("unable to chdir to it: {}", sys::reason(errno))),
        };
        let service = match taken {
            Ok(service) => service,
            Err(trouble) => return self.put_off(index, trouble),
        };
        entry.trouble = None;
        entry.begin_at = monotonic().plus_millis(PAUSE);
        let control = service.home.control;
        entry.service = Some(service);
        let watched = self.epoll.add(control, EPOLLIN, token(Source::Service, index));
        self.complain("watch supervise/control", watched);
        if !self.take_over(index) {
            self.feed(index, Event::Timeout);
        }
    }

    fn put_off(&mut self, index: usize, trouble: String) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        entry.begin_at = monotonic().plus_millis(RETRY);
        if entry.trouble.as_ref() != Some(&trouble) {
            let name = entry.name.to_string_lossy();
            warn(&format!("service {name} is not supervised: {trouble} (trying again)"));
            entry.trouble = Some(trouble);
        }
    }

    /// A service's supervision has ended.
    pub(super) fn left(&mut self, index: usize) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        let Some(service) = entry.service.take() else { return };
        self.by_pid.remove(&by_pid(service.machine.status.pid));
        let _ = self.epoll.remove(service.home.control);
        drop(service);
        let wanted_again = entry.active && entry.leaving;
        if !entry.active || entry.leaving {
            self.forget(index);
        }
        if wanted_again && self.stopping.is_none() {
            self.scan_at = Some(monotonic());
        }
    }

    /// What becomes of a logger when its service is gone for good, and of everything else when
    /// only the logger of everything is left.
    fn forget(&mut self, index: usize) {
        self.rescue_log(index);
        self.watch_log(index, false);
        let Some(mut gone) = self.entries.remove(index) else { return };
        self.followers.lose(index);
        gone.close_pipe();
        self.hush(gone.voice);
        if let Some(peer) = gone.peer
            && let Some(entry) = self.entries.get_mut(peer)
        {
            entry.peer = None;
            if !entry.is_logger {
                entry.close_pipe();
            } else if entry.leaving {
                self.drain(peer);
            }
        }
        self.let_go_of_pipes();
        self.drain_last();
    }

    /// The logger of everything reads what this process writes: it ends when that does. One that
    /// has not opened its end yet would wait for ever for a writer, so it gets ready first.
    pub(super) fn drain_last(&mut self) {
        let last = self.entries.len() == 1 && self.held_log().is_none();
        if self.stopping != Some(Stop::Services) || !last {
            return;
        }
        for index in self.entries.which(|e| e.name.as_c_str() == SPECIAL && !e.drained) {
            let service = self.entries.get(index).and_then(|e| e.service.as_ref());
            let opens = service.filter(|service| service.machine.state == State::Up);
            if let Some(service) = opens.filter(|_| !super::setup::is_heard()) {
                let now = monotonic();
                let says_when = service.readiness.is_some();
                let limit = *self.heard_by.get_or_insert(now.plus_millis(RETRY));
                if says_when || now < limit {
                    self.look_at = (!says_when).then(|| now.plus_millis(LOOK));
                    continue;
                }
            }
            if let Some(entry) = self.entries.get_mut(index) {
                entry.drained = true;
            }
            self.leave_stdio(self.config.console);
            self.drain(index);
        }
    }

    /// Lets a logger end with its input. One that has just died, with lines waiting for it, is
    /// started once more.
    pub(super) fn drain(&mut self, index: usize) {
        let Some(entry) = self.entries.get(index) else { return };
        let Some(service) = &entry.service else { return self.forget(index) };
        let waiting = match &service.ends().input {
            Some(name) => self.pipes.is_full(name),
            None => entry.pipe.is_some_and(|fd| sys::fd::readable(fd).unwrap_or(0) > 0),
        };
        let machine = &service.machine;
        if waiting && machine.state == State::Down && machine.status.want_up {
            self.feed(index, Event::Command(Command::Once));
        }
        self.feed(index, Event::HangUp);
    }

    /// Tells everything to end. [`super::Director::on_quiet`] follows, from the loop, also where
    /// nothing ran. No rescan starts anything after it.
    pub fn stop(&mut self, which: Stop) {
        self.stopping = Some(which);
        self.scan_at = None;
        self.stop_scripts();
        self.dismiss(which, |_| true);
        self.drain_last();
    }

    /// Tells those to end that the last scan has not found.
    pub fn prune(&mut self, which: Stop) {
        self.dismiss(which, |entry| !entry.active);
    }

    fn dismiss(&mut self, which: Stop, fits: impl Fn(&Entry) -> bool) {
        let stopping = self.stopping.is_some();
        let chosen = self.entries.which(fits);
        for &index in &chosen {
            if let Some(entry) = self.entries.get_mut(index) {
                entry.leaving = true;
            }
        }
        for index in chosen {
            let Some(entry) = self.entries.get(index) else { continue };
            let special = entry.name.as_c_str() == SPECIAL;
            match (which, entry.is_logger || special) {
                _ if entry.service.is_none() => self.forget(index),
                (Stop::Services, true) if entry.peer.is_some() || (special && stopping) => {}
                (Stop::Services, true) => self.drain(index),
                // It ends with its input, when those are gone who write to it.
                (Stop::Services, false) if stopping && self.is_fed(index) => {}
                _ => self.feed(index, Event::Terminate),
            }
        }
        self.let_go_of_pipes();
    }
}

//! The start of a service's `run`: it is begun, and then, at once or a little later, it is known what has
//! come of that.

use super::{Service, Surroundings, warn};
use crate::supervise::child::{NotStarted, Running};
use crate::supervise::machine::Event;
use crate::supervise::why;

impl Service {
    /// Whether something was started that the next [`Service::feed`] waits for.
    pub fn is_starting(&self) -> bool {
        self.starting.is_some()
    }

    /// Starts `run`. `None`: what comes of it [`Service::started`] tells. `again`: what is odd about its
    /// files has been said.
    pub(super) fn start(&mut self, around: &mut Surroundings, again: bool) -> Option<Event> {
        let stdio = around.stdio(&self.home, &mut self.ends);
        let (home, name, ahead) = (&self.home, &self.name, around.ahead);
        let mut warn = |what: &str| {
            if !again {
                warn(name, what);
            }
        };
        let begin = |stdio| around.common.run(home, name, stdio, ahead, &mut warn);
        match stdio.map_err(NotStarted::sys("give it its pipes")).and_then(begin) {
            Ok(running) => {
                self.starting = Some(running);
                if ahead { None } else { self.started(around) }
            }
            Err(failed) => {
                self.warn(&self.start_failure(&failed));
                Some(Event::NotStarted(failed.retry))
            }
        }
    }

    /// What has come of a start. One that failed while nobody waited is tried once more and waited for:
    /// that one tells why.
    pub(super) fn started(&mut self, around: &mut Surroundings) -> Option<Event> {
        let Running { child, readiness } = self.starting.take()?;
        let waited = child.is_under_way();
        if let Ok(pid) = around.common.complete(child) {
            self.readiness = readiness;
            // It had time while others were begun: then all of it is told at once.
            let ready = waited && self.read_readiness();
            return Some(if ready { Event::StartedReady(pid) } else { Event::Started(pid) });
        }
        if let Some(fd) = readiness {
            let _ = sys::fd::close(fd);
        }
        around.ahead = false;
        self.start(around, true)
    }

    fn start_failure(&self, failed: &NotStarted) -> String {
        let Some(errno) = failed.errno else { return format!("unable to {}", failed.what) };
        let wait = failed.retry.map_or(0, |ms| ms / 1000);
        let reason = match failed.by_exec {
            true => why::describe_exec_failure(&self.file("run"), errno),
            false => sys::reason(errno),
        };
        format!("unable to {} (waiting {wait} seconds): {reason}", failed.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supervise::child::{Common, Stdio};
    use crate::supervise::home::Home;
    use crate::supervise::machine::State;
    use crate::supervise::record::{In, Out};
    use crate::supervise::status::Status;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use sys::signal::SIGKILL;

    fn service(test: &str, run: &str) -> Service {
        let base = format!("chainit-start-{test}-{}", std::process::id());
        let base = std::env::temp_dir().join(base);
        let _ = std::fs::remove_dir_all(&base);
        std::fs::create_dir_all(&base).unwrap();
        symlink(run, base.join("run")).unwrap();
        let path = base.as_os_str().as_bytes();
        let dir = sys::fd::open_bytes(path, sys::at::O_PLACE, 0).unwrap();
        let home = Home::take(dir, sys::time::Time::default()).unwrap();
        // What it is called is the first argument of `run`.
        Service::new(c"1000".into(), path.into(), home, None).unwrap()
    }

    fn remove(service: &Service) {
        std::fs::remove_dir_all(OsStr::from_bytes(&service.path)).unwrap();
    }

    fn around(common: &Common, ahead: bool) -> Surroundings<'_> {
        Surroundings { common, stdio: Stdio::default(), pipes: None, ahead }
    }

    #[test]
    fn a_start_is_told_when_its_exec_is_known() {
        let common = Common::new(Vec::new(), None, 0);
        let (mut good, mut bad) = (service("good", "/bin/sleep"), service("bad", "/nowhere/sleep"));
        for service in [&mut good, &mut bad] {
            let after = service.feed(Some(Event::Timeout), &mut around(&common, true));
            assert_eq!((after.news, service.machine.status.pid), (Vec::new(), 0));
        }
        assert!(good.is_starting());
        assert_eq!(good.feed(None, &mut around(&common, true)).news, b"u");
        assert_eq!(bad.feed(None, &mut around(&common, true)).news, b"");
        assert_eq!((good.machine.state, bad.machine.state), (State::Up, State::Down));
        assert!(bad.machine.deadline.is_some_and(|at| at > sys::time::monotonic()));
        let pid = good.machine.status.pid;
        sys::signal::kill(pid, SIGKILL).unwrap();
        assert_eq!(sys::process::wait(pid).unwrap().signal(), Some(SIGKILL));
        [&good, &bad].into_iter().for_each(remove);
    }

    /// One who is told to end with all others has its state written once, when it has ended, or later by
    /// whoever waits for it.
    #[test]
    fn the_state_of_one_who_is_to_end_waits_for_its_end() {
        let common = Common::new(Vec::new(), None, 0);
        let mut service = service("end", "/bin/sleep");
        let written = |service: &Service| {
            let file = sys::at::read(service.home.dir, c"supervise/status", 64).unwrap();
            Status::unpack(&file.unwrap()).unwrap()
        };
        service.feed(Some(Event::Timeout), &mut around(&common, false));
        let pid = service.machine.status.pid;
        service.feed(Some(Event::Terminate), &mut around(&common, false));
        assert!(written(&service).want_up && !service.machine.status.want_up);
        service.write_again(sys::time::monotonic());
        assert!(written(&service).want_up);
        service.write_again(service.unwritten.unwrap());
        assert_eq!((written(&service), service.unwritten), (service.machine.status, None));
        let ended = sys::process::wait(pid).unwrap();
        let after = service.feed(Some(Event::Died(ended)), &mut around(&common, false));
        assert_eq!((&after.news[..], after.left), (&b"dDx"[..], true));
        assert_eq!((written(&service).pid, service.unwritten), (0, None));
        remove(&service);
    }

    #[test]
    fn what_is_starting_while_all_begins_anew_is_started_anew() {
        let common = Common::new(Vec::new(), None, 0);
        let mut service = service("anew", "/bin/sleep");
        service.feed(Some(Event::Timeout), &mut around(&common, true));
        let file = sys::handover::memory_file(c"test").unwrap();
        let mut out = Out::to(file);
        service.save(&mut out);
        out.end().unwrap();
        sys::handover::rewind(file).unwrap();
        let bytes = sys::fd::read_to_end(file).unwrap();
        let again = Service::load(&mut In::new(&bytes)).unwrap();
        assert!(again.machine.deadline.is_some_and(|at| at <= sys::time::monotonic()));
        // Both have the same descriptors.
        std::mem::forget(again);
        let running = service.starting.take().unwrap();
        let pid = running.child.pid();
        let _ = common.complete(running.child);
        assert_eq!(sys::process::wait(pid).unwrap().signal(), Some(SIGKILL));
        sys::fd::close(file).unwrap();
        remove(&service);
    }
}

//! What s6-svscan leaves behind when it goes at once (`s6-svscanctl -b`, SIGABRT): its services,
//! supervised. Where s6 has processes that stay, here one stays with all of them. It is not the
//! parent of what it finds, so it hears of their ends through pidfds; what it starts is its own. The
//! same holds for services whose supervisor was killed, and for whoever takes them over.

use super::alone::Supervise;
use super::config::ONE_SERVICE;
use super::entry::Entry;
use super::handover::{self, Way};
use super::tree::{Source, Tree, by_pid, token};
use crate::supervise::machine::Event;
use crate::supervise::stat;
use interpreter::arg::Arg;
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use sys::event::{EPOLLIN, POLLIN};
use sys::process::{Fork, Status};
use sys::time::monotonic;

/// Where there are no pidfds (before Linux 5.3), the time between two looks: ms.
const LOOK: u64 = 1000;

/// A service's process that somebody else is the parent of.
pub(super) struct Stranger {
    index: usize,
    pid: i32,
    /// Readable when it has ended.
    fd: Option<i32>,
}

impl Tree {
    /// Hands what is supervised over to a process that stays, and comes back when that has it.
    pub(super) fn leave_behind(&mut self, env: &[Arg]) {
        if self.entries.iter().all(|(_, entry)| entry.service.is_none()) {
            return;
        }
        let done = sys::fd::pipe(sys::fd::O_CLOEXEC).and_then(|(read, write)| {
            if let Fork::Child = sys::process::fork()? {
                self.stay(env);
            }
            sys::fd::close(write)?;
            // Its exec closes the other end: the scan directory is free now.
            sys::fd::read(read, &mut [0])?;
            sys::fd::close(read)
        });
        self.complain("leave the services to a process that stays", done);
    }

    fn stay(&mut self, env: &[Arg]) -> ! {
        let way = Way::new(env);
        // What is not in the state is closed by the exec.
        self.place = None;
        self.served.clear();
        self.scripts.clear();
        self.config.signals = ONE_SERVICE;
        self.config.rescan = None;
        self.scan_at = None;
        for index in self.entries.which(|entry| entry.service.is_none()) {
            self.entries.remove(index);
        }
        // Whatever leaves now is gone.
        self.entries.iter_mut().for_each(|entry| entry.active = false);
        handover::stay(self, &Supervise { env: env.to_vec() }, &way);
        sys::process::exit(111)
    }

    /// Knows the process of a service that its last supervisor left running; false: there is none.
    pub(super) fn take_over(&mut self, index: usize) -> bool {
        let pid = self.entries.get(index).map_or(0, Entry::pid);
        if pid != 0 {
            self.by_pid.insert(by_pid(pid), index);
            let watched = self.watch_stranger(index, pid);
            self.complain("watch a process that was left running", watched);
        }
        pid != 0
    }

    /// Watches a service's process, if this one is not its parent.
    pub(super) fn watch_stranger(&mut self, index: usize, pid: i32) -> sys::Result<()> {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        if waitid(Id::Pid(nix::unistd::Pid::from_raw(pid)), flags) != Err(sys::Errno::ECHILD) {
            return Ok(());
        }
        let fd = sys::event::pidfd(pid).ok();
        if let Some(fd) = fd {
            self.epoll.add(fd, EPOLLIN, token(Source::Stranger, index))?;
        } else {
            self.look_at = Some(monotonic());
        }
        self.strangers.push(Stranger { index, pid, fd });
        Ok(())
    }

    /// Those without a pidfd have to be looked at.
    pub(super) fn look_for_strangers(&mut self) {
        let hidden: Vec<usize> =
            self.strangers.iter().filter(|s| s.fd.is_none()).map(|s| s.index).collect();
        self.look_at = (!hidden.is_empty()).then(|| monotonic().plus_millis(LOOK));
        hidden.into_iter().for_each(|index| self.stranger(index));
    }

    /// Has it ended?
    pub(super) fn stranger(&mut self, index: usize) {
        let Some(at) = self.strangers.iter().position(|s| s.index == index) else { return };
        let Some(status) = self.strangers[at].end() else { return };
        let stranger = self.strangers.swap_remove(at);
        self.retire(stranger.fd);
        // What it has said before its end comes before its end.
        self.readiness(index);
        if self.by_pid.get(&by_pid(stranger.pid)) == Some(&index) {
            self.feed(index, Event::Died(status));
        }
    }
}

impl Stranger {
    /// How it has ended. Its parent may have waited for it already, and then only a new kernel
    /// tells how; else it counts as an exit with 0.
    fn end(&self) -> Option<Status> {
        let dead = dead(self.pid);
        match self.fd {
            Some(fd) if sys::event::wait_one(fd, POLLIN, Some(0)) == Ok(0) => return None,
            None if dead.is_none() && sys::signal::kill(self.pid, 0).is_ok() => return None,
            _ => {}
        }
        let told = || sys::event::pidfd_status(self.fd?);
        Some(dead.or_else(told).unwrap_or(Status(0)))
    }
}

/// The status of a process that has ended and that nobody has waited for.
fn dead(pid: i32) -> Option<Status> {
    status_in(&stat::of(pid)?)
}

/// The last field is the status.
fn status_in(stat: &[u8]) -> Option<Status> {
    let all = stat::fields(stat)?;
    let [state, .., status] = all[..] else { return None };
    let status = str::from_utf8(status).ok()?.parse().ok()?;
    matches!(state, b"Z" | b"X").then_some(Status(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_the_dead_have_ended() {
        let stat = |state: &str, status: &str| {
            format!("7 (a) b) {state} 1 7 7 0 -1 4228108 0 0 {status}\n").into_bytes()
        };
        assert_eq!(status_in(&stat("Z", "9")).and_then(Status::signal), Some(9));
        assert_eq!(status_in(&stat("Z", "768")).and_then(Status::code), Some(3));
        assert_eq!(status_in(&stat("S", "0")), None);
        assert_eq!(status_in(b"7 (a"), None);
    }
}

//! Commands to supervisors and news from them, over the files that every supervisor of s6's kind
//! has: ours or a real one.

use super::fifodir::Listener;
pub use super::goal::Goal;
use super::goal::Watch;
use crate::supervise::status::{SIZE, Status};
use sys::event::POLLIN;
use sys::fd::{O_CLOEXEC, O_DIRECTORY, O_NONBLOCK, O_RDONLY, O_WRONLY};
use sys::signal::{SIGPIPE, Set};
use sys::time::{Time, monotonic};
use sys::{Errno, Result};

/// Why a command did not get through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// Nobody listens.
    NoSupervisor,
    /// What should be a fifo, or the directory around it, is none.
    BadDirectory(Errno),
    /// The system said no.
    Sys(Errno),
}

/// Sends command bytes to a service's supervisor. `Ok(false)`: there is none.
pub fn svc(dir: &[u8], bytes: &[u8]) -> Result<bool> {
    heard(control(dir, b"supervise", bytes))
}

/// Sends command bytes to the supervisor of a scan directory. `Ok(false)`: there is none.
pub fn scanctl(dir: &[u8], bytes: &[u8]) -> Result<bool> {
    heard(control(dir, b".s6-svscan", bytes))
}

fn heard(outcome: core::result::Result<(), Unheard>) -> Result<bool> {
    match outcome {
        Ok(()) => Ok(true),
        Err(Unheard::NoSupervisor) => Ok(false),
        Err(Unheard::BadDirectory(errno) | Unheard::Sys(errno)) => Err(errno),
    }
}

/// Writes bytes into `DIR/SUB/control`.
pub fn control(dir: &[u8], sub: &[u8], bytes: &[u8]) -> core::result::Result<(), Unheard> {
    let path = [dir, b"/", sub, b"/control"].concat();
    match sys::fd::open_bytes(&path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0) {
        Ok(fd) => {
            let written = send(fd, bytes);
            let _ = sys::fd::close(fd);
            written.map_err(Unheard::Sys)
        }
        Err(Errno::ENXIO) => Err(Unheard::NoSupervisor),
        Err(errno @ (Errno::ENOENT | Errno::ENOTDIR | Errno::EISDIR)) => {
            Err(what_is_wrong(dir, sub, errno))
        }
        Err(errno) => Err(Unheard::Sys(errno)),
    }
}

/// Writes all, waiting while the fifo is full; `EPIPE` where its reader is gone, and no signal.
fn send(fd: i32, bytes: &[u8]) -> Result<()> {
    sys::fd::set_nonblock(fd, false)?;
    let old = sys::signal::block(&Set::of(&[SIGPIPE]));
    let written = sys::fd::write_all(fd, bytes);
    if written == Err(Errno::EPIPE) {
        let _ = sys::signal::wait(&Set::of(&[SIGPIPE]), Some(0));
    }
    sys::signal::set_mask(&old);
    written
}

fn what_is_wrong(dir: &[u8], sub: &[u8], errno: Errno) -> Unheard {
    let open = |path: &[u8]| {
        let fd = sys::fd::open_bytes(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)?;
        sys::fd::close(fd)
    };
    if let Err(errno) = open(dir) {
        return Unheard::Sys(errno);
    }
    match open(&[dir, b"/", sub].concat()) {
        Err(Errno::ENOENT) => Unheard::NoSupervisor,
        Err(errno) => Unheard::BadDirectory(errno),
        Ok(()) => Unheard::BadDirectory(errno),
    }
}

/// Is the service supervised?
pub fn is_supervised(dir: &[u8]) -> Result<bool> {
    let path = [dir, b"/supervise/lock"].concat();
    let fd = match sys::fd::open_bytes(&path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0) {
        Ok(fd) => fd,
        Err(Errno::ENOENT) => return Ok(false),
        Err(errno) => return Err(errno),
    };
    let locked = sys::fd::is_locked(fd);
    let _ = sys::fd::close(fd);
    locked
}

/// What `supervise/status` says. `EPIPE`: it is cut short.
pub fn status(dir: &[u8]) -> Result<Status> {
    let path = [dir, b"/supervise/status"].concat();
    let fd = sys::fd::open_bytes(&path, O_RDONLY | O_CLOEXEC, 0)?;
    let mut bytes = [0; SIZE];
    let got = sys::fd::read(fd, &mut bytes);
    let _ = sys::fd::close(fd);
    Status::unpack(&bytes[..got?]).ok_or(Errno::EPIPE)
}

/// Services that are listened to.
#[derive(Debug)]
pub struct Wait {
    goal: Goal,
    fall_really: bool,
    services: Vec<Awaited>,
}

#[derive(Debug)]
struct Awaited {
    dir: Vec<u8>,
    listener: Listener,
    /// `None`: nobody supervises it yet, so it has no state.
    watch: Option<Watch>,
}

impl Awaited {
    fn is_settled(&self) -> bool {
        self.is_lost() || self.is_reached()
    }

    fn is_reached(&self) -> bool {
        self.watch.is_some_and(|watch| watch.is_reached())
    }

    fn is_lost(&self) -> bool {
        self.watch.is_some_and(|watch| watch.is_lost())
    }
}

/// Why a wait could not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWait {
    /// The service of that position can't be listened to.
    Subscribe(usize, Errno),
    /// The state of the service of that position can't be read.
    Status(usize, Errno),
}

/// What a wait came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// All (or one, if one was enough) are where they are waited for; so many can't get there.
    Over(u32),
    /// The time is over.
    TimedOut,
}

impl Wait {
    /// Listens to the services, and then looks at their state: whatever happens in between is
    /// heard.
    pub fn new(
        dirs: &[&[u8]],
        goal: Goal,
        fall_really: bool,
    ) -> core::result::Result<Wait, NoWait> {
        let mut wait = Wait { goal, fall_really, services: Vec::with_capacity(dirs.len()) };
        for (i, &dir) in dirs.iter().enumerate() {
            let listener = Listener::new(&[dir, &b"/event"[..]].concat());
            let listener = listener.map_err(|errno| NoWait::Subscribe(i, errno))?;
            let watch = match status(dir) {
                Ok(status) => Some(wait.watch(&status)),
                // Its supervisor, which will take it up, tells when it has; it has a state then.
                Err(Errno::ENOENT) if is_below_scan(dir) => None,
                Err(errno) => return Err(NoWait::Status(i, errno)),
            };
            wait.services.push(Awaited { dir: dir.to_vec(), listener, watch });
        }
        Ok(wait)
    }

    fn watch(&self, status: &Status) -> Watch {
        Watch::new(self.goal, self.fall_really, status.is_up(), status.ready)
    }

    /// The positions of those that nobody supervises yet.
    pub fn unsupervised(&self) -> Vec<usize> {
        self.positions(|service| service.watch.is_none())
    }

    /// Waits for all of them, or for `any` one, until the deadline of the monotonic clock.
    pub fn run(&mut self, any: bool, deadline: Option<Time>) -> Result<Waited> {
        loop {
            if let Some(lost) = self.outcome(any) {
                return Ok(Waited::Over(lost));
            }
            let millis = deadline.map(|at| at.millis_since(monotonic()));
            let fd = |service: &Awaited| (service.listener.fd(), POLLIN, 0);
            let mut fds: Vec<_> = self.services.iter().map(fd).collect();
            match sys::event::poll(&mut fds, millis) {
                Ok(0) => return Ok(Waited::TimedOut),
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno),
            }
            for (i, _) in fds.iter().enumerate().filter(|(_, fd)| fd.2 != 0) {
                if let Some(lost) = self.hear(i, any)? {
                    return Ok(Waited::Over(lost));
                }
            }
        }
    }

    /// Takes in what there is to hear of a service, and stops where that ends the wait: what came up
    /// and is down again has been up.
    fn hear(&mut self, index: usize, any: bool) -> Result<Option<u32>> {
        let service = &self.services[index];
        let news = service.listener.news()?;
        if service.watch.is_none() && !news.is_empty() {
            self.services[index].watch = match status(&service.dir) {
                Ok(status) => Some(self.watch(&status)),
                Err(Errno::ENOENT) => None,
                Err(errno) => return Err(errno),
            };
        }
        for byte in news {
            if let Some(watch) = &mut self.services[index].watch {
                watch.hear(byte);
            }
            if let Some(lost) = self.outcome(any) {
                return Ok(Some(lost));
            }
        }
        Ok(None)
    }

    /// How many are lost, if the wait is over. A lost one counts as one that is there: whoever
    /// waits for any of them is told at once.
    fn outcome(&self, any: bool) -> Option<u32> {
        let mut services = self.services.iter();
        let over =
            if any { services.any(Awaited::is_settled) } else { services.all(Awaited::is_settled) };
        over.then(|| self.services.iter().filter(|service| service.is_lost()).count() as u32)
    }

    /// The positions of those that are not where they are waited for.
    pub fn missing(&self) -> Vec<usize> {
        self.positions(|service| !service.is_reached())
    }

    fn positions(&self, which: impl Fn(&Awaited) -> bool) -> Vec<usize> {
        let services = self.services.iter().enumerate();
        services.filter(|(_, service)| which(service)).map(|(i, _)| i).collect()
    }
}

/// Is this a service in a scan directory that somebody scans? Then it will be supervised, though
/// it may not be yet.
fn is_below_scan(dir: &[u8]) -> bool {
    let parent = |path: &[u8]| -> Vec<u8> {
        let end = path.iter().rposition(|&b| b != b'/').map_or(0, |last| last + 1);
        match path[..end].iter().rposition(|&b| b == b'/') {
            Some(0) => b"/".to_vec(),
            Some(slash) => path[..slash].to_vec(),
            None => b".".to_vec(),
        }
    };
    let listens = |scan: &[u8]| control(scan, b".s6-svscan", b"").is_ok();
    let above = parent(dir);
    listens(&above) || (dir.ends_with(b"/log") && listens(&parent(&above)))
}

/// Waits until all of the services have reached the goal, at most `timeout_ms` (`None`: for
/// ever). Gives the positions of those that have not: the time was over, or they can't any
/// more (their supervisor ended, or they failed for good).
pub fn wait_for(dirs: &[&[u8]], goal: Goal, timeout_ms: Option<u64>) -> Result<Vec<usize>> {
    let deadline = timeout_ms.map(|ms| monotonic().plus_millis(ms));
    let mut wait = Wait::new(dirs, goal, false).map_err(|no| match no {
        NoWait::Subscribe(_, errno) | NoWait::Status(_, errno) => errno,
    })?;
    wait.run(false, deadline)?;
    Ok(wait.missing())
}

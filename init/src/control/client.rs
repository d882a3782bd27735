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
    services: Vec<(Listener, Watch)>,
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
        let mut services = Vec::with_capacity(dirs.len());
        for (i, dir) in dirs.iter().enumerate() {
            let listener = Listener::new(&[dir, &b"/event"[..]].concat());
            let listener = listener.map_err(|errno| NoWait::Subscribe(i, errno))?;
            let status = status(dir).map_err(|errno| NoWait::Status(i, errno))?;
            let watch = Watch::new(goal, fall_really, status.is_up(), status.ready);
            services.push((listener, watch));
        }
        Ok(Wait { services })
    }

    /// Waits for all of them, or for `any` one, until the deadline of the monotonic clock.
    pub fn run(&mut self, any: bool, deadline: Option<Time>) -> Result<Waited> {
        loop {
            if let Some(lost) = self.outcome(any) {
                return Ok(Waited::Over(lost));
            }
            let millis = deadline.map(|at| at.millis_since(monotonic()));
            let mut fds: Vec<_> = self.services.iter().map(|(l, _)| (l.fd(), POLLIN, 0)).collect();
            match sys::event::poll(&mut fds, millis) {
                Ok(0) => return Ok(Waited::TimedOut),
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno),
            }
            for ((listener, watch), _) in
                self.services.iter_mut().zip(&fds).filter(|(_, fd)| fd.2 != 0)
            {
                for byte in listener.news()? {
                    watch.hear(byte);
                }
            }
        }
    }

    /// How many are lost, if the wait is over. A lost one counts as one that is there: whoever
    /// waits for any of them is told at once.
    fn outcome(&self, any: bool) -> Option<u32> {
        let settled = |(_, w): &(Listener, Watch)| w.is_reached() || w.is_lost();
        let mut services = self.services.iter();
        let over = if any { services.any(settled) } else { services.all(settled) };
        over.then(|| self.services.iter().filter(|(_, w)| w.is_lost()).count() as u32)
    }

    /// The positions of those that are not where they are waited for.
    pub fn missing(&self) -> Vec<usize> {
        let watches = self.services.iter().enumerate();
        watches.filter(|(_, (_, w))| !w.is_reached()).map(|(i, _)| i).collect()
    }
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

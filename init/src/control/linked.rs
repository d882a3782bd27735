//! Services that are in a scan directory by a link.

use super::client;
use super::fifodir;
use super::ftrig::{self, Subscription};
use interpreter::arg::Argv;
use interpreter::word::Fail;
use stdlib_commands::options;
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_CREAT, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY};
use sys::time::Time;

/// A name in a scan directory. Exit code 100 where a scan would not take it for a service.
pub fn check_name(name: &[u8], what: &str) -> Result<(), Fail> {
    match name.first() {
        None | Some(b'.' | b'/') => Err(Fail::bad(format!("invalid {what}"))),
        Some(_) => Ok(()),
    }
}

/// Takes the options of who takes a service out off the front of a command line: whether its end
/// is waited for, and the milliseconds of `-t`.
pub fn way_out(argv: &mut Argv) -> Result<(bool, u32), Fail> {
    let (mut waits, mut timeout) = (true, 0);
    options::take(argv, "Xt:", |letter, value| {
        match letter {
            b'X' => waits = false,
            _ => timeout = options::number(value)?,
        }
        Ok(())
    })?;
    Ok((waits, timeout))
}

/// Whether somebody holds a lock file, such as a scan directory's. Exit code 111 where that can't
/// be told.
pub fn is_held(lock: &[u8]) -> Result<bool, Fail> {
    let open = sys::fd::open_bytes(lock, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
    let fd = open.map_err(|errno| Fail::sys_at("open", lock, errno))?;
    let locked = sys::fd::is_locked(fd);
    let _ = sys::fd::close(fd);
    locked.map_err(|errno| Fail::sys_at("check lock on", lock, errno))
}

/// A service directory, and its logger's if it has one, with whether it is supervised already.
pub type Parts = Vec<(Vec<u8>, bool)>;

/// The parts of a service. `ENOTDIR`: its `log` is no directory. `EINVAL`: one part has a
/// supervisor and the other has not.
pub fn parts(dir: &[u8]) -> sys::Result<Parts> {
    let supervised = client::is_supervised(dir)?;
    let mut parts = vec![(dir.to_vec(), supervised)];
    let log = [dir, b"/log"].concat();
    match sys::fs::stat_bytes(&log) {
        Err(Errno::ENOENT) => return Ok(parts),
        Err(errno) => return Err(errno),
        Ok(stat) if !stat.is_dir() => return Err(Errno::ENOTDIR),
        Ok(_) if client::is_supervised(&log)? != supervised => return Err(Errno::EINVAL),
        Ok(_) => parts.push((log, supervised)),
    }
    Ok(parts)
}

/// How a service comes under supervision.
#[derive(Default)]
pub struct How {
    /// It stays down.
    pub down: bool,
    /// And its file `down` goes when it is supervised.
    pub once: bool,
    /// Everybody may listen to it.
    pub public: bool,
    /// Its `event/` gets these permissions though it is there.
    pub force: bool,
}

impl How {
    /// Takes the options off the front of a command line; with the milliseconds of `-t`.
    pub fn take(argv: &mut Argv) -> Result<(How, u32), Fail> {
        let (mut how, mut timeout) = (How::default(), 0);
        options::take(argv, "dDfPt:", |letter, value| {
            match letter {
                b't' => timeout = options::number(value)?,
                letter => how.option(letter),
            }
            Ok(())
        })?;
        Ok((how, timeout))
    }

    /// Takes in one of the options `-d -D -f -P`.
    fn option(&mut self, letter: u8) {
        match letter {
            b'd' | b'D' => (self.down, self.once) = (true, letter == b'd'),
            b'f' => self.force = true,
            _ => self.public = true,
        }
    }

    /// Links a service to a scan directory's name `link`, and waits until its parts are
    /// supervised. `ETIMEDOUT`: the time is over. The link goes again if that fails.
    pub fn put(
        &self,
        scan: &[u8],
        target: &[u8],
        link: &[u8],
        parts: &Parts,
        deadline: Option<Time>,
    ) -> sys::Result<()> {
        let group = (!self.public).then(|| sys::process::ids().3);
        let mut beginnings = Vec::new();
        for (dir, _) in parts.iter().filter(|(_, supervised)| !supervised) {
            if self.down {
                let flags = O_WRONLY | O_NONBLOCK | O_CREAT | O_TRUNC | O_CLOEXEC;
                let down = [&dir[..], b"/down"].concat();
                sys::fd::close(sys::fd::open_bytes(&down, flags, 0o666)?)?;
            }
            let events = [&dir[..], b"/event"].concat();
            fifodir::make(&events, group, self.force)?;
            beginnings.push(Subscription::plain(&events, c"s")?);
        }
        match sys::fs::symlink(target, link) {
            Err(Errno::EEXIST) if parts.first().is_some_and(|(_, supervised)| *supervised) => {}
            other => other?,
        }
        let mut supervise = || {
            if !client::scanctl(scan, b"a")? {
                return Err(Errno::ENXIO);
            }
            ftrig::wait(&mut beginnings, false, deadline)
        };
        if let Err(errno) = supervise() {
            take_away(link, self.down);
            return Err(errno);
        }
        if self.once {
            for (dir, _) in parts {
                let _ = sys::fs::unlink(&[&dir[..], b"/down"].concat());
            }
        }
        Ok(())
    }
}

/// Removes a link whose service did not get under way, and tells its supervisors, if they have
/// begun, to end.
fn take_away(link: &[u8], down: bool) {
    let fifo = |sub: &[u8]| {
        let path = [link, sub, b"/supervise/control"].concat();
        sys::fd::open_bytes(&path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0).ok()
    };
    if down {
        let _ = sys::fs::unlink(&[link, b"/down"].concat());
    }
    let fifos = [(fifo(b""), b"xd"), (fifo(b"/log"), b"xo")];
    let _ = sys::fs::unlink(link);
    for (fd, order) in fifos {
        if let Some(fd) = fd {
            let _ = sys::fd::write(fd, order);
            let _ = sys::fd::close(fd);
        }
    }
}

/// Takes a link out of a scan directory, and waits, if asked, until nobody supervises the service
/// and its logger. There is nothing to be done about one that takes its time.
pub fn take_out(scan: &[u8], link: &[u8], waits: bool, deadline: Option<Time>) -> sys::Result<()> {
    let parts = if waits { parts(link)? } else { Vec::new() };
    // They are listened to where the link leads, since it will be gone.
    let ends = parts.iter().filter(|(_, supervised)| *supervised).filter_map(|(dir, _)| {
        let events = sys::fs::realpath(&[&dir[..], b"/event"].concat()).ok()?;
        Subscription::plain(&events, c"x").ok()
    });
    let mut ends: Vec<Subscription> = ends.collect();
    let _ = sys::fs::unlink(link);
    let _ = client::scanctl(scan, b"an");
    let _ = ftrig::wait(&mut ends, false, deadline);
    Ok(())
}

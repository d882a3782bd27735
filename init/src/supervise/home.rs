//! A service directory, as files: what s6-supervise reads and writes in it.
//!
//! It is held open as a place, so that a supervised service stays where it was when its link in
//! the scan directory is changed.

use super::record::{In, Out};
use super::status::{DEATH, Status, with_death};
use std::ffi::{CStr, CString};
use sys::Errno;
use sys::fd::{O_APPEND, O_CLOEXEC, O_CREAT, O_NONBLOCK, O_RDWR, O_TRUNC, O_WRONLY};
use sys::process::Status as Ended;
use sys::time::Time;

/// A service directory that is held: its lock, its control fifo.
#[derive(Debug)]
pub struct Home {
    /// The directory.
    pub dir: i32,
    /// The read end of `supervise/control`.
    pub control: i32,
    lock: i32,
}

/// The state of a service that has just begun, and its directory.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// The directory.
    pub dir: i32,
    /// The state in its status file.
    pub status: Status,
}

const STATUS: &CStr = c"supervise/status";
const TALLY: &CStr = c"supervise/death_tally";

/// Why a service directory can't be taken: what completes "unable to", and the reason.
#[derive(Debug, thiserror::Error)]
pub enum Taken {
    /// The system said no.
    #[error("unable to {what}: {}", sys::reason(*errno))]
    Sys {
        /// What was tried.
        what: &'static str,
        /// The reason.
        errno: Errno,
    },
    /// Somebody holds the lock.
    #[error("another instance of s6-supervise is already running")]
    Locked,
    /// Something is there that should not be.
    #[error("{0}")]
    InTheWay(&'static str),
}

fn no(what: &'static str) -> impl Fn(Errno) -> Taken {
    move |errno| Taken::Sys { what, errno }
}

impl Home {
    /// Takes the directory `dir` (which is closed if that fails): makes `supervise/` with lock and
    /// control fifo, clears what an earlier supervisor has left. Until `patience` is over, its lock is
    /// waited for. The process's umask must be 0.
    pub fn take(dir: i32, patience: Time) -> Result<Home, Taken> {
        let mut home = Home { dir, control: -1, lock: -1 };
        home.prepare(patience)?;
        Ok(home)
    }

    /// Writes it down.
    pub fn save(&self, out: &mut Out) {
        [self.dir, self.control, self.lock].into_iter().for_each(|fd| out.fd(Some(fd)));
    }

    /// Reads it.
    pub fn load(input: &mut In) -> Option<Home> {
        Some(Home { dir: input.fd()??, control: input.fd()??, lock: input.fd()?? })
    }

    fn prepare(&mut self, patience: Time) -> Result<(), Taken> {
        room_beyond(self.dir, FOR_OLD).map_err(no("take it up"))?;
        make_dir(self.dir, c"supervise").map_err(no("mkdir supervise"))?;
        let flags = O_WRONLY | O_NONBLOCK | O_CREAT | O_CLOEXEC;
        self.lock = sys::fd::openat(self.dir, c"supervise/lock", flags, 0o644)
            .map_err(no("open supervise/lock"))?;
        let locked = sys::fd::lock_exclusive_until(self.lock, patience);
        if !locked.map_err(no("lock supervise/lock"))? {
            return Err(Taken::Locked);
        }
        self.control = open_control(self.dir, c"supervise/control").map_err(|e| match e {
            Errno::EEXIST => Taken::InTheWay("supervise/control is not a FIFO"),
            errno => Taken::Sys { what: "open supervise/control", errno },
        })?;
        // Where that can't be done it has the kernel's usual room.
        let _ = sys::fd::set_pipe_room(self.control, CONTROL_ROOM);
        empty(self.dir, TALLY, 0o644).map_err(no("truncate supervise/death_tally"))
    }

    /// Has `event/` where others listen, and tells them that the state is there to be read. Who
    /// makes it has nobody to tell: nobody could listen before.
    pub fn open_ears(&self) -> Result<(), Taken> {
        if make_dir(self.dir, c"event").map_err(no("mkdir event"))? {
            let gid = sys::process::first_ids().3;
            sys::at::chgrp(self.dir, c"event", gid).map_err(no("chown event"))?;
            return sys::at::chmod(self.dir, c"event", 0o3730).map_err(no("chmod event"));
        }
        let _ = super::events::clean(self.dir, c"event");
        self.notify(b"s");
        Ok(())
    }

    /// Is there such a file?
    pub fn has(&self, name: &CStr) -> sys::Result<bool> {
        match sys::at::access(self.dir, name, 0) {
            Ok(()) => Ok(true),
            Err(Errno::ENOENT) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// The first line of a small file.
    pub fn line(&self, name: &CStr) -> sys::Result<Option<Vec<u8>>> {
        const ROOM: usize = 32;
        let content = sys::at::read(self.dir, name, ROOM)?;
        Ok(content.map(|mut line| {
            let end = line.iter().position(|&b| b == b'\n').unwrap_or(line.len());
            line.truncate(end);
            line
        }))
    }

    /// Writes the status file: another in its place, or over it where the disk has no room for
    /// two.
    pub fn announce(&self, status: &Status) -> sys::Result<()> {
        let content = status.pack();
        match sys::at::replace(self.dir, STATUS, c"supervise/status.new", &content) {
            Err(Errno::ENOSPC | Errno::EDQUOT) if self.owns_status() => {
                sys::at::overwrite(self.dir, STATUS, &content)
            }
            done => done,
        }
    }

    /// Services that begin together have one status file, until each gets its own.
    fn owns_status(&self) -> bool {
        sys::at::stat(self.dir, STATUS).is_ok_and(|stat| stat.links == 1)
    }

    /// Makes the status file another name of one that says the same, but perhaps for a moment: that file's
    /// it then is. False: there is one already, or it can't be.
    pub fn is_as(&self, pattern: &Pattern, status: &mut Status) -> bool {
        let Pattern { dir, status: there } = *pattern;
        let same = Status { stamp: there.stamp, ready_stamp: there.ready_stamp, ..*status };
        let linked = same == there && sys::at::link(dir, STATUS, self.dir, STATUS).is_ok();
        if linked {
            *status = same;
        }
        linked
    }

    /// Adds a death to the tally, which keeps the last `max`.
    pub fn tally(&self, max: usize, when: Time, ended: Ended) -> sys::Result<()> {
        const RECORDS: usize = 1 << 16;
        if self.tally_more(max, when, ended).unwrap_or(false) {
            return Ok(());
        }
        let old = sys::at::read(self.dir, TALLY, RECORDS)?.unwrap_or_default();
        let new = with_death(&old, max, when, ended);
        sys::at::replace(self.dir, TALLY, c"supervise/death_tally.new", &new)
    }

    /// Writes it behind the others, where there is room for one more.
    fn tally_more(&self, max: usize, when: Time, ended: Ended) -> sys::Result<bool> {
        let flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC;
        let fd = sys::fd::openat(self.dir, TALLY, flags, 0)?;
        let death = with_death(&[], 1, when, ended);
        let written = sys::fs::fstat(fd).and_then(|stat| {
            let size = usize::try_from(stat.size).unwrap_or(usize::MAX);
            let fits = stat.is_file() && size % DEATH == 0 && size / DEATH < max;
            Ok(fits && sys::fd::write(fd, &death)? == DEATH)
        });
        let _ = sys::fd::close(fd);
        written
    }

    /// Gives the lock up: another supervisor may take the directory.
    pub fn unlock(&mut self) {
        if self.lock >= 0 {
            let _ = sys::fd::close(self.lock);
            self.lock = -1;
        }
    }

    /// Makes the file `down`.
    pub fn add_down(&self) -> sys::Result<()> {
        empty(self.dir, c"down", 0o644)
    }

    /// Removes it.
    pub fn remove_down(&self) -> sys::Result<()> {
        match sys::at::unlink(self.dir, c"down") {
            Err(Errno::ENOENT) => Ok(()),
            other => other,
        }
    }

    /// Tells those who listen.
    pub fn notify(&self, bytes: &[u8]) {
        let _ = super::events::notify(self.dir, c"event", bytes);
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for fd in [self.control, self.lock, self.dir].into_iter().filter(|&fd| fd >= 0) {
            let _ = sys::fd::close(fd);
        }
    }
}

/// The room of a control fifo in bytes: so many letters that nobody has read are enough. For the
/// 65,536 of a fifo that nobody asks about the kernel keeps an array of 1 kB, written to or not.
const CONTROL_ROOM: i32 = 4096;

/// Descriptors that new services leave to those that are there, to be started again; fewer where
/// there are fewer than 256 in all.
pub const FOR_OLD: u64 = 64;
/// Descriptors that no service may keep: with them states are written and listeners told.
pub const FOR_NEWS: u64 = 16;

/// Are so many left beyond this one, which is open? `EMFILE`: no.
pub fn room_beyond(fd: i32, left: u64) -> sys::Result<()> {
    const MANY: u64 = 256;
    let (soft, _) = sys::limit::get(sys::limit::RLIMIT_NOFILE)?;
    let left = left * soft.min(MANY) / MANY;
    if u64::from(fd.unsigned_abs()) + left < soft { Ok(()) } else { Err(Errno::EMFILE) }
}

/// Makes a control fifo, if it is not there, and opens it so that it never sees an end of file.
/// `EEXIST`: something else has its name.
pub fn open_control(dir: i32, path: &CStr) -> sys::Result<i32> {
    match sys::at::mkfifo(dir, path, 0o600) {
        Err(Errno::EEXIST) if !sys::at::stat(dir, path)?.is_fifo() => return Err(Errno::EEXIST),
        Err(Errno::EEXIST) | Ok(()) => {}
        Err(e) => return Err(e),
    }
    sys::fd::openat(dir, path, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0)
}

/// Makes an empty file, or empties the one that is there.
fn empty(dir: i32, path: &CStr, mode: u32) -> sys::Result<()> {
    match sys::at::make(dir, path, mode) {
        Err(Errno::EEXIST) => {
            // A fifo in its place has nobody wait.
            let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC;
            sys::fd::close(sys::fd::openat(dir, path, flags, mode)?)
        }
        other => other,
    }
}

/// Makes a directory for root's eyes. A link that leads nowhere yet gets its target made: the
/// state of a service on a read-only file system is elsewhere. False: it was there.
fn make_dir(dir: i32, path: &CStr) -> sys::Result<bool> {
    match sys::at::mkdir(dir, path, 0o700) {
        Err(Errno::EEXIST) => {}
        other => return other.map(|()| true),
    }
    match sys::at::stat(dir, path) {
        Ok(st) if st.is_dir() => return Ok(false),
        Ok(_) => return Err(Errno::ENOTDIR),
        Err(Errno::ENOENT) => {}
        Err(e) => return Err(e),
    }
    let target = CString::new(sys::at::readlink(dir, path)?).map_err(|_| Errno::EINVAL)?;
    sys::at::mkdir(dir, &target, 0o700).map(|()| true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supervise::status::deaths;
    use std::os::unix::fs::MetadataExt;
    use std::path::PathBuf;

    fn home(name: &str) -> (PathBuf, Home) {
        let base = format!("chainit-home-{name}-{}", std::process::id());
        let base = std::env::temp_dir().join(base);
        let _ = std::fs::remove_dir_all(&base);
        std::fs::create_dir_all(&base).unwrap();
        let dir = base.as_os_str().as_encoded_bytes();
        let dir = sys::fd::open_bytes(dir, sys::at::O_PLACE, 0).unwrap();
        (base, Home::take(dir, Time::default()).unwrap())
    }

    #[test]
    fn services_that_begin_together_have_a_status_until_each_has_its_own() {
        let ((a, first), (b, second)) = (home("first"), home("second"));
        let read = |base: &PathBuf| {
            Status::unpack(&std::fs::read(base.join("supervise/status")).unwrap()).unwrap()
        };
        let links =
            |base: &PathBuf| std::fs::metadata(base.join("supervise/status")).unwrap().nlink();
        let status = Status::new(Time { sec: 5, nsec: 7 }, false);
        first.announce(&status).unwrap();
        let pattern = Pattern { dir: first.dir, status };
        let mut other = Status::new(Time { sec: 6, nsec: 0 }, true);
        assert!(!second.is_as(&pattern, &mut other), "it is wanted up");
        let mut later = Status::new(Time { sec: 6, nsec: 0 }, false);
        assert!(second.is_as(&pattern, &mut later));
        assert_eq!((later, read(&b), links(&a)), (status, status, 2));
        assert!(!second.owns_status());
        assert!(!second.is_as(&pattern, &mut later), "it has one");
        later.pid = 9;
        second.announce(&later).unwrap();
        assert_eq!((read(&a), read(&b), links(&a)), (status, later, 1));
        assert!(first.owns_status() && second.owns_status());
        [a, b].iter().for_each(|base| std::fs::remove_dir_all(base).unwrap());
    }

    #[test]
    fn a_death_is_written_behind_the_others_while_there_is_room() {
        let (base, home) = home("tally");
        let file = base.join("supervise/death_tally");
        let codes = || -> Vec<u8> {
            deaths(&std::fs::read(&file).unwrap()).iter().map(|death| death.code).collect()
        };
        let die = |code: i32| home.tally(3, Time::default(), Ended(code << 8)).unwrap();
        let first = std::fs::metadata(&file).unwrap().ino();
        (1..4).for_each(die);
        assert_eq!((codes(), std::fs::metadata(&file).unwrap().ino()), (vec![1, 2, 3], first));
        die(4);
        assert_eq!(codes(), [2, 3, 4]);
        std::fs::write(&file, "cut").unwrap();
        die(5);
        assert_eq!(codes(), [5]);
        std::fs::remove_file(&file).unwrap();
        die(6);
        assert_eq!(codes(), [6]);
        std::fs::remove_dir_all(base).unwrap();
    }
}

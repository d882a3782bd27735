//! A live state: which of a database's services are up, in a directory that a link leads to.
//!
//! The file `state` has a byte for each service, in the database's order. A byte is written before
//! a transition begins and after it has ended, so whoever dies in between leaves no lie: the state
//! of that service is not known, and the next one finds out.

pub mod timeline;

use super::compiled::{Db, Id};
use super::update::journal;
use super::{db, lock};
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_RDONLY, O_RDWR};
use timeline::Timeline;

/// It is up.
const UP: u8 = 1;
/// Somebody has asked for it by name, or by that of a bundle, and not only for what depends on it.
const WANTED: u8 = 2;
/// A transition has begun, and nobody has seen its end.
const UNSURE: u8 = 4;

/// How a live state is opened.
#[derive(Clone, Copy, Debug)]
pub struct Access {
    /// It is going to change: nobody else uses it meanwhile.
    pub change: bool,
    /// Locks are taken.
    pub locks: bool,
    /// Whoever has them is waited for.
    pub waits: bool,
}

/// A live state that is open.
#[derive(Debug)]
pub struct Live {
    /// The directory, as it was named.
    pub dir: Vec<u8>,
    /// Its database.
    pub db: Db,
    state: Vec<u8>,
    /// Those whose state nobody knew when their transition began.
    unsure: Vec<Id>,
    /// Wishes have changed that are not on disk yet.
    wishes: bool,
    file: i32,
    locks: [i32; 2],
}

impl Live {
    /// Opens it. Exit codes: 4 the state or the database can't be used, 111 the system said no.
    pub fn open(dir: &[u8], access: Access) -> Result<Live, Fail> {
        super::of_stages(dir);
        let compiled = [dir, b"/compiled"].concat();
        let mut locks = [-1; 2];
        if access.locks {
            locks[0] = take(dir, dir, access.change, access.waits)?;
            if access.change {
                journal::recover(dir).inspect_err(|_| shut(locks[0]))?;
            }
            locks[1] = take(dir, &compiled, false, access.waits).inspect_err(|_| shut(locks[0]))?;
        }
        Live::read(dir, &compiled, access, locks).inspect_err(|_| locks.into_iter().for_each(shut))
    }

    fn read(dir: &[u8], compiled: &[u8], access: Access, locks: [i32; 2]) -> Result<Live, Fail> {
        let db = db::open(compiled)?;
        let path = [dir, b"/state"].concat();
        let mode = if access.change { O_RDWR } else { O_RDONLY };
        let read = sys::fd::open_bytes(&path, mode | O_CLOEXEC, 0)
            .and_then(|fd| sys::fd::read_to_end(fd).map(|all| (fd, all)).inspect_err(|_| shut(fd)));
        let (file, mut state) = read.map_err(|errno| Fail::sys_at("read", &path, errno))?;
        if state.len() < db.len() {
            shut(file);
            let what = format!(
                "unable to read valid state in {}: it has {} bytes, and the database has {} \
                 services\nhelp: was the database replaced? s6-rc-update goes over to another one",
                shown(&path),
                state.len(),
                db.len()
            );
            return Err(Fail::with_code(4, what));
        }
        state.truncate(db.len());
        Ok(Live { dir: dir.to_vec(), db, state, unsure: Vec::new(), wishes: false, file, locks })
    }

    /// Whether a service is up; `None`: nobody knows.
    pub fn up(&self, id: Id) -> Option<bool> {
        let byte = self.state[id as usize];
        (byte & UNSURE == 0).then_some(byte & UP != 0)
    }

    /// Whether a service is up as far as the state tells.
    pub fn is_up(&self, id: Id) -> bool {
        self.state[id as usize] & UP != 0
    }

    /// All that the state says of a service, as it is written down.
    pub fn byte(&self, id: Id) -> u8 {
        self.state[id as usize]
    }

    /// The same for a service that is down: only whether somebody has asked for it.
    pub fn wish_of(&self, id: Id) -> u8 {
        self.byte(id) & WANTED
    }

    /// What somebody has asked for. It is written down with the next state.
    pub fn wish(&mut self, id: Id, up: bool) {
        self.set(id, WANTED, up);
        self.wishes = true;
    }

    /// A transition of the service begins.
    pub fn begin(&mut self, id: Id) -> Result<(), Fail> {
        if self.up(id).is_none() {
            self.unsure.push(id);
        }
        self.set(id, UNSURE, true);
        self.write(id)
    }

    /// It has ended there.
    pub fn end(&mut self, id: Id, up: bool) -> Result<(), Fail> {
        self.set(id, UNSURE, false);
        self.set(id, UP, up);
        self.write(id)
    }

    /// It has failed: the service is what it was, or `down`.
    pub fn fail(&mut self, id: Id, down: bool) -> Result<(), Fail> {
        if down {
            return self.end(id, false);
        }
        self.set(id, UNSURE, self.unsure.contains(&id));
        self.write(id)
    }

    fn set(&mut self, id: Id, bit: u8, on: bool) {
        let byte = &mut self.state[id as usize];
        *byte = if on { *byte | bit } else { *byte & !bit };
    }

    fn write(&mut self, id: Id) -> Result<(), Fail> {
        let (at, bytes) = match std::mem::take(&mut self.wishes) {
            true => (0, &self.state[..]),
            false => (id as usize, &self.state[id as usize..=id as usize]),
        };
        sys::fd::write_at(self.file, bytes, at as i64)
            .map_err(|errno| Fail::sys_at("write", &[&self.dir[..], b"/state"].concat(), errno))
    }

    /// The directory of a longrun.
    pub fn servicedir(&self, id: Id) -> Vec<u8> {
        let name = self.db.service(id).name();
        [&self.dir[..], b"/servicedirs/", name.to_bytes()].concat()
    }

    /// The scan directory in which the longruns are.
    pub fn scandir(&self) -> Vec<u8> {
        [&self.dir[..], b"/scandir"].concat()
    }

    /// Its timeline, to add to.
    pub fn timeline(&self) -> Timeline {
        Timeline::open(&self.dir)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        shut(self.file);
        self.locks.into_iter().for_each(shut);
    }
}

fn shut(fd: i32) {
    if fd >= 0 {
        let _ = sys::fd::close(fd);
    }
}

/// Takes the lock of a live state, or that of its database.
fn take(live: &[u8], dir: &[u8], exclusive: bool, waits: bool) -> Result<i32, Fail> {
    lock::take(dir, exclusive, waits).map_err(|errno| {
        let help = match errno {
            Errno::EBUSY => lock::holder(dir, exclusive).map_or_else(String::new, |pid| {
                format!("\nhelp: process {pid} is using it; with -b its end is waited for")
            }),
            Errno::ENOENT => format!(
                "\nhelp: there is no live state in {}; s6-rc-init makes one, -l says where it is",
                shown(live)
            ),
            _ => String::new(),
        };
        let path = [dir, b"/lock"].concat();
        let what = format!("unable to take locks: {} ({}){help}", sys::reason(errno), shown(&path));
        Fail::with_code(111, what)
    })
}

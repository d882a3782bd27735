//! Opening a database: whatever is in the file, what comes out can be trusted.

use super::{BUNDLE, Db, HEADER, MAGIC, NAME, NONE, SERVICE, VERSION, field, sum};
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_NONBLOCK, O_RDONLY};
use thiserror::Error;

/// Why a directory is no database that can be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Damaged {
    /// The file can't be read.
    #[error("{}", sys::reason(*.0))]
    Unreadable(Errno),
    /// It is something else, for example a database that the original has compiled.
    #[error("it is no database that chainit's s6-rc-compile has made; compile the sources again")]
    Foreign,
    /// It is of another version.
    #[error(
        "it is of version {0}, and this program reads version {VERSION}; compile the sources again"
    )]
    Version(u32),
    /// It has been cut off or changed.
    #[error("it is damaged ({0}); compile the sources again")]
    Broken(&'static str),
}

impl Db {
    /// Opens the database in a directory.
    pub fn open(dir: &[u8]) -> Result<Db, Damaged> {
        let path = [dir, b"/db"].concat();
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
        let fd = sys::fd::open_bytes(&path, flags, 0).map_err(Damaged::Unreadable)?;
        let all = sys::map::whole(fd);
        let _ = sys::fd::close(fd);
        Db::read(all.map_err(Damaged::Unreadable)?)
    }

    /// Opens one that is in memory.
    pub fn read(all: &'static [u8]) -> Result<Db, Damaged> {
        if !all.starts_with(MAGIC) {
            return Err(Damaged::Foreign);
        }
        let mut db = Db { all, services: 0, longruns: 0, bundles: 0, pool: 0, bytes: 0 };
        match db.number(16) {
            VERSION => {}
            other => return Err(Damaged::Version(other)),
        }
        if all.len() < HEADER || db.number(20) as usize != all.len() {
            return Err(Damaged::Broken("its length is not what it says"));
        }
        let told = u64::from(db.number(24)) | u64::from(db.number(28)) << 32;
        if sum(&all[32..]) != told {
            return Err(Damaged::Broken("its checksum is wrong"));
        }
        (db.services, db.longruns, db.bundles) = (db.number(32), db.number(36), db.number(40));
        let room = all.len() / 4;
        let counts = [db.services, db.bundles, db.number(44)].map(|n| n as usize);
        let [services, bundles, pool] = counts;
        if counts.iter().any(|&n| n > room) || db.longruns > db.services {
            return Err(Damaged::Broken("its counts are wrong"));
        }
        let names = services + bundles;
        db.pool = HEADER + (services * SERVICE + bundles * BUNDLE + names * NAME) * 4;
        db.bytes = db.pool + pool * 4;
        if db.bytes > all.len() || all.last() != Some(&0) && db.bytes != all.len() {
            return Err(Damaged::Broken("its counts are wrong"));
        }
        db.check(pool).then_some(db).ok_or(Damaged::Broken("its lists are wrong"))
    }

    /// Whether every place that is named exists.
    fn check(&self, pool: usize) -> bool {
        let bytes = self.all.len() - self.bytes;
        let list = |at: usize| {
            (self.number(at) as usize).saturating_add(self.number(at + 4) as usize) <= pool
        };
        let word = |at: usize| (self.number(at) as usize) < bytes;
        let script = |at: usize| self.number(at + 4) == 0 || word(at) && self.fits(at);
        let service = |s: super::Service| {
            let consumer = s.number(field::CONSUMER);
            word(s.at(field::NAME))
                && [field::DEPENDENCIES, field::DEPENDENTS, field::PRODUCERS]
                    .into_iter()
                    .all(|field| list(s.at(field)))
                && (0..3).all(|i| script(s.at(field::SCRIPTS + i * 2)))
                && (consumer == NONE || consumer < self.longruns)
        };
        let ids = (0..pool).all(|i| self.number(self.pool + i * 4) < self.services);
        let names = self.services + self.bundles;
        let place = |i| self.number(self.bundle_at(self.bundles) + i as usize * NAME * 4);
        ids && (0..names).all(|i| place(i) < names)
            && self.services().all(service)
            && (0..self.bundles).all(|b| word(self.bundle_at(b)) && list(self.bundle_at(b) + 8))
    }

    /// Whether a script has as many words as it says.
    fn fits(&self, at: usize) -> bool {
        let (first, count) = (self.number(at) as usize, self.number(at + 4) as usize);
        let rest = self.all.get(self.bytes + first..).unwrap_or_default();
        rest.iter().filter(|&&b| b == 0).take(count).count() == count
    }
}

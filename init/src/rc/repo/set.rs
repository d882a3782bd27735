//! A set: which services are to be in which state when the machine has booted.

use super::{
    GROUP, PLAIN, Path, Repo, at, discard, fresh, is_internal, join, mkdir, names, relink, to,
    wrong,
};
use crate::rc::compiled::{Db, ESSENTIAL, Entry, Id, RECOMMENDED};
use crate::unique;
use interpreter::word::Fail;
use sys::Errno;

/// What a set wants of a service, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rx {
    /// It is not in the set's database at all.
    Masked,
    /// It is, and can be started.
    Usable,
    /// It is started at boot.
    Active,
    /// It is, because its definition says so.
    Always,
}

impl Rx {
    /// All of them, from least to most.
    pub const ALL: [Rx; 4] = [Rx::Masked, Rx::Usable, Rx::Active, Rx::Always];

    /// The name of its directory.
    pub fn name(self) -> &'static str {
        ["masked", "usable", "active", "always"][self as usize]
    }

    /// What a new set wants of a service with these flags.
    fn of_flags(flags: u32) -> Rx {
        match flags {
            flags if flags & ESSENTIAL != 0 => Rx::Always,
            flags if flags & RECOMMENDED != 0 => Rx::Active,
            _ => Rx::Usable,
        }
    }
}

/// The services of a set, seen beside the reference database.
pub struct Set<'a> {
    /// The repository.
    pub repo: &'a Repo,
    /// Its name.
    pub name: &'a [u8],
    /// All services of the stores.
    pub db: Db,
    /// What the set wants of each service of the database; `None`: the set does not know it.
    pub rx: Vec<Option<Rx>>,
}

impl<'a> Set<'a> {
    /// Reads it. Services that the database does not know are left out.
    pub fn read(repo: &'a Repo, db: Db, name: &'a [u8]) -> Result<Set<'a>, Fail> {
        let mut rx = vec![None; db.len()];
        for state in Rx::ALL {
            for service in repo.services(name, state)? {
                if let Some(Entry::Service(id)) = db.find(service) {
                    rx[id as usize] = Some(state);
                }
            }
        }
        Ok(Set { repo, name, db, rx })
    }

    /// What it wants of a service. Exit code 102 where it does not know it.
    pub fn of(&self, id: Id) -> Result<Rx, Fail> {
        self.rx.get(id as usize).copied().flatten().ok_or_else(|| {
            let (repo, service) = (self.repo.path, self.service(id));
            wrong(
                102,
                &[
                    b"inconsistent view in set ",
                    self.name,
                    b" of repository ",
                    repo,
                    b": service ",
                    service,
                    b" is defined in the reference database but not in the textual representation of \
                      the set\nhelp: s6-rc-repo-sync -r ",
                    repo,
                    b" brings the two together",
                ],
            )
        })
    }

    /// The name of a service.
    pub fn service(&self, id: Id) -> &'static [u8] {
        self.db.service(id).name().to_bytes()
    }

    /// The services that are in a state, but those of s6-rc itself.
    pub fn all(&self, rx: Rx) -> Vec<Id> {
        let ids = (0..).zip(&self.rx).filter(|(_, state)| **state == Some(rx));
        ids.map(|(id, _)| id).filter(|&id| !is_internal(self.service(id))).collect()
    }

    /// Moves services to a state, on disk and here.
    pub fn shift(&mut self, ids: &[Id], new: Rx) -> Result<(), Fail> {
        let (set, repo) = (self.name, self.repo.path);
        let voice = self.repo.voice;
        for &id in ids {
            let old = self.of(id)?;
            let service = self.service(id);
            let place = |rx: Rx| self.repo.below(&[b"sources", set, rx.name().as_bytes(), service]);
            let (from, there) = (place(old), place(new));
            let (old, now) = (old.name().as_bytes(), new.name().as_bytes());
            if sys::fs::access(there, 0).is_ok() {
                let existed = b" already existed in rxset ";
                let of = [b" of set ", set, b" in repository ", repo];
                voice.info(2, &[&[b"service ", service, existed, now], &of[..]].concat());
            }
            sys::fs::rename(from, there).map_err(to("rename", from, there))?;
            let moved = b": successfully moved service ";
            let way = [b", from rxset ", old, b" to rxset ", now, moved, service];
            let place: [&[u8]; 4] = [b"repository ", repo, b", set ", set];
            voice.say(4, "tracing", &[&place[..], &way].concat());
            self.rx[id as usize] = Some(new);
        }
        if !ids.is_empty() {
            self.repo.touch(self.name)?;
        }
        Ok(())
    }
}

/// Can that be what `sources/SET` leads to? It is hidden, and as long as the set's own name makes
/// it, though a set that somebody has given another name keeps the old one there.
pub fn is_home(target: &[u8], set: &[u8]) -> bool {
    let length = b".:".len() + set.len() + unique::LENGTH;
    target.len() == length && target.starts_with(b".") && !target.contains(&b'/')
}

impl Repo {
    /// The names of the services that are in a state in a set.
    pub fn services(&self, set: &[u8], rx: Rx) -> Result<&'static [Vec<u8>], Fail> {
        names(self.below(&[b"sources", set, rx.name().as_bytes()]))
    }

    /// A name like those that sets lead to, which nobody has.
    fn home(&self, set: &[u8], make: &dyn Fn(&[u8]) -> sys::Result<()>) -> sys::Result<Path> {
        fresh(self.below(&[b"sources", join(&[b".", set, b":"])]), make)
    }

    /// The directory of a set, as it is named in `sources`. Exit code 102 where the link leads
    /// elsewhere.
    pub fn home_of(&self, set: &[u8]) -> Result<Path, Fail> {
        let path = self.set(set);
        let target = sys::fs::readlink(path).map_err(at("readlink", path))?;
        if is_home(&target, set) {
            return Ok(target.leak());
        }
        Err(wrong(102, &[b"symlink ", path, b" points to an invalid name"]))
    }

    /// Makes a set with a directory of its own, which `fill` is given the path of: the whole set
    /// comes to be, or nothing. Where the name led before.
    pub fn make_set(
        &self,
        set: &[u8],
        fill: impl FnOnce(&[u8]) -> Result<(), Fail>,
    ) -> Result<Option<Path>, Fail> {
        let home = self.home(set, &|name| sys::fs::mkdir(name, 0o700));
        let home = home.map_err(at("mkdir", self.set(set)))?;
        let path = self.set(set);
        let done = fill(home).and_then(|()| {
            sys::fs::chmod(home, GROUP).map_err(at("chmod", home))?;
            relink(last(home), path).map_err(to("symlink", home, path))
        });
        if done.is_err() {
            discard(home);
        }
        done
    }

    /// The directories of an empty set.
    pub fn empty_set(&self, home: &[u8]) -> Result<(), Fail> {
        Rx::ALL.iter().try_for_each(|rx| mkdir(join(&[home, b"/", rx.name().as_bytes()]), PLAIN))
    }

    /// Takes the services of the stores, but those that are `there` (sorted), into a set: each
    /// where its flags say.
    pub fn fill(&self, db: Db, set: &[u8], there: &[&[u8]]) -> Result<(), Fail> {
        for name in names(self.below(&[b"sources/.atomics"]))? {
            if there.binary_search(&&name[..]).is_ok() {
                continue;
            }
            let Some(Entry::Service(id)) = db.find(name) else {
                let what = b" is not in the reference database\nhelp: s6-rc-repo-sync -r ";
                let what = [b"service ", &name[..], what, self.path, b" makes that anew"];
                return Err(wrong(102, &what));
            };
            let rx = Rx::of_flags(db.service(id).flags()).name().as_bytes();
            let path = self.below(&[b"sources", set, rx, name]);
            let target = join(&[b"../../.atomics/", &name[..]]);
            sys::fs::symlink(target, path).map_err(to("symlink", target, path))?;
        }
        Ok(())
    }

    /// Takes services that are in no store any more out of a set, and new ones in.
    pub fn sync_set(&self, db: Db, set: &[u8]) -> Result<(), Fail> {
        let mut there = Vec::new();
        for rx in Rx::ALL {
            for name in self.services(set, rx)? {
                let path = self.below(&[b"sources", set, rx.name().as_bytes(), name]);
                match sys::fs::access(path, 0) {
                    Ok(()) => there.push(&name[..]),
                    Err(Errno::ENOENT) => {
                        sys::fs::unlink(path).map_err(at("unlink", path))?;
                        let what = b" does not exist anymore, removed from rx ";
                        let rx = rx.name().as_bytes();
                        self.voice.info(3, &[b"service ", name, what, rx, b" of set ", set]);
                    }
                    Err(errno) => return Err(Fail::sys_at("access", path, errno)),
                }
            }
        }
        sys::order::ascending(&mut there);
        self.fill(db, set, &there)
    }
}

/// The last part of a path.
pub fn last(path: &[u8]) -> &[u8] {
    interpreter::resolve::basename(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sets_home_is_beside_it() {
        assert!(is_home(b".a:b:XXXXXX", b"a:b"));
        assert!(is_home(b".b:XXXXXX", b"a"));
        for target in [&b".a:XXXXX"[..], b".a:../../", b"aa:XXXXXX", b".bb:XXXXXX"] {
            assert!(!is_home(target, b"a"), "{}", target.escape_ascii());
        }
    }
}

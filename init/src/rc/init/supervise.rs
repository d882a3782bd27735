//! Longruns of a live state get into the scan directory, and under supervision.

use super::Plan;
use crate::control::ftrig::{self, Subscription};
use crate::control::{client, fifodir};
use crate::rc::compiled::{Db, Kind};
use crate::scan::request;
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use sys::Errno;
use sys::time::Time;

/// Links the service directories of these longruns in the live directory `dir` into the scan
/// directory, and waits until they are supervised. The links go again if that fails.
///
/// A tree of ours is asked once, and its answer says that it has them all. To a real s6-svscan
/// they are told as to anybody's, and each one is listened to.
pub fn begin(
    plan: &Plan,
    dir: &[u8],
    db: &Db,
    names: &[&[u8]],
    deadline: Option<Time>,
) -> core::result::Result<(), Fail> {
    let tree = match request::connect(plan.scandir) {
        Ok(fd) => Some(fd),
        Err(Errno::ENOENT | Errno::ECONNREFUSED) => None,
        Err(errno) => return Err(Fail::sys_at("ask the tree on", plan.scandir, errno)),
    };
    if tree.is_none() {
        possible_elsewhere(plan, db)?;
    }
    let set = Set { plan, dir, names };
    let done = match tree {
        Some(fd) => {
            let done = set.link().and_then(|()| request::scan(fd, deadline).map_err(No::All));
            let _ = sys::fd::close(fd);
            done
        }
        None => set.supervise_elsewhere(deadline).map(|()| false),
    };
    let check = |whole: bool| if whole { Ok(()) } else { set.check() };
    let done = done.map_err(|no| set.fail(no)).and_then(check);
    done.inspect_err(|_| set.unlink())
}

/// A real s6-svscan runs no oneshots and holds no pipes for services.
fn possible_elsewhere(plan: &Plan, db: &Db) -> core::result::Result<(), Fail> {
    let needs = |what: &str, name: &[u8]| {
        let (scandir, name) = (shown(plan.scandir), shown(name));
        Err(Fail::with_code(
            111,
            format!(
                "unable to use {scandir}: no chainit's s6-svscan runs there, and the {what} {name} \
                 needs one\nhelp: run chainit's s6-svscan, or /init, on it; a real s6-svscan can \
                 do with longruns that are in no pipeline"
            ),
        ))
    };
    for service in db.services().filter(|service| !service.is_nominal()) {
        let name = service.name().to_bytes();
        match service.kind() {
            Kind::Oneshot => return needs("oneshot", name),
            Kind::Longrun if service.consumer().is_some() => return needs("producer", name),
            Kind::Longrun => {}
        }
    }
    Ok(())
}

/// Why services are not supervised.
enum No {
    /// All of them, for this reason.
    All(Errno),
    /// This link could not be made.
    Link(Vec<u8>, Errno),
}

impl From<Errno> for No {
    fn from(errno: Errno) -> No {
        No::All(errno)
    }
}

type Result<T> = core::result::Result<T, No>;

struct Set<'a> {
    plan: &'a Plan<'a>,
    dir: &'a [u8],
    names: &'a [&'a [u8]],
}

impl Set<'_> {
    fn place(&self, name: &[u8]) -> Vec<u8> {
        [self.dir, b"/servicedirs/", name].concat()
    }

    fn link_of(&self, name: &[u8]) -> Vec<u8> {
        [self.plan.scandir, b"/", self.plan.prefix, name].concat()
    }

    fn link(&self) -> Result<()> {
        self.names.iter().try_for_each(|name| {
            let (place, link) = (self.place(name), self.link_of(name));
            let linked = match sys::fs::symlink(&place, &link) {
                Err(Errno::EEXIST) if sys::fs::readlink(&link).as_ref() == Ok(&place) => Ok(()),
                Err(Errno::EEXIST) if self.is_left_over(&link) => {
                    sys::fs::unlink(&link).and_then(|()| sys::fs::symlink(&place, &link))
                }
                other => other,
            };
            linked.map_err(|errno| No::Link(link, errno))
        })
    }

    fn fail(&self, no: No) -> Fail {
        let what =
            format!("supervise service directories in {}/servicedirs", shown(self.plan.live));
        match no {
            No::All(errno) => Fail::sys(what, errno),
            No::Link(link, Errno::EEXIST) => Fail::with_code(
                111,
                format!(
                    "unable to {what}: {} is another service\n\
                     help: give the services of this live directory a prefix (-p)",
                    shown(&link)
                ),
            ),
            No::Link(link, errno) => Fail::sys(format!("{what}: symlink {}", shown(&link)), errno),
        }
    }

    /// Is it a link that an init which was killed has left?
    fn is_left_over(&self, link: &[u8]) -> bool {
        let beside = [self.plan.live, b":s6-rc-"].concat();
        let target = sys::fs::readlink(link).unwrap_or_default();
        target.starts_with(&beside) && !client::is_supervised(link).unwrap_or(true)
    }

    /// Takes away the links that lead to these services, and lets the supervisors end that have
    /// begun.
    fn unlink(&self) {
        for name in self.names {
            let link = self.link_of(name);
            if sys::fs::readlink(&link).is_ok_and(|target| target == self.place(name)) {
                let _ = sys::fs::unlink(&link);
            }
        }
        let _ = client::scanctl(self.plan.scandir, b"an");
    }

    fn supervise_elsewhere(&self, deadline: Option<Time>) -> Result<()> {
        let group = Some(sys::process::ids().3);
        let mut beginnings = Vec::with_capacity(self.names.len());
        for name in self.names {
            let events = [&self.place(name)[..], b"/event"].concat();
            fifodir::make(&events, group, false)?;
            beginnings.push(Subscription::plain(&events, c"s")?);
        }
        self.link()?;
        if !client::scanctl(self.plan.scandir, b"a")? {
            return Err(No::All(Errno::ENXIO));
        }
        Ok(ftrig::wait(&mut beginnings, false, deadline)?)
    }

    /// Are they really supervised? Whoever could not begin said why.
    fn check(&self) -> core::result::Result<(), Fail> {
        let is_missing = |name: &&&[u8]| !client::is_supervised(&self.place(name)).unwrap_or(false);
        let missing: Vec<&[u8]> = self.names.iter().filter(is_missing).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (live, names) = (shown(self.plan.live), shown(&missing.join(&b", "[..])));
        Err(Fail::with_code(
            111,
            format!(
                "unable to supervise service directories in {live}/servicedirs: s6-svscan has not \
                 taken up {names}\nhelp: it has written the reason where its messages go"
            ),
        ))
    }
}

//! The change of databases itself: a new live directory, into which the service directories of what
//! goes on are moved, takes the place of the old one.

use super::Update;
use super::plan::Plan;
use crate::control::client;
use crate::control::ftrig::{self, Subscription};
use crate::rc::compiled::{Db, Id, Service};
use crate::rc::init::{self, longruns, make, put_in_place, supervise};
use crate::rc::live::Live;
use crate::rc::lock;
use crate::rc::source::Talk;
use crate::stages::wipe;
use crate::unique;
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use sys::Errno;

/// Switches. The descriptor that holds the new live directory's lock. When it comes back with a
/// failure that has another exit code than 111 the old database is still the one.
pub fn switch(
    update: &Update,
    live: Live,
    new: &Db,
    plan: &mut Plan,
    talk: Talk,
) -> Result<i32, Fail> {
    let old_dir =
        sys::fs::realpath(update.live).map_err(|e| Fail::sys_at("realpath", update.live, e))?;
    let link = [update.live, b"/scandir"].concat();
    let scandir = sys::fs::readlink(&link).map_err(|e| Fail::sys_at("readlink", &link, e))?;
    let file = [update.live, b"/prefix"].concat();
    let prefix = sys::fd::read_file_bytes(&file).map_err(|e| Fail::sys_at("read", &file, e))?;
    keep_essentials(&live, update, plan);
    let site = init::Plan {
        scandir: &scandir,
        compiled: update.compiled,
        live: update.live,
        prefix: &prefix,
    };
    let site = Site { update, site, old: &live, old_dir, new, plan };
    site.check_names()?;
    let dir = site.make()?;
    let held = lock::take(&dir, true, false).map_err(|e| Fail::sys_at("take lock on", &dir, e));
    let placed = held.and_then(|held| site.move_in(&dir).map(|()| held));
    let held = placed.inspect_err(|_| {
        let _ = wipe::remove(&dir);
    })?;
    talk.info(2, || "successfully switched to new database".into());
    site.refresh(&dir)?;
    talk.info(2, || "cleaning up scan directory".into());
    site.supervise(&dir)?;
    site.forget()?;
    Ok(held)
}

/// Essential services that were to be stopped and were not, because nobody forced them, go on if
/// they can.
fn keep_essentials(live: &Live, update: &Update, plan: &mut Plan) {
    let Ok(state) = sys::fd::read_file_bytes(&[update.live, b"/state"].concat()) else { return };
    for (new, from) in plan.from.iter().enumerate() {
        let Some(id) = from.filter(|id| plan.gone[*id as usize]) else { continue };
        let still = state.get(id as usize).is_some_and(|byte| byte & 1 != 0);
        if still && live.db.service(id).is_essential() && plan.start[new] {
            plan.kept[new] = Some(id);
            plan.start[new] = false;
        }
    }
}

struct Site<'a> {
    update: &'a Update<'a>,
    site: init::Plan<'a>,
    old: &'a Live,
    old_dir: Vec<u8>,
    new: &'a Db,
    plan: &'a Plan,
}

impl Site<'_> {
    fn kept(&self, service: &Service) -> Option<Id> {
        self.plan.kept[service.id as usize]
    }

    fn old_place(&self, id: Id) -> Vec<u8> {
        let name = self.old.db.service(id).name();
        [&self.old_dir[..], b"/servicedirs/", name.to_bytes()].concat()
    }

    fn link(&self, service: &Service) -> Vec<u8> {
        [self.site.scandir, b"/", self.site.prefix, service.name().to_bytes()].concat()
    }

    /// No name of the new database's may be somebody else's in the scan directory.
    fn check_names(&self) -> Result<(), Fail> {
        let own = [self.update.live, b":s6-rc-"].concat();
        for service in longruns(self.new) {
            let link = self.link(&service);
            let target = match sys::fs::readlink(&link) {
                Ok(target) => target,
                Err(Errno::ENOENT) => continue,
                Err(_) => Vec::new(),
            };
            if !target.starts_with(&own) && !target.starts_with(&self.old_dir) {
                let link = shown(&link);
                let what = format!(
                    "unable to switch: {link} is another service's name in the scan directory\n\
                     help: rename the new service, or remove the other one"
                );
                return Err(Fail::Bad { code: 9, what });
            }
        }
        Ok(())
    }

    /// Makes the new live directory, without the service directories that are to be moved.
    fn make(&self) -> Result<Vec<u8>, Fail> {
        let wanted = |service: &Service| {
            let from = self.plan.from[service.id as usize];
            from.map_or(0, |id| self.old.wish_of(id))
        };
        let state: Vec<u8> = self
            .new
            .services()
            .map(|service| match self.kept(&service) {
                Some(id) => self.old.byte(id),
                None => wanted(&service),
            })
            .collect();
        let copied = |service: &Service| self.kept(service).is_none();
        make::directory_with(&self.site, "s6-rc-update", self.new, &state, &copied)
    }

    /// Moves in what goes on, and lets the live link lead here. All is moved back if that fails.
    fn move_in(&self, dir: &[u8]) -> Result<(), Fail> {
        let mut moved: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        let mut go = || {
            for service in longruns(self.new) {
                let Some(id) = self.kept(&service) else { continue };
                let to = [dir, b"/servicedirs/", service.name().to_bytes()].concat();
                let from = self.old_place(id);
                sys::fs::rename(&from, &to).map_err(|e| Fail::sys_at("move", &from, e))?;
                moved.push((from, to));
            }
            put_in_place(dir, self.update.live)
        };
        go().inspect_err(|_| {
            for (from, to) in moved.iter().rev() {
                let _ = sys::fs::rename(to, from);
            }
        })
    }

    /// Gives what goes on the files of its new definition, and all members of pipelines the names
    /// of their pipes: a reader that goes on keeps its pipe, whatever its own name is now.
    fn refresh(&self, dir: &[u8]) -> Result<(), Fail> {
        let timeline = |dir: &[u8]| [dir, b"/timeline"].concat();
        let _ = sys::fs::rename(&timeline(&self.old_dir), &timeline(dir));
        let servicedirs = [dir, b"/servicedirs"].concat();
        let copier = make::Copier::new(self.update.compiled, &servicedirs)
            .map_err(|e| Fail::sys_at("copy from", self.update.compiled, e))?;
        let place = |name: &[u8]| [&servicedirs[..], b"/", name].concat();
        let mut pipes: Vec<(Id, Vec<u8>)> = Vec::new();
        for service in longruns(self.new).filter(|s| self.kept(s).is_some()) {
            let path = [&place(service.name().to_bytes())[..], b"/stdin-from"].concat();
            if let (true, Ok(pipe)) =
                (service.producers().len() > 0, sys::fd::read_file_bytes(&path))
            {
                pipes.push((service.id, pipe));
            }
        }
        for service in longruns(self.new).filter(|s| s.producers().len() > 0) {
            if pipes.iter().any(|(id, _)| *id == service.id) {
                continue;
            }
            let mut name = [self.site.prefix, service.name().to_bytes(), b"\n"].concat();
            while pipes.iter().any(|(_, taken)| *taken == name) {
                name.pop();
                name.extend_from_slice(b":\n");
            }
            pipes.push((service.id, name));
        }
        for service in longruns(self.new) {
            if self.kept(&service).is_some() {
                copier.refresh(&service)?;
            }
            let to = place(service.name().to_bytes());
            let pipe = |id: Id| pipes.iter().find(|(of, _)| *of == id).map(|(_, name)| &name[..]);
            let ends = [
                (&b"/stdin-from"[..], pipe(service.id)),
                (b"/stdout-to", service.consumer().and_then(pipe)),
            ];
            for (file, name) in ends {
                let path = [&to[..], file].concat();
                make::set(&path, name).map_err(|e| Fail::sys_at("write", &path, e))?;
            }
        }
        Ok(())
    }

    /// The scan directory's links lead to the new live directory, and all that is in it is
    /// supervised.
    fn supervise(&self, dir: &[u8]) -> Result<(), Fail> {
        let mut fresh: Vec<&[u8]> = Vec::new();
        for service in longruns(self.new) {
            let name = service.name().to_bytes();
            let place = [dir, b"/servicedirs/", name].concat();
            let link = self.link(&service);
            relink(&place, &link).map_err(|e| Fail::sys_at("symlink", &link, e))?;
            if self.kept(&service).is_none() {
                fresh.push(name);
            }
        }
        for service in longruns(&self.old.db) {
            let link = self.link(&service);
            let own = sys::fs::readlink(&link).is_ok_and(|to| to.starts_with(&self.old_dir));
            if own {
                let _ = sys::fs::unlink(&link);
            }
        }
        supervise::begin(&self.site, dir, self.new, &fresh, self.update.until)
    }

    /// Lets the supervisors of what is not there any more end, and removes the old directory.
    fn forget(&self) -> Result<(), Fail> {
        let mut ends = Vec::new();
        for service in longruns(&self.old.db) {
            let dir = self.old_place(service.id);
            let events = [&dir[..], b"/event"].concat();
            if let Ok(end) = Subscription::plain(&events, c"x")
                && client::is_supervised(&dir).unwrap_or(false)
            {
                ends.push(end);
            }
        }
        let told = client::scanctl(self.site.scandir, b"an");
        if !ends.is_empty() && told == Ok(true) {
            ftrig::wait(&mut ends, false, self.update.until)
                .map_err(|e| Fail::sys("wait for the supervisors of services that are gone", e))?;
        }
        drop(ends);
        let _ = wipe::remove(&self.old_dir);
        Ok(())
    }
}

/// Lets a name in a scan directory lead elsewhere in one step: a scan meanwhile sees the one or the
/// other, and nothing else.
fn relink(target: &[u8], link: &[u8]) -> sys::Result<()> {
    let cut = link.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    let hidden = [&link[..cut], b".", &link[cut..], b":"].concat();
    let new = unique::make(&hidden, |new| sys::fs::symlink(target, new))?;
    sys::fs::rename(&new, link)
}

//! The change of databases itself: a new live directory, into which the service directories of what
//! goes on are moved, takes the place of the old one.

use super::Update;
use super::finish::Finish;
use super::journal;
use super::plan::Plan;
use crate::rc::compiled::{Db, Id, Service};
use crate::rc::init::{self, longruns, make, put_in_place};
use crate::rc::live::Live;
use crate::rc::lock;
use crate::rc::source::Talk;
use crate::stages::wipe;
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
        own: false,
    };
    let site = Site { update, site, old: &live, old_dir, new, plan };
    site.check_names()?;
    journal::sweep(update.live, &site.old_dir);
    let dir = site.make()?;
    let held = lock::take(&dir, true, false).map_err(|e| Fail::sys_at("take lock on", &dir, e));
    let held = held.inspect_err(|_| {
        let _ = wipe::remove(&dir);
    })?;
    site.move_in(&dir)?;
    talk.info(2, || "successfully switched to new database".into());
    let kept = |service: &Service| site.kept(service).is_some();
    let (site, until) = (&site, update.until);
    let finish =
        Finish { site: &site.site, dir: &dir, old_dir: &site.old_dir, new, kept: &kept, until };
    finish.refresh()?;
    talk.info(2, || "cleaning up scan directory".into());
    finish.supervise()?;
    finish.forget()?;
    journal::end(&dir).map_err(|e| Fail::sys_at("unlink the file switch in", &dir, e))?;
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
                return Err(Fail::with_code(9, what));
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
        let moves = longruns(self.new).filter_map(|service| {
            let to = [dir, b"/servicedirs/", service.name().to_bytes()].concat();
            Some((self.old_place(self.kept(&service)?), to))
        });
        let moves: Vec<_> = moves.collect();
        let go = || {
            journal::begin(&self.old_dir, dir, &moves)
                .map_err(|e| Fail::sys_at("write the file switch in", dir, e))?;
            for (from, to) in &moves {
                sys::fs::rename(from, to).map_err(|e| Fail::sys_at("move", from, e))?;
            }
            put_in_place(dir, self.update.live)
        };
        go().inspect_err(|_| {
            let _ = journal::go_back(&self.old_dir, dir, &moves);
        })
    }
}

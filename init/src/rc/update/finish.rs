//! What follows when a live link leads to a new live directory: its services get the files of their
//! new definitions and the names of their pipes, the scan directory leads to them, and what has
//! gone ends. Every step can be done again: a switch that was cut short is brought to its end so.

use crate::control::client;
use crate::control::ftrig::{self, Subscription};
use crate::rc::compiled::{Db, Id, Service};
use crate::rc::init::{Plan, longruns, make, supervise};
use crate::stages::wipe;
use crate::unique;
use interpreter::word::Fail;
use sys::time::Time;

pub struct Finish<'a> {
    /// Where all of it is.
    pub site: &'a Plan<'a>,
    /// The new live directory.
    pub dir: &'a [u8],
    pub old_dir: &'a [u8],
    pub new: &'a Db,
    /// The service directory comes from the old one.
    pub kept: &'a dyn Fn(&Service) -> bool,
    pub until: Option<Time>,
}

impl Finish<'_> {
    fn place(&self, service: &Service) -> Vec<u8> {
        [self.dir, b"/servicedirs/", service.name().to_bytes()].concat()
    }

    /// The service's name in the scan directory.
    fn link(&self, service: &Service) -> Vec<u8> {
        [self.site.scandir, b"/", self.site.prefix, service.name().to_bytes()].concat()
    }

    /// Gives what goes on the files of its new definition, and all members of pipelines the names
    /// of their pipes: a reader that goes on keeps its pipe, whatever its own name is now.
    pub fn refresh(&self) -> Result<(), Fail> {
        let timeline = |dir: &[u8]| [dir, b"/timeline"].concat();
        let _ = sys::fs::rename(&timeline(self.old_dir), &timeline(self.dir));
        let servicedirs = [self.dir, b"/servicedirs"].concat();
        let copier = make::Copier::new(self.site.compiled, &servicedirs)
            .map_err(|e| Fail::sys_at("copy from", self.site.compiled, e))?;
        let mut pipes: Vec<(Id, Vec<u8>)> = Vec::new();
        for service in longruns(self.new).filter(|s| (self.kept)(s)) {
            let path = [&self.place(&service)[..], b"/stdin-from"].concat();
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
            if (self.kept)(&service) {
                copier.refresh(&service)?;
            }
            let to = self.place(&service);
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
    pub fn supervise(&self) -> Result<(), Fail> {
        let mut fresh: Vec<&[u8]> = Vec::new();
        for service in longruns(self.new) {
            let (place, link) = (self.place(&service), self.link(&service));
            relink(&place, &link).map_err(|e| Fail::sys_at("symlink", &link, e))?;
            if !(self.kept)(&service) {
                fresh.push(service.name().to_bytes());
            }
        }
        let below = [self.old_dir, b"/"].concat();
        let names = sys::fs::list(self.site.scandir);
        for name in names.map_err(|e| Fail::sys_at("read", self.site.scandir, e))? {
            let link = [self.site.scandir, b"/", &name].concat();
            let to = sys::fs::readlink(&link).unwrap_or_default();
            // A hidden one is what somebody who was killed was about to put in place.
            if to.starts_with(&below) || name.first() == Some(&b'.') && to.starts_with(self.dir) {
                let _ = sys::fs::unlink(&link);
            }
        }
        supervise::begin(self.site, self.dir, self.new, &fresh, self.until)
    }

    /// Lets the supervisors of what is not there any more end, and removes the old directory.
    pub fn forget(&self) -> Result<(), Fail> {
        let mut ends = Vec::new();
        let places = [self.old_dir, b"/servicedirs"].concat();
        for name in sys::fs::list(&places).unwrap_or_default() {
            let dir = [&places[..], b"/", &name].concat();
            let events = [&dir[..], b"/event"].concat();
            if let Ok(end) = Subscription::plain(&events, c"x")
                && client::is_supervised(&dir).unwrap_or(false)
            {
                ends.push(end);
            }
        }
        let told = client::scanctl(self.site.scandir, b"an");
        if !ends.is_empty() && told == Ok(true) {
            ftrig::wait(&mut ends, false, self.until)
                .map_err(|e| Fail::sys("wait for the supervisors of services that are gone", e))?;
        }
        drop(ends);
        let _ = wipe::remove(self.old_dir);
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

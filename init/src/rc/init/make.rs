//! A live directory: the state of a database's services, and the service directories of its
//! longruns.

use super::existing::{MARK, mark};
use super::{Plan, longruns};
use crate::rc::compiled::{Db, Service};
use crate::rc::crew;
use crate::stages::copy::{Bad, Copy};
use crate::stages::wipe;
use crate::unique;
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use sys::fd::{O_CLOEXEC, O_CREAT, O_EXCL, O_WRONLY};
use sys::{Errno, Result};

/// Makes the directory `LIVE:WHO:XXXXXX` beside the place of the live state, with all that is in
/// it; its path. Its services have these states (1: up), and stay down when they are supervised.
/// Nothing is left if that fails.
pub fn directory(
    plan: &Plan,
    who: &str,
    db: &Db,
    state: &[u8],
) -> core::result::Result<Vec<u8>, Fail> {
    directory_with(plan, who, db, state, &|_| true)
}

/// [`directory`], with those service directories alone that are chosen.
pub fn directory_with(
    plan: &Plan,
    who: &str,
    db: &Db,
    state: &[u8],
    chosen: &dyn Fn(&Service) -> bool,
) -> core::result::Result<Vec<u8>, Fail> {
    let prefix = [plan.live, b":", who.as_bytes(), b":"].concat();
    let umask = sys::fs::umask(0);
    let made = unique::make(&prefix, |dir| sys::fs::mkdir(dir, 0o755))
        .map_err(|errno| Fail::sys_at("create live directory", plan.live, errno));
    let made = made.and_then(|dir| match fill(plan, &dir, db, state, chosen) {
        Ok(()) => Ok(dir),
        Err(fail) => {
            let _ = wipe::remove(&dir);
            Err(fail)
        }
    });
    sys::fs::umask(umask);
    made
}

fn fill(
    plan: &Plan,
    dir: &[u8],
    db: &Db,
    state: &[u8],
    chosen: &dyn Fn(&Service) -> bool,
) -> core::result::Result<(), Fail> {
    let failed = |errno| Fail::sys_at("create live directory", dir, errno);
    let below = |name: &str| [dir, b"/", name.as_bytes()].concat();
    sys::fs::symlink(plan.compiled, &below("compiled")).map_err(failed)?;
    sys::fs::symlink(plan.scandir, &below("scandir")).map_err(failed)?;
    for (name, content) in [("prefix", plan.prefix), ("state", state), ("lock", b"")] {
        file(&below(name), content).map_err(failed)?;
    }
    if longruns(db).next().is_none() {
        file(&[dir, b"/", MARK].concat(), &mark(plan.scandir)).map_err(failed)?;
    }
    let to = below("servicedirs");
    sys::fs::mkdir(&to, 0o755).map_err(failed)?;
    let mut copier = Copier::new(plan.compiled, &to).map_err(failed)?;
    copier.links = plan.own;
    let chosen: Vec<Service> = longruns(db).filter(chosen).collect();
    let copy = |part: &[Service]| part.iter().try_for_each(|s| copier.copy(s, plan.prefix));
    crew::share(&chosen, copy).into_iter().collect()
}

/// Writes a new file.
fn file(path: &[u8], content: &[u8]) -> Result<()> {
    let fd = sys::fd::open_bytes(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)?;
    let written = sys::fd::write_all(fd, content);
    written.and(sys::fd::close(fd))
}

/// Copies service directories out of a database.
pub struct Copier {
    how: Copy,
    from: Vec<u8>,
    to: Vec<u8>,
    /// Files need not be other ones than the database's.
    links: bool,
}

impl Copier {
    /// From a database to the directory `to`. Where nothing under that can be exec'd, programs
    /// become links to the database itself, wherever a link to it may lead later.
    pub fn new(compiled: &[u8], to: &[u8]) -> Result<Copier> {
        let how = Copy { link_programs: sys::fs::is_noexec(to).unwrap_or(false) };
        let compiled = match how.link_programs {
            true => sys::fs::realpath(compiled)?,
            false => compiled.to_vec(),
        };
        let from = [&compiled[..], b"/servicedirs"].concat();
        Ok(Copier { how, from, to: to.to_vec(), links: false })
    }

    /// Copies a longrun's, and adds the file `down`.
    pub fn copy(&self, service: &Service, prefix: &[u8]) -> core::result::Result<(), Fail> {
        let name = service.name().to_bytes();
        let [from, to] = [&self.from, &self.to].map(|dir| [dir, &b"/"[..], name].concat());
        let copied = self.how.directory(&from, &to, self.links, Some(c"down"));
        copied.map_err(|Bad { path, errno }| {
            let (from, to) = (shown(&from), shown(&to));
            let what = format!("recursively copy {from} to {to}");
            let why = sys::reason(errno);
            Fail::with_code(111, format!("unable to {what}: {}: {why}", shown(&path)))
        })?;
        let named = |errno| Fail::sys_at("write in", &to, errno);
        rename_pipes(service, &to, prefix).map_err(named)
    }
}

/// Files of a definition that a service directory may lack. What else is there is the service's own.
const OPTIONAL: [&str; 13] = [
    "data",
    "down-signal",
    "env",
    "finish",
    "flag-newpidns",
    "flag-timeout-killpg",
    "lock-fd",
    "max-death-tally",
    "notification-fd",
    "reload-signal",
    "template",
    "timeout-finish",
    "timeout-kill",
];

impl Copier {
    /// Gives a service directory that is in use the files of its new definition, each in one step.
    pub fn refresh(&self, service: &Service) -> core::result::Result<(), Fail> {
        let name = service.name().to_bytes();
        let [from, to] = [&self.from, &self.to].map(|dir| [dir, &b"/"[..], name].concat());
        self.refresh_dir(&from, &to).map_err(|Bad { path, errno }| {
            Fail::sys_at("bring the service directory up to date:", &path, errno)
        })
    }

    fn refresh_dir(&self, from: &[u8], to: &[u8]) -> core::result::Result<(), Bad> {
        let at = |path: &[u8]| {
            let path = path.to_vec();
            move |errno| Bad { path, errno }
        };
        let names = sys::fs::list(from).map_err(at(from))?;
        for name in &names {
            let below = |dir: &[u8]| [dir, b"/", name].concat();
            // Pipes are named by who knows which ones go on; instances are what somebody has made.
            if matches!(&name[..], b"stdin-from" | b"stdout-to" | b"instance" | b"instances") {
                continue;
            }
            let new = [&below(to)[..], b":new"].concat();
            wipe::remove(&new).map_err(at(&new))?;
            self.how.tree(&below(from), &new)?;
            replace(&new, &below(to)).map_err(at(&below(to)))?;
        }
        for name in OPTIONAL.iter().filter(|name| !names.iter().any(|n| n == name.as_bytes())) {
            let path = [to, b"/", name.as_bytes()].concat();
            wipe::remove(&path).map_err(at(&path))?;
        }
        let template = [from, b"/template"].concat();
        let instances = [to, b"/instances"].concat();
        if sys::fs::stat_bytes(&template).is_ok() {
            for name in sys::fs::list(&instances).unwrap_or_default() {
                self.refresh_dir(&template, &[&instances[..], b"/", &name].concat())?;
            }
        }
        Ok(())
    }
}

/// Puts something new in the place of something else, which need not be there.
fn replace(new: &[u8], path: &[u8]) -> Result<()> {
    match sys::fs::rename(new, path) {
        Err(Errno::ENOTEMPTY | Errno::EEXIST | Errno::EISDIR | Errno::ENOTDIR) => {}
        other => return other,
    }
    let old = [path, b":old"].concat();
    wipe::remove(&old)?;
    sys::fs::rename(path, &old)?;
    sys::fs::rename(new, path)?;
    wipe::remove(&old)
}

/// Gives a small file this content, in one step, or takes it away.
pub fn set(path: &[u8], content: Option<&[u8]>) -> Result<()> {
    let Some(content) = content else {
        return match sys::fs::unlink(path) {
            Err(Errno::ENOENT) => Ok(()),
            other => other,
        };
    };
    if sys::fd::read_file_bytes(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let new = [path, b":new"].concat();
    wipe::remove(&new)?;
    file(&new, content)?;
    sys::fs::rename(&new, path)
}

/// A live state's prefix is part of its pipes' names, because the tree may hold those of others.
fn rename_pipes(service: &Service, dir: &[u8], prefix: &[u8]) -> Result<()> {
    if prefix.is_empty() || service.consumer().is_none() && service.producers().len() == 0 {
        return Ok(());
    }
    for name in [&b"/stdin-from"[..], b"/stdout-to"] {
        let path = [dir, name].concat();
        match sys::fd::read_file_bytes(&path) {
            Ok(pipe) => set(&path, Some(&[prefix, &pipe].concat()))?,
            Err(Errno::ENOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

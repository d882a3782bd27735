//! Databases of a repository: compiled under a name of their own, which a link then leads to.

use super::set::last;
use super::{Path, Repo, at, discard, fresh, join, relink, to, wrong};
use crate::rc::compile;
use crate::rc::compiled::Db;
use crate::rc::source::{self, Fault, Flaw, Talk};
use crate::unique;
use interpreter::word::Fail;
use sys::Errno;

impl Repo {
    /// Compiles source directories, named as in `sources`, into the database `name`. The path of
    /// the one that it takes the place of. Exit code 1 where the definitions are at fault.
    pub fn compile(&self, name: &[u8], sources: &[&[u8]]) -> Result<Option<Path>, Fail> {
        let label = sys::tai::timestamp(sys::time::now());
        let prefix = self.below(&[b"compiled", join(&[b".", name, b":", &label, b":"])]);
        let free = |path: &[u8]| match sys::fs::lstat_bytes(path) {
            Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(errno),
            Ok(_) => Err(Errno::EEXIST),
        };
        let new = fresh(prefix, &free).map_err(at("mkntemp", prefix))?;
        let sources: Vec<_> = sources.iter().map(|dir| self.below(&[b"sources", dir])).collect();
        let talk = Talk { who: compile::COMMAND.name, verbosity: self.voice.level };
        let mut faults = compile::compile(&sources, &[], new, talk);
        // That no service is in some state is nothing to be warned of.
        faults.retain(|fault| fault.flaw != Flaw::Empty);
        for fault in &mut faults {
            for dir in &sources {
                in_store(fault, dir);
            }
        }
        compile::tell(&faults, talk);
        if let Some(code) = source::code(&faults) {
            return Err(wrong(
                code,
                &[b"s6-rc-compile exited with code ", code.to_string().as_bytes()],
            ));
        }
        self.put(new, name).inspect_err(|_| discard(new))
    }

    /// Lets the link lead to a database that is there.
    fn put(&self, new: &[u8], name: &[u8]) -> Result<Option<Path>, Fail> {
        // A set's stamp has the time of the kernel's last tick, and so would this, which may be the
        // same; it is to be the younger one.
        sys::fs::set_mtime(new, sys::time::now()).map_err(at("touch", new))?;
        let path = self.below(&[b"compiled", name]);
        let old = relink(last(new), path);
        let old = old.map_err(to("atomically symlink", last(new), path))?;
        Ok(old.map(|old| self.below(&[b"compiled", old])))
    }

    /// Has nothing changed in a set since it was compiled? What the original has compiled counts
    /// for nothing.
    pub fn is_up_to_date(&self, set: &[u8]) -> Result<bool, Fail> {
        let stamp = join(&[self.set(set), b"/.stamp"]);
        let compiled = self.below(&[b"compiled", set]);
        let changed = sys::fs::stat_bytes(stamp).map_err(at("stat", stamp))?;
        match sys::fs::stat_bytes(compiled) {
            Err(Errno::ENOENT) => Ok(false),
            Err(errno) => Err(Fail::sys_at("stat", compiled, errno)),
            Ok(made) => Ok((changed.mtime, changed.mtime_nsec) < (made.mtime, made.mtime_nsec)
                && Db::open(compiled).is_ok()),
        }
    }
}

/// Is that the name of a database of the set (and not of one whose name begins like it)?
pub fn is_database(name: &[u8], set: &[u8]) -> bool {
    let rest = name.strip_prefix(b".").and_then(|rest| rest.strip_prefix(set));
    let Some([b':', rest @ ..]) = rest else { return false };
    rest.len() == 25 + 1 + unique::LENGTH && sys::tai::is_timestamp(rest) && rest[25] == b':'
}

/// A definition was read through a link, which may be gone by the time that somebody looks for
/// it: names the file that the link leads to.
fn in_store(fault: &mut Fault, dir: &[u8]) {
    fault.place = resolved(&fault.place, dir);
    for text in fault.help.iter_mut().chain([&mut fault.what]) {
        *text = String::from_utf8(resolved(text.as_bytes(), dir)).unwrap_or_default();
    }
}

fn resolved(text: &[u8], dir: &[u8]) -> Vec<u8> {
    let mut done = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(dir.len() + 1).position(|part| part == join(&[dir, b"/"])) {
        let name = &rest[at + dir.len() + 1..];
        let end = name.iter().position(|b| b"/: \n,;".contains(b)).unwrap_or(name.len());
        let path = &rest[at..at + dir.len() + 1 + end];
        done.extend_from_slice(&rest[..at]);
        done.extend(sys::fs::realpath(path).unwrap_or(path.to_vec()));
        rest = &name[end..];
    }
    done.extend_from_slice(rest);
    done
}

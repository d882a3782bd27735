//! Writes a database: beside its place first, and then there in one instant.

use super::super::compiled::build::{Set, build};
use super::super::crew;
use super::super::source::{Definition, Fault, Kind, Part, Sources};
use crate::control::instance::copy;
use crate::stages::wipe;
use crate::unique;
use std::ffi::CStr;
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_RDONLY, O_WRONLY};

/// Writes the database. What was begun is gone if that fails.
pub fn write(sources: &Sources, set: &Set, to: &[u8]) -> Result<(), Fault> {
    let end = to.iter().rposition(|&b| b != b'/').map_or(0, |at| at + 1);
    let place = if end == 0 { to } else { &to[..end] };
    if sys::fs::lstat_bytes(place).is_ok() {
        return Err(Fault::sys("mkdir", to, Errno::EEXIST)
            .help("a database is never written over: give another name, and let s6-rc-update go over to it"));
    }
    let cut = place.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    let hidden = [&place[..cut], b".", &place[cut..], b":"].concat();
    let new = unique::make(&hidden, |new| sys::fs::mkdir(new, 0o755))
        .map_err(|errno| Fault::sys("mkdir", to, errno))?;
    let done = fill(sources, set, &new, to).and_then(|()| {
        sys::fs::rename(&new, place).map_err(|errno| Fault::sys("mkdir", to, errno))
    });
    if done.is_err() {
        let _ = wipe::remove(&new);
    }
    done
}

fn fill(sources: &Sources, set: &Set, new: &[u8], to: &[u8]) -> Result<(), Fault> {
    let failed = |verb: &'static str, file: &str| {
        let path = [to, file.as_bytes()].concat();
        move |errno| Fault::sys(verb, &path, errno)
    };
    let fd = sys::fd::open_bytes(new, DIR, 0).map_err(failed("open", ""))?;
    let written = || -> Result<(), Fault> {
        write_new(fd, c"lock", b"", 0o644).map_err(failed("write to", "/lock"))?;
        write_new(fd, c"db", &build(set), 0o644).map_err(failed("write to", "/db"))?;
        sys::at::mkdir(fd, c"servicedirs", 0o755).map_err(failed("mkdir", "/servicedirs"))?;
        let dirs =
            sys::fd::openat(fd, c"servicedirs", DIR, 0).map_err(failed("open", "/servicedirs"))?;
        let noexec = sys::fs::is_noexec(new).unwrap_or(false);
        let done = crew::share(&sources.definitions, |part| {
            let mut longruns = part.iter().filter(|def| def.kind == Kind::Longrun);
            longruns.try_for_each(|def| servicedir(sources, def, (dirs, noexec), new))
        });
        let done = done.into_iter().collect();
        let _ = sys::fd::close(dirs);
        done
    };
    let done = written();
    let _ = sys::fd::close(fd);
    done
}

const DIR: i32 = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// Writes the service directory of a longrun. `dirs`: where, and whether nothing can be exec'd there.
fn servicedir(
    sources: &Sources,
    def: &Definition,
    (dirs, noexec): (i32, bool),
    new: &[u8],
) -> Result<(), Fault> {
    let failed = |file: &str, errno| Fault::sys("copy", &def.path(&sources.dirs, file), errno);
    let dir = |name: &str| below(def, name, |path| sys::at::mkdir(dirs, path, 0o755));
    let file = |name: &str, content: &[u8], mode| {
        below(def, name, |path| write_new(dirs, path, content, mode))
    };
    dir("").map_err(|errno| failed("", errno))?;
    for (name, part) in &def.parts {
        let mode = if matches!(*name, "run" | "finish") { 0o755 } else { 0o644 };
        let from = || def.path(&sources.dirs, name);
        let to = || [new, b"/servicedirs/", &def.name, b"/", name.as_bytes()].concat();
        match part {
            Part::File(_) | Part::Big if noexec && mode == 0o755 && stays(part, &from()) => {
                sys::fs::realpath(&from()).and_then(|program| sys::fs::symlink(&program, &to()))
            }
            Part::File(content) => file(name, content, mode),
            Part::Big => copy::file(&from(), &to(), mode),
            Part::Tree => copy::tree(&from(), &to(), &|_, _| false),
        }
        .map_err(|errno| failed(name, errno))?;
    }
    for (name, content) in extras(def) {
        match content {
            Some(content) => file(name, &content, 0o644),
            None => dir(name),
        }
        .map_err(|errno| failed("", errno))?;
    }
    Ok(())
}

/// A machine's program (scripts are seldom so big) that a noexec database could not run, and that can
/// be run where it is.
fn stays(part: &Part, from: &[u8]) -> bool {
    let program = match part {
        Part::File(content) => content.starts_with(b"\x7fELF"),
        _ => true,
    };
    program
        && !sys::fs::is_noexec(from).unwrap_or(true)
        && sys::fs::eaccess(from, sys::fs::X_OK).is_ok()
}

/// Does something with the path of a file of a service, as seen from the service directories.
fn below<T>(
    def: &Definition,
    file: &str,
    then: impl FnOnce(&CStr) -> sys::Result<T>,
) -> sys::Result<T> {
    sys::with_cstr(&[&def.name, &b"/"[..], file.as_bytes()].concat(), then)
}

/// What a service directory has that its definition has not: the name of the pipe that is its
/// standard output, and of that which is its standard input; the directories of instances. None:
/// a directory.
fn extras(def: &Definition) -> impl Iterator<Item = (&'static str, Option<Vec<u8>>)> {
    let line = |name: &[u8]| Some([name, b"\n"].concat());
    let consumer = def.producer_for.names.first();
    let producers = def.consumer_for.names.first();
    let has = |file: &str| def.parts.iter().any(|(name, _)| *name == file);
    let instanced = has("template");
    [
        consumer.map(|named| ("stdout-to", line(&named.name))),
        producers.map(|_| ("stdin-from", line(&def.name))),
        (instanced && !has("instances")).then_some(("instances", None)),
        (instanced && !has("instance")).then_some(("instance", None)),
    ]
    .into_iter()
    .flatten()
}

/// Writes a new file.
fn write_new(dir: i32, name: &CStr, content: &[u8], mode: u32) -> sys::Result<()> {
    let fd = sys::fd::openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)?;
    let written = sys::fd::write_all(fd, content);
    let closed = sys::fd::close(fd);
    written.and(closed)
}

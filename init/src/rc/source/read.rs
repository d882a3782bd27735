//! Reads source directories: which definitions there are, and each of them.

use super::reader::{DIR, KEPT, Reader};
use super::{Definition, Fault, Flaw, Kind, Sources, is_reserved};
use crate::rc::crew;
use interpreter::diagnose::shown;
use std::ffi::CString;
use sys::Errno;
use sys::at::{Type, each_entry};

/// What is said while the work goes on.
#[derive(Clone, Copy, Debug)]
pub struct Talk {
    /// Whose name is in front.
    pub who: &'static str,
    /// How much is said: 1 warnings, 2 steps, 3 each definition.
    pub verbosity: u32,
}

impl Talk {
    /// Says something to those who want to hear as much.
    pub fn info(&self, loudness: u32, what: impl FnOnce() -> String) {
        self.say(loudness, "info", what);
    }

    /// Warns those who want to hear as much.
    pub fn warn(&self, loudness: u32, what: impl FnOnce() -> String) {
        self.say(loudness, "warning", what);
    }

    /// What [`Talk::info`] would write.
    pub fn line(&self, loudness: u32, what: impl FnOnce() -> String) -> Option<String> {
        self.make(loudness, "info", what)
    }

    fn make(&self, loudness: u32, level: &str, what: impl FnOnce() -> String) -> Option<String> {
        let heard = self.verbosity >= loudness;
        heard.then(|| format!("{}: {level}: {}\n", self.who, what()))
    }

    fn say(&self, loudness: u32, level: &str, what: impl FnOnce() -> String) {
        if let Some(line) = self.make(loudness, level, what) {
            let _ = sys::fd::write_all(2, line.as_bytes());
        }
    }
}

/// Reads all definitions of these directories.
pub fn read(dirs: &[&[u8]], talk: Talk, faults: &mut Vec<Fault>) -> Sources {
    read_with(dirs, &[], talk, faults)
}

/// The same, where some names are those of bundles if nobody says otherwise: their definition
/// need not have a type or contents, nor be there at all, and in more than one directory they
/// have together what each says.
pub fn read_with(
    dirs: &[&[u8]],
    bundles: &[&[u8]],
    talk: Talk,
    faults: &mut Vec<Fault>,
) -> Sources {
    let mut sources = read_dirs(dirs, bundles, talk, faults);
    for &name in bundles {
        join(&mut sources.definitions, name);
    }
    sources
}

/// Makes one of all definitions of a bundle, where the first one is.
fn join(definitions: &mut Vec<Definition>, name: &[u8]) {
    let Some(first) = definitions.iter().position(|def| def.name == name) else {
        let mut def = Definition::new(name.to_vec(), 0);
        def.kind = Kind::Bundle;
        return definitions.push(def);
    };
    let is_other = |def: &Definition| def.name == name && def.kind == Kind::Bundle;
    while definitions[first].kind == Kind::Bundle {
        let others = &definitions[first + 1..];
        let Some(other) = others.iter().position(is_other) else { return };
        let other = definitions.remove(first + 1 + other);
        let def = &mut definitions[first];
        if def.list.file.is_empty() {
            (def.source, def.list.file) = (other.source, other.list.file);
        }
        for named in other.list.names {
            if def.list.names.iter().all(|known| known.name != named.name) {
                def.list.names.push(named);
            }
        }
    }
}

fn read_dirs(dirs: &[&[u8]], bundles: &[&[u8]], talk: Talk, faults: &mut Vec<Fault>) -> Sources {
    let mut sources = Sources::default();
    for (source, &dir) in dirs.iter().enumerate() {
        sources.dirs.push(dir.to_vec());
        let fd = match sys::fd::open_bytes(dir, DIR, 0) {
            Ok(fd) => fd,
            Err(errno) => {
                faults.push(Fault::sys("opendir", dir, errno));
                continue;
            }
        };
        talk.info(2, || format!("adding sources from {}", shown(dir)));
        let names = definitions(fd, dir, faults);
        if names.is_empty() {
            let what = format!("source {} is empty", shown(dir));
            faults.push(Fault::new(Flaw::Empty, dir.to_vec(), what));
        }
        let own = &sources.dirs[..];
        let some = |names: &[CString]| {
            let mut room = Vec::with_capacity(KEPT + 1);
            let mut faults = Vec::new();
            let mut read = |name: &CString| {
                let def = Definition::new(name.to_bytes().to_vec(), source);
                let bundle = bundles.contains(&name.to_bytes());
                let (dirs, faults, room) = (own, &mut faults, &mut room);
                let mut reader =
                    Reader { dirs, fd: -1, there: 0, regular: 0, room, bundle, talk, faults, def };
                reader.take(fd, name);
                reader.def
            };
            (names.iter().map(&mut read).collect::<Vec<_>>(), faults)
        };
        // What is told while reading is told in order.
        let parts = if talk.verbosity < 3 { crew::share(&names, some) } else { vec![some(&names)] };
        for (definitions, found) in parts {
            sources.definitions.extend(definitions);
            faults.extend(found);
        }
        let _ = sys::fd::close(fd);
    }
    sources
}

/// The names of the definitions in a source directory, sorted.
fn definitions(fd: i32, dir: &[u8], faults: &mut Vec<Fault>) -> Vec<CString> {
    let mut all = Vec::new();
    let listed = each_entry(fd, |name, kind| all.push((name.to_owned(), kind)));
    if let Err(errno) = listed {
        faults.push(Fault::sys("readdir", dir, errno));
    }
    all.retain(|(name, kind)| {
        let bytes = name.to_bytes();
        if bytes.starts_with(b".") {
            return false;
        }
        let path = || [dir, b"/", bytes].concat();
        if bytes.contains(&b'\n') {
            let what = format!("subdirectory of {} contains a newline character", shown(dir));
            faults.push(
                Fault::new(Flaw::Name, path(), what).help(format!("rename {}", shown(bytes))),
            );
            return false;
        }
        if is_reserved(bytes) {
            let what = reserved(dir, bytes);
            faults.push(Fault::new(Flaw::Name, path(), what).help(RESERVED));
            return false;
        }
        match kind {
            Type::Dir => true,
            Type::File => false,
            Type::Other => match sys::at::stat(fd, name) {
                Ok(stat) => stat.is_dir(),
                Err(errno) => {
                    let fault = Fault::sys("stat", &path(), errno);
                    faults.push(match errno {
                        Errno::ENOENT => fault.help("it is a link that leads nowhere: remove it"),
                        _ => fault,
                    });
                    false
                }
            },
        }
    });
    sys::order::ascending(&mut all);
    all.into_iter().map(|(name, _)| name).collect()
}

/// What to say of a name that is kept.
pub const RESERVED: &str =
    "names that begin with s6rc- or s6-rc- are kept for what is made at compilation";

/// A name that is kept stands in a place.
pub fn reserved(place: &[u8], name: &[u8]) -> String {
    format!("in {}: identifier {} starts with reserved prefix", shown(place), shown(name))
}

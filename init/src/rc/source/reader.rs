//! Reads one definition: the names of its files first, so that none is asked for that is not there.

use super::read::{RESERVED, Talk, reserved};
use super::{Definition, Fault, Flaw, Kind, List, Named, is_reserved, words};
use crate::rc::compiled::{ESSENTIAL, RECOMMENDED};
use interpreter::diagnose::{shown, syntax_remark};
use std::ffi::CStr;
use sys::Errno;
use sys::at::{Type, each_entry};
use sys::fd::{O_CLOEXEC, O_DIRECTORY, O_NONBLOCK, O_RDONLY};

/// How much of a file of a service directory is kept in memory.
pub const KEPT: usize = 1 << 16;

/// How a directory is opened that is to be read.
pub const DIR: i32 = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;
const FILE: i32 = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

/// All names that a file of a definition may have.
pub const FILES: &[&CStr] = &[
    c"consumer-for",
    c"contents",
    c"contents.d",
    c"data",
    c"dependencies",
    c"dependencies.d",
    c"down",
    c"down-signal",
    c"env",
    c"finish",
    c"flag-essential",
    c"flag-newpidns",
    c"flag-recommended",
    c"flag-timeout-killpg",
    c"instance",
    c"instances",
    c"lock-fd",
    c"max-death-tally",
    c"notification-fd",
    c"pipeline-name",
    c"producer-for",
    c"reload",
    c"reload-signal",
    c"run",
    c"template",
    c"timeout-down",
    c"timeout-finish",
    c"timeout-kill",
    c"timeout-up",
    c"type",
    c"up",
];

/// A definition that is being read.
pub struct Reader<'a> {
    pub dirs: &'a [Vec<u8>],
    pub fd: i32,
    /// Which of [`FILES`] it has, and which of them are regular files for sure.
    pub there: u32,
    pub regular: u32,
    /// Where files are read into.
    pub room: &'a mut Vec<u8>,
    /// It is a bundle if it does not say otherwise.
    pub bundle: bool,
    pub talk: Talk,
    pub faults: &'a mut Vec<Fault>,
    pub def: Definition,
}

impl Reader<'_> {
    pub fn take(&mut self, above: i32, name: &CStr) {
        self.talk.info(3, || format!("parsing {}", self.shown("")));
        match sys::fd::openat(above, name, DIR, 0) {
            Ok(fd) => {
                self.fd = fd;
                self.list();
                self.definition();
                let _ = sys::fd::close(fd);
            }
            Err(errno) => self.failed("open", "", errno),
        }
    }

    /// Which files there are.
    fn list(&mut self) {
        let (mut there, mut regular) = (0, 0);
        let listed = each_entry(self.fd, |name, kind| {
            if let Ok(at) = FILES.binary_search(&name) {
                there |= 1 << at;
                regular |= u32::from(kind == Type::File) << at;
            }
        });
        (self.there, self.regular) = (there, regular);
        if let Err(errno) = listed {
            self.failed("readdir", "", errno);
        }
    }

    fn definition(&mut self) {
        let Some(kind) = self.kind() else { return };
        self.def.kind = kind;
        self.talk.info(3, || format!("{} has type {}", self.def.shown(), kind.name()));
        if self.has("flag-essential") {
            self.def.flags |= ESSENTIAL;
        }
        if self.has("flag-recommended") {
            self.def.flags |= RECOMMENDED;
        }
        if kind == Kind::Bundle {
            return self.bundle();
        }
        self.def.list = self.either("dependencies.d", "dependencies").unwrap_or_default();
        self.def.timeouts = [self.timeout("timeout-up"), self.timeout("timeout-down")];
        match kind {
            Kind::Oneshot => {
                self.def.scripts = ["up", "down", "reload"].map(|name| self.script(name));
            }
            _ => self.longrun(),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.there & 1 << place(name) != 0
    }

    pub fn path(&self, file: &str) -> Vec<u8> {
        self.def.path(self.dirs, file)
    }

    pub fn shown(&self, file: &str) -> String {
        shown(&self.path(file))
    }

    pub fn fault(&mut self, flaw: Flaw, file: &str, what: String) -> &mut Fault {
        self.faults.push(Fault::new(flaw, self.path(file), what));
        let last = self.faults.len() - 1;
        &mut self.faults[last]
    }

    pub fn failed(&mut self, verb: &str, file: &str, errno: Errno) {
        let path = self.path(file);
        self.faults.push(Fault::sys(verb, &path, errno));
    }

    /// What is in a file, up to a length; none if it is not there, or can't be read.
    pub fn content(&mut self, file: &str, most: usize) -> Option<Vec<u8>> {
        if !self.has(file) {
            return None;
        }
        match self.read(file, most) {
            Ok(content) => Some(content),
            Err(errno) => {
                self.failed("read", file, errno);
                None
            }
        }
    }

    pub fn read(&mut self, file: &str, most: usize) -> sys::Result<Vec<u8>> {
        let fd = sys::fd::openat(self.fd, FILES[place(file)], FILE, 0)?;
        let content = drain(fd, most, self.room);
        let _ = sys::fd::close(fd);
        content
    }

    fn kind(&mut self) -> Option<Kind> {
        if !self.has("type") {
            if self.bundle {
                return Some(Kind::Bundle);
            }
            let (name, why) = (self.shown("type"), sys::reason(Errno::ENOENT));
            let what = format!("unable to read {name}: {why}");
            self.fault(Flaw::Missing, "type", what).help.push(
                "a definition has a file type with the word longrun, oneshot or bundle".into(),
            );
            return None;
        }
        let content = self.content("type", 64)?;
        let kind = words::kind(&content);
        if kind.is_none() {
            let name = self.shown("type");
            let what = format!("invalid {name}: must be oneshot, longrun, or bundle");
            let help = words::kind_help(&content);
            self.fault(Flaw::Type, "type", what).help.extend(help);
        }
        kind
    }

    fn timeout(&mut self, file: &str) -> u32 {
        let Some(content) = self.content(file, 64) else { return 0 };
        words::timeout(&content).unwrap_or_else(|| self.no_number(file, &content))
    }

    pub fn no_number(&mut self, file: &str, content: &[u8]) -> u32 {
        let what = format!("invalid {}: not an unsigned integer", shown(&self.path(file)));
        let fault = self.fault(Flaw::Number, file, what);
        fault.at = 0..content.trim_ascii_end().len();
        let unit = if file.starts_with("timeout") { ", in milliseconds" } else { "" };
        fault.help.push(format!("write a number into it and nothing else{unit}"));
        0
    }

    fn script(&mut self, file: &'static str) -> Vec<Vec<u8>> {
        if file == "up" && !self.has(file) {
            let (name, why) = (self.shown(file), sys::reason(Errno::ENOENT));
            self.fault(Flaw::Missing, file, format!("unable to open {name}: {why}"))
                .help
                .push("a oneshot has a file up with a command line; it may be empty".into());
        }
        let Some(source) = self.content(file, usize::MAX) else { return Vec::new() };
        if source.starts_with(b"#!") {
            let end = source.iter().position(|&b| b == b'\n').unwrap_or(source.len());
            let what = format!("{} begins with #!, which means nothing here", self.shown(file));
            let fault = self.fault(Flaw::FirstLine, file, what);
            fault.at = 0..end;
            fault.help.extend(words::first_line_help(&source[..end]));
        }
        match interpreter::syntax::parse(&source) {
            Ok(parsed) => words::script(&parsed.blob, parsed.count),
            Err(error) => {
                let kind = error.to_string();
                let kind = kind.split(": ").next().unwrap_or_default();
                let name = self.shown(file);
                let what = match kind.strip_prefix("syntax error") {
                    Some(rest) => format!("syntax error in {name}{rest}"),
                    None => format!("syntax error in {name}: {kind}"),
                };
                let remark = syntax_remark(&source, &error);
                let mut fault = Fault::new(Flaw::Syntax, self.path(file), what);
                fault = fault.at(&source, error.place, &remark.cause);
                fault.help = remark.help.iter().map(|help| shown(help)).collect();
                self.faults.push(fault);
                Vec::new()
            }
        }
    }

    fn bundle(&mut self) {
        match self.either("contents.d", "contents") {
            Some(list) => self.def.list = list,
            None if self.bundle || self.has("contents.d") || self.has("contents") => {}
            None => {
                let path = shown(&self.path("contents"));
                let what = format!("unable to open {path}: {}", sys::reason(Errno::ENOENT));
                self.fault(Flaw::Missing, "contents", what).help.push(
                    "a bundle has a directory contents.d with a file named after each service"
                        .into(),
                );
            }
        }
    }

    /// The names of files in a directory or, without it, those in a file.
    fn either(&mut self, dir: &'static str, file: &'static str) -> Option<List> {
        if self.has(dir) { self.directory(dir) } else { self.names(file) }
    }

    fn directory(&mut self, file: &'static str) -> Option<List> {
        let mut all = Vec::new();
        let fd = match sys::fd::openat(self.fd, FILES[place(file)], DIR, 0) {
            Ok(fd) => fd,
            Err(errno) => {
                self.failed("opendir", file, errno);
                return None;
            }
        };
        let listed = each_entry(fd, |name, _| {
            if !name.to_bytes().starts_with(b".") {
                all.push(name.to_bytes().to_vec());
            }
        });
        let _ = sys::fd::close(fd);
        if let Err(errno) = listed {
            self.failed("readdir", file, errno);
        }
        sys::order::ascending(&mut all);
        let names = all.into_iter().map(|name| Named { name, at: 0..0 }).collect();
        Some(self.checked(List { file, names }))
    }

    pub fn names(&mut self, file: &'static str) -> Option<List> {
        let content = self.content(file, usize::MAX)?;
        let (names, again) = words::names(&content);
        let path = self.path(file);
        for named in again {
            let what =
                format!("in {}: name listed more than once: {}", shown(&path), shown(&named.name));
            self.fault(Flaw::Repeated, file, what).at = named.at;
        }
        Some(self.checked(List { file, names }))
    }

    /// The list without names that no service can have.
    fn checked(&mut self, mut list: List) -> List {
        let (dirs, def, faults) = (self.dirs, &self.def, &mut self.faults);
        let source = &list;
        let bad: Vec<bool> = list.names.iter().map(|named| is_reserved(&named.name)).collect();
        for (named, _) in source.names.iter().zip(&bad).filter(|(_, bad)| **bad) {
            let path = def.path_of(dirs, source, named);
            let mut fault =
                Fault::new(Flaw::Name, path, reserved(&def.name, &named.name)).help(RESERVED);
            fault.at = named.at.clone();
            faults.push(fault);
        }
        let mut bad = bad.into_iter();
        list.names.retain(|_| !bad.next().unwrap_or(false));
        list
    }
}

/// The names that files of a definition of that kind may have.
pub fn files(kind: Kind) -> impl Iterator<Item = &'static str> {
    FILES.iter().filter_map(|name| name.to_str().ok()).filter(move |name| match *name {
        "type" | "flag-essential" | "flag-recommended" => true,
        "contents" | "contents.d" => kind == Kind::Bundle,
        "dependencies" | "dependencies.d" | "timeout-up" | "timeout-down" => kind != Kind::Bundle,
        "up" | "down" | "reload" => kind == Kind::Oneshot,
        _ => kind == Kind::Longrun,
    })
}

/// Where a name is among [`FILES`].
pub fn place(name: &str) -> usize {
    let found = FILES.binary_search_by(|file| file.to_bytes().cmp(name.as_bytes()));
    found.unwrap_or_default()
}

/// Reads to the end, or to a length. A read that leaves room has met the end.
fn drain(fd: i32, most: usize, room: &mut Vec<u8>) -> sys::Result<Vec<u8>> {
    room.clear();
    loop {
        sys::fd::read_more(fd, room)?;
        if room.len() >= most || room.capacity() > room.len() {
            return Ok(room[..room.len().min(most)].to_vec());
        }
        room.reserve(room.len());
    }
}

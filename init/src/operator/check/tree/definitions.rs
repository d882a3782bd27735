//! Definitions: all that compiling them would say, and what it does not look at.

use super::super::finding::{
    BAD_VALUE, BROKEN_PIPELINE, DEPENDENCY_CYCLE, DUPLICATE_SERVICE, IGNORED_FILE, LOW_DESCRIPTOR,
    MISSING_FILE, NO_SERVICES, REPEATED_NAME, RESERVED_NAME, Rule, SERVICE_TYPE, UNDEFINED_SERVICE,
    UNREADABLE,
};
use super::super::world::World;
use super::{Notes, below, facts, links, program, text};
use crate::operator::script::file::Role;
use crate::rc::source::{self, Definition, Fault, Flaw, Kind, Sources, Talk, files};
use interpreter::diagnose::{Remark, nearest_within, shown};

/// Checks the definitions in these directories. In an overlay (whose root may be known) there are
/// others, that every image has. What is not below `only` is not told.
pub fn check(
    dirs: &[Vec<u8>],
    overlay: Option<Option<&[u8]>>,
    world: &World,
    only: &[u8],
    notes: &mut Notes,
) {
    let from = notes.all.len();
    let mut faults = Vec::new();
    let sources = read(dirs, overlay, &mut faults);
    source::link(&sources, &mut faults);
    for fault in faults {
        let Some(rule) = rule(fault.flaw) else { continue };
        let mut remark = Remark::new(fault.what);
        remark.help.extend(fault.help.into_iter().map(String::into_bytes));
        let elsewhere = rule == &UNDEFINED_SERVICE || fault.path.ends_with(b"/type");
        if overlay.is_some() && world.root.is_none() && elsewhere {
            remark = remark.help(LAYER);
        }
        notes.find(rule, &fault.path, fault.at, remark);
    }
    for def in sources.definitions.iter().filter(|def| def.source < dirs.len()) {
        strangers(&sources, def, notes);
        match def.kind {
            Kind::Oneshot => oneshot(&sources, def, world, notes),
            Kind::Longrun => longrun(&sources, def, world, notes),
            Kind::Bundle | Kind::Unknown => {}
        }
    }
    links::check(&sources, dirs.len(), overlay, notes);
    notes.keep(from, only);
}

const LAYER: &str =
    "if another layer of the image has it, check the image: RUN chainit check /etc/s6-overlay";

/// Reads the definitions in these directories, and those that every overlay has.
pub fn read(dirs: &[Vec<u8>], overlay: Option<Option<&[u8]>>, faults: &mut Vec<Fault>) -> Sources {
    let mut all: Vec<&[u8]> = dirs.iter().map(|dir| &dir[..]).collect();
    let own = overlay.flatten().and_then(facts::own);
    all.extend(own.as_deref());
    let users: &[&[u8]] = if overlay.is_some() { &facts::USERS } else { &[] };
    let talk = Talk { who: "", verbosity: 0 };
    let mut sources = source::read_with(&all, users, talk, faults);
    if overlay.is_some() {
        facts::add(&mut sources);
    }
    sources
}

/// The rule of a fault; none for what is found in the scripts themselves.
fn rule(flaw: Flaw) -> Option<&'static Rule> {
    Some(match flaw {
        Flaw::Syntax | Flaw::FirstLine => return None,
        Flaw::System => &UNREADABLE,
        Flaw::Missing | Flaw::NoFile => &MISSING_FILE,
        Flaw::Type => &SERVICE_TYPE,
        Flaw::Name => &RESERVED_NAME,
        Flaw::Duplicate => &DUPLICATE_SERVICE,
        Flaw::Undefined => &UNDEFINED_SERVICE,
        Flaw::Cycle => &DEPENDENCY_CYCLE,
        Flaw::Pipeline => &BROKEN_PIPELINE,
        Flaw::Number => &BAD_VALUE,
        Flaw::Empty => &NO_SERVICES,
        Flaw::Ignored => &IGNORED_FILE,
        Flaw::LowDescriptor => &LOW_DESCRIPTOR,
        Flaw::Repeated => &REPEATED_NAME,
    })
}

/// Files that nothing reads, and that somebody may think are read.
fn strangers(sources: &Sources, def: &Definition, notes: &mut Notes) {
    if def.kind == Kind::Unknown {
        return;
    }
    let dir = def.path(&sources.dirs, "");
    let kind = def.kind.name();
    let known = |name: &[u8]| files(def.kind).any(|file| file.as_bytes() == name);
    // Many write a oneshot's script beside its `up`, which has the path.
    let called = |name: &[u8]| {
        let end = [b"/", name].concat();
        def.scripts.iter().flatten().any(|word| word.ends_with(&end))
    };
    for name in sys::fs::list(&dir).unwrap_or_default() {
        if name.starts_with(b".") || known(&name) || called(&name) {
            continue;
        }
        let of = [Kind::Longrun, Kind::Oneshot, Kind::Bundle]
            .into_iter()
            .find(|of| files(*of).any(|file| file.as_bytes() == name));
        let remark = match (of, &name[..]) {
            (None, b"log") if def.kind == Kind::Longrun => Remark::new(
                "a logger below a service is s6's, and s6-rc leaves it out",
            )
            .help(
                "define it as a longrun of its own, with consumer-for, and write producer-for here",
            ),
            (Some(_), b"dependencies" | b"dependencies.d") => {
                Remark::new("a bundle has no dependencies: only what is in it has")
                    .help("write them where the services in it are defined")
            }
            (Some(_), b"down") => {
                Remark::new("a longrun has no down: s6-rc knows what is to be up")
                    .help("a service that is not to start is left out of all bundles")
            }
            (Some(of), _) => Remark::new(format!("nothing reads this: the service is a {kind}"))
                .help(format!("it is a file of a {}: is the type right?", of.name())),
            (None, _) => match near(&name, def.kind) {
                Some(near) => Remark::new("nothing reads a file of this name")
                    .help(format!("is it {near} that is meant?")),
                None => continue,
            },
        };
        notes.find(&IGNORED_FILE, &below(&dir, &name), 0..0, remark);
    }
}

/// The name that a file was to have, perhaps.
fn near(name: &[u8], kind: Kind) -> Option<String> {
    let slips = if name.len() < 6 { 1 } else { 2 };
    let dotted = [name, b".d"].concat();
    let is = |full: &[u8]| files(kind).any(|file| file.as_bytes() == full);
    let found = match name {
        b"depends" | b"depends.d" | b"requires" if kind != Kind::Bundle => b"dependencies.d",
        _ if is(&dotted) => &dotted[..],
        _ if name.len() < 3 => return None,
        _ => nearest_within(name, files(kind).map(str::as_bytes), slips)?,
    };
    Some(shown(found))
}

fn oneshot(sources: &Sources, def: &Definition, world: &World, notes: &mut Notes) {
    for file in ["up", "down", "reload"] {
        let path = def.path(&sources.dirs, file);
        if let Some(source) = text(&path) {
            notes.script(&path, &source, Role::Oneshot, world);
        }
    }
}

fn longrun(sources: &Sources, def: &Definition, world: &World, notes: &mut Notes) {
    let dir = def.path(&sources.dirs, "");
    for file in [&b"run"[..], b"finish"] {
        // Compiling gives both their x bit.
        program::check(world, &below(&dir, file), false, notes);
    }
    program::signals(&dir, notes);
    program::readiness(&dir, notes);
}

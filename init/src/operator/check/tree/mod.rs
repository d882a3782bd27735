//! Trees of services: what compiling them would say, and more.
//!
//! What a directory is, is told by what is in it: an image's root, the overlay's own directory
//! `/etc/s6-overlay`, a directory of definitions or one definition, a service directory or several.

mod definitions;
mod facts;
mod legacy;
mod links;
mod program;

use super::finding::{Finding, NOT_EXECLINE, Rule};
use super::report::Checked;
use super::world::World;
use super::{Given, examine};
use crate::operator::root::join;
use crate::operator::script::file::Role;
use crate::rc::source::{Fault, Sources};
use interpreter::diagnose::Remark;
use std::ops::Range;

/// Checks the directory at `path`; none if it is none, or nothing is known about what it is.
pub fn check(path: &[u8], given: &Given) -> Option<Vec<Checked>> {
    let end = path.iter().rposition(|&b| b != b'/').map_or(1, |at| at + 1);
    let path = &path[..end.min(path.len())];
    if !is_dir(path) {
        return None;
    }
    let (above, name) = split(path);
    let overlay = below(path, b"etc/s6-overlay");
    let any = |file: &[u8]| {
        let names = sys::fs::list(path).unwrap_or_default();
        let found =
            |name: &Vec<u8>| !name.starts_with(b".") && exists(&below(&below(path, name), file));
        names.iter().any(found)
    };
    let mut notes = Notes::default();
    if is_dir(&overlay) {
        let image = Image { root: Some(path.to_vec()), overlay };
        image.check(given, b"", &mut notes);
        legacy::stages(&image.world(given), path, &mut notes);
    } else if is_dir(&below(path, b"s6-rc.d")) {
        Image::around(path).check(given, b"", &mut notes);
    } else if name == b"s6-rc.d" {
        Image::around(above).check(given, path, &mut notes);
    } else if exists(&below(path, b"type")) {
        match split(above) {
            (overlay, b"s6-rc.d") => Image::around(overlay).check(given, path, &mut notes),
            _ => definitions::check(&[above.to_vec()], None, &given.world(None), path, &mut notes),
        }
    } else if any(b"type") {
        definitions::check(&[path.to_vec()], None, &given.world(None), b"", &mut notes);
    } else if exists(&below(path, b"run")) {
        legacy::service(&given.world(None), path, &mut notes);
    } else if any(b"run") {
        legacy::services(&given.world(None), path, &mut notes);
    } else {
        return None;
    }
    Some(notes.checked())
}

/// The definitions in directories; one of an overlay (an image's root, `/etc/s6-overlay`, the
/// `s6-rc.d` in it) stands for those that are compiled together with it.
pub fn definitions(paths: &[&[u8]], faults: &mut Vec<Fault>) -> Sources {
    if let [path] = paths {
        let here = match path.ends_with(b".") {
            true => sys::fs::realpath(path).unwrap_or(path.to_vec()),
            false => path.to_vec(),
        };
        let end = here.iter().rposition(|&b| b != b'/').map_or(1, |at| at + 1);
        let path = &here[..end.min(here.len())];
        let overlay = below(path, b"etc/s6-overlay");
        let image = match split(path) {
            _ if is_dir(&overlay) => Some(Image { root: Some(path.to_vec()), overlay }),
            _ if is_dir(&below(path, b"s6-rc.d")) => Some(Image::around(path)),
            (above, b"s6-rc.d") => Some(Image::around(above)),
            _ => None,
        };
        if let Some(image) = image {
            return definitions::read(&image.dirs(), Some(image.root.as_deref()), faults);
        }
    }
    let dirs: Vec<Vec<u8>> = paths.iter().map(|path| path.to_vec()).collect();
    definitions::read(&dirs, None, faults)
}

/// An image with an overlay in it.
struct Image {
    /// Its root, if that can be told.
    root: Option<Vec<u8>>,
    /// `/etc/s6-overlay`.
    overlay: Vec<u8>,
}

impl Image {
    /// The image that this directory is the overlay's of.
    fn around(overlay: &[u8]) -> Image {
        let root = overlay.strip_suffix(b"etc/s6-overlay").map(|root| match root {
            b"" => b".".to_vec(),
            b"/" => root.to_vec(),
            root => root[..root.len() - 1].to_vec(),
        });
        Image { root, overlay: overlay.to_vec() }
    }

    /// Its programs are looked up if it is whole: it has programs, and the overlay's too.
    fn world<'a>(&'a self, given: &Given<'a>) -> World<'a> {
        let whole = |root: &[u8]| {
            let has = |path: &[u8]| is_dir(&join(root, path));
            has(b"command") && (has(b"bin") || has(b"usr/bin"))
        };
        given.world(self.root.as_deref().filter(|root| whole(root)))
    }

    /// Where its definitions are.
    fn dirs(&self) -> Vec<Vec<u8>> {
        let mut dirs = vec![below(&self.overlay, b"s6-rc.d")];
        let bundles = below(&self.overlay, b"user-bundles.d");
        // The old place counts alone, as at boot.
        if !is_dir(&below(&dirs[0], b"user")) && is_dir(&bundles) {
            dirs.push(bundles);
        }
        dirs
    }

    fn check(&self, given: &Given, only: &[u8], notes: &mut Notes) {
        let world = self.world(given);
        let dirs = self.dirs();
        let root = given.root.or(self.root.as_deref());
        definitions::check(&dirs, Some(root), &world, only, notes);
    }
}

/// What is found, by files.
#[derive(Default)]
struct Notes {
    all: Vec<(Vec<u8>, Finding)>,
}

impl Notes {
    /// Takes note of a finding.
    fn find(&mut self, rule: &'static Rule, path: &[u8], at: Range<usize>, remark: Remark) {
        self.all.push((path.to_vec(), Finding { rule, at, remark }));
    }

    /// Takes note of what is wrong with a script.
    fn script(&mut self, path: &[u8], source: &[u8], role: Role, world: &World) {
        // Nobody asked for this file.
        let counts = |f: &Finding| f.rule != &NOT_EXECLINE;
        let found = examine(source, role, world).into_iter().filter(counts);
        self.all.extend(found.map(|finding| (path.to_vec(), finding)));
    }

    /// Forgets what is not below a directory.
    fn keep(&mut self, from: usize, only: &[u8]) {
        let inside = |path: &[u8]| {
            let path = path.strip_prefix(b"./").unwrap_or(path);
            path.strip_prefix(only).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        };
        let mut index = 0;
        self.all.retain(|(path, _)| {
            index += 1;
            only.is_empty() || index <= from || inside(path)
        });
    }

    /// The files, each with its findings.
    fn checked(mut self) -> Vec<Checked> {
        sys::order::by(&mut self.all, |(a, x), (b, y)| {
            (a, x.at.start, x.rule.name).cmp(&(b, y.at.start, y.rule.name))
        });
        let mut files: Vec<Checked> = Vec::new();
        for (path, finding) in self.all {
            match files.last_mut().filter(|file| file.path == path) {
                Some(file) => file.findings.push(finding),
                None => {
                    let source = text(&path).unwrap_or_default();
                    files.push(Checked { path, source, findings: vec![finding], unreadable: None });
                }
            }
        }
        files
    }
}

fn below(dir: &[u8], name: &[u8]) -> Vec<u8> {
    match dir.ends_with(b"/") {
        true => [dir, name].concat(),
        false => [dir, b"/", name].concat(),
    }
}

/// The directory that a path is in, and its last part.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&b| b == b'/') {
        Some(0) => (b"/", &path[1..]),
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b".", path),
    }
}

/// What is in a file. Nothing else is opened: a fifo would be waited for.
fn text(path: &[u8]) -> Option<Vec<u8>> {
    let is_file = sys::fs::stat_bytes(path).is_ok_and(|stat| stat.is_file());
    is_file.then(|| sys::fd::read_file_bytes(path).ok()).flatten()
}

fn is_dir(path: &[u8]) -> bool {
    sys::fs::stat_bytes(path).is_ok_and(|stat| stat.is_dir())
}

fn exists(path: &[u8]) -> bool {
    sys::fs::stat_bytes(path).is_ok()
}

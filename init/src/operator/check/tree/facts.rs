//! What every overlay has, whether its files are there or not: the definitions that a tree's
//! names lead to.

use crate::operator::root::join;
use crate::rc::source::{Definition, Kind, List, Named, Sources};

/// Where the overlay's own definitions are.
pub const OWN: &[u8] = b"package/admin/s6-overlay/etc/s6-rc/sources";

/// The bundle of all that is started.
pub const TOP: &[u8] = b"top";
/// What a service waits for that needs the image to be prepared.
pub const BASE: &[u8] = b"base";
/// The bundles that an image's services are in.
pub const USERS: [&[u8]; 2] = [b"user", b"user2"];

/// A name, its kind, and what it names.
type Row = (&'static [u8], Kind, &'static [&'static [u8]]);

const DEFINITIONS: [Row; 5] = [
    (BASE, Kind::Bundle, &[b"fix-attrs", b"legacy-cont-init"]),
    (b"fix-attrs", Kind::Oneshot, &[]),
    (b"legacy-cont-init", Kind::Oneshot, &[b"fix-attrs"]),
    (b"legacy-services", Kind::Oneshot, &[BASE, b"user"]),
    (TOP, Kind::Bundle, &[BASE, b"legacy-services", b"user", b"user2"]),
];

/// Where the overlay's own definitions lie in an image, if they are there.
pub fn own(root: &[u8]) -> Option<Vec<u8>> {
    let path = join(root, OWN);
    super::is_dir(&path).then_some(path)
}

/// Adds those that nobody defines.
pub fn add(sources: &mut Sources) {
    let source = sources.dirs.len();
    sources.dirs.push([b"/", OWN].concat());
    for (name, kind, list) in DEFINITIONS {
        if sources.definitions.iter().any(|def| def.name == name) {
            continue;
        }
        let mut def = Definition::new(name.to_vec(), source);
        def.kind = kind;
        let names = list.iter().map(|name| Named { name: name.to_vec(), at: 0..0 }).collect();
        def.list = List { file: "contents.d", names };
        sources.definitions.push(def);
    }
}

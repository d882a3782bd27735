//! Service directories as s6 has them, and the scripts of an overlay's stages.

use super::super::world::World;
use super::{Notes, below, exists, is_dir, program};
use crate::operator::root::join;

/// A service directory, and its logger's.
pub fn service(world: &World, dir: &[u8], notes: &mut Notes) {
    for file in [&b"run"[..], b"finish"] {
        program::check(world, &below(dir, file), true, notes);
    }
    program::numbers(dir, notes);
    program::signals(dir, notes);
    program::readiness(dir, notes);
    let log = below(dir, b"log");
    if is_dir(&log) {
        service(world, &log, notes);
    }
}

/// A directory of service directories.
pub fn services(world: &World, dir: &[u8], notes: &mut Notes) {
    for name in sys::fs::list(dir).unwrap_or_default() {
        let path = below(dir, &name);
        if !name.starts_with(b".") && exists(&below(&path, b"run")) {
            service(world, &path, notes);
        }
    }
}

/// What an image's stages run beside its definitions.
pub fn stages(world: &World, root: &[u8], notes: &mut Notes) {
    services(world, &join(root, b"etc/services.d"), notes);
    for dir in [&b"etc/cont-init.d"[..], b"etc/cont-finish.d"] {
        let dir = join(root, dir);
        for name in sys::fs::list(&dir).unwrap_or_default() {
            if !name.starts_with(b".") {
                program::stage(world, &below(&dir, &name), notes);
            }
        }
    }
}

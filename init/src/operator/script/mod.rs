//! Scripts as a person sees them, for `check`, `explain` and `trace`: words and blocks with their places,
//! what a file is, and what each command takes. Nothing here runs anything.

pub mod file;
pub mod fit;
pub mod own;
pub mod shape;
pub mod special;
pub mod tokens;

use interpreter::word::Command;

/// The command that a word in a program's place calls, by its name.
pub fn command(name: &[u8]) -> Option<&'static Command> {
    crate::index::find(own_name(name)?)
}

/// The name under which a program would be one of the commands: bare, or in one of their
/// directories.
pub fn own_name(name: &[u8]) -> Option<&[u8]> {
    let base = name.rsplit(|&b| b == b'/').next().unwrap_or(name);
    let dir = &name[..name.len() - base.len()];
    (dir.is_empty() || DIRS.contains(&dir)).then_some(base)
}

/// Where an image has the commands.
const DIRS: &[&[u8]] = &[
    b"/command/",
    b"/bin/",
    b"/usr/bin/",
    b"/package/admin/execline/command/",
    b"/package/admin/s6/command/",
    b"/package/admin/s6-overlay/command/",
    b"/package/admin/s6-portable-utils/command/",
];

//! Where the manuals' text is: within a program that was built for development, and in a file of
//! the installation for the one that ships, which it would make a seventh larger.

use super::super::fault::Fault;
use super::super::tree;
use interpreter::diagnose::shown;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What a build for development has of it.
static CARRIED: &str = include_str!(concat!(env!("OUT_DIR"), "/carried.txt"));

/// What stands between two manuals.
pub const BETWEEN: char = '\x0c';

/// The file's name beside a program that is not installed.
const BESIDE: &str = "chainit.manuals";

/// The text, unless its file is not there.
pub fn text() -> Option<&'static str> {
    static TEXT: OnceLock<Option<String>> = OnceLock::new();
    if !CARRIED.is_empty() {
        return Some(CARRIED);
    }
    TEXT.get_or_init(|| places().iter().find_map(|place| read(place))).as_deref()
}

/// That it is not there.
pub fn missing() -> Fault {
    let [installed, _] = places();
    let what =
        ["there are no manuals here: ", &shown(installed.as_os_str().as_bytes()), " is missing"];
    Fault::said(what.concat(), "s6-overlay-noarch.tar.xz has it")
}

fn read(place: &Path) -> Option<String> {
    let bytes = sys::fd::read_file_bytes(place.as_os_str().as_bytes()).ok()?;
    String::from_utf8(bytes).ok()
}

/// The installed file, then the one of a build. Where no /proc tells the program's own place, it
/// is taken to be installed.
fn places() -> [PathBuf; 2] {
    let own = sys::fs::readlink(sys::spawn::SELF.to_bytes())
        .map_or_else(|_| Path::new("/").join(tree::BINARY), |own| OsString::from_vec(own).into());
    let dir = own.parent().unwrap_or(Path::new("/"));
    let above = dir.parent().unwrap_or(dir);
    [above.join("share").join(BESIDE), dir.join(BESIDE)]
}

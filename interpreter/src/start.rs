//! Which word a process is, from what the kernel handed over.

use crate::arg::Argv;
use crate::env::Env;
use crate::image::Image;
use crate::resolve::{Known, basename, word_of};
use crate::word::{Catalogue, Command};
use std::cell::RefCell;
use sys::start::Start;

/// Runs the word that the process was started as. `fallback` is what the multicall file itself
/// is, under its own name or an unknown one. The exit code, if no program takes over.
pub fn run(start: Start, catalogue: Catalogue, fallback: &'static Command) -> i32 {
    let (known, by_line) = (RefCell::default(), RefCell::default());
    let command = identify(&start, catalogue, &known, &by_line).unwrap_or(fallback);
    let mut image = Image::new(Env::new(start.env), catalogue, command);
    image.known = known;
    image.by_line = start.path.map(|path| (path, by_line.into_inner()));
    let argv = Argv::new(start.args);
    crate::trace::begin(&mut image, &argv);
    crate::chain::run(&mut image, argv)
}

/// The word: the last known name along the links of the path that was exec'd; for a script, its
/// interpreter's name.
///
/// The kernel tells the path that was given to exec, which is the script's where a first line
/// named this interpreter; the first argument then is the interpreter's path. A first argument
/// alone proves nothing: `exec -a` sets it to anything.
///
/// A link that was exec'd leads to this binary, and nobody can tell whether a word that nothing was
/// waited for before had been looked up at the same moment. One that a first line may have named is
/// kept until that line is read.
fn identify(
    start: &Start,
    catalogue: Catalogue,
    known: &RefCell<Known>,
    by_line: &RefCell<Known>,
) -> Option<&'static Command> {
    let first = start.args.first().map_or(&b""[..], |a| a.to_bytes());
    let path = start.path.map(|p| p.to_bytes());
    if path == Some(first) {
        return word_of(first, catalogue, Some(known));
    }
    let by_first = (catalogue.find)(basename(first));
    let Some(path) = path else { return by_first };
    let by_path = word_of(path, catalogue, None);
    match (by_path, by_first) {
        (Some(a), Some(b)) if a.name == b.name => Some(a),
        (Some(_), _) if is_script(path) => word_of(first, catalogue, Some(by_line)),
        (Some(a), _) => Some(a),
        // A script in whose name no word is, or a copy under a strange name.
        (None, _) => word_of(first, catalogue, Some(by_line)),
    }
}

fn is_script(path: &[u8]) -> bool {
    let mut head = [0; 2];
    let Ok(fd) = sys::fd::open_bytes(path, sys::fd::O_RDONLY | sys::fd::O_CLOEXEC, 0) else {
        return false;
    };
    let got = sys::fd::read(fd, &mut head);
    let _ = sys::fd::close(fd);
    got == Ok(2) && head == *b"#!"
}

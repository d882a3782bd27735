//! Why a program could not be exec'd, in words that lead to the remedy.

use crate::image::Image;
use sys::Errno;

/// The message for a word that could not be exec'd, with the line's end.
pub fn exec_failed(image: &Image, name: &[u8], errno: Errno) -> Vec<u8> {
    message(image, "fatal", "exec", name, errno)
}

/// The message for a block's program that could not be started, with the line's end.
pub fn spawn_failed(image: &Image, level: &str, name: &[u8], errno: Errno) -> Vec<u8> {
    message(image, level, "spawn", name, errno)
}

fn message(image: &Image, level: &str, verb: &str, name: &[u8], errno: Errno) -> Vec<u8> {
    let mut line = format!("{}: {level}: unable to {verb} ", image.command.name).into_bytes();
    line.extend_from_slice(name);
    line.extend_from_slice(b": ");
    line.extend_from_slice(sys::reason(errno).as_bytes());
    line.push(b'\n');
    line
}

/// The message for a script that does not parse, with the line's end.
pub fn syntax(
    image: &Image,
    file: Option<crate::arg::Arg>,
    _source: &[u8],
    error: &crate::syntax::SyntaxError,
) -> Vec<u8> {
    let place = file.map_or(String::new(), |f| format!(" in file {}", f.to_string_lossy()));
    format!("{}: fatal: {error}{place}\n", image.command.name).into_bytes()
}

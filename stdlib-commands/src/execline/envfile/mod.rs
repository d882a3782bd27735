//! `envfile`: puts the variables of a file, or (`-`) of standard input, into the environment.

pub mod syntax;

use crate::options;
use interpreter::arg::{Arg, Argv, leak_blob};
use interpreter::diagnose::{position, printable, shown};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use syntax::{BadLine, parse};
use sys::Errno;
use sys::fd;

/// The command.
pub const COMMAND: Command = Command {
    name: "envfile",
    usage: "envfile [ -i | -I ] file prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 1: the file holds something else than variables; 111: it can't be read.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut must_exist = true;
    options::take(&mut argv, "iI", |letter, _| {
        must_exist = letter == b'i';
        Ok(())
    })?;
    let [file, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    if let Some(text) = content(file, must_exist)? {
        let entries = parse(&text).map_err(|bad| fail(file, &text, &bad))?;
        for entry in leak_blob(entries, 0) {
            image.env.merge(entry);
        }
    }
    Ok(Next::Chain(argv))
}

fn name(file: Arg) -> &'static [u8] {
    if file.to_bytes() == b"-" { b"standard input" } else { file.to_bytes() }
}

/// What is to be parsed; nothing if the file is not there and need not be. Standard input is
/// closed once it has been read.
fn content(file: Arg, must_exist: bool) -> Result<Option<Vec<u8>>, Fail> {
    let source = match file.to_bytes() {
        b"-" => 0,
        // A fifo that nobody writes is empty, as with the original, and not waited for.
        _ => match fd::open(file, fd::O_RDONLY | fd::O_NONBLOCK, 0) {
            Ok(opened) => {
                let _ = fd::set_nonblock(opened, false);
                opened
            }
            Err(Errno::ENOENT) if !must_exist => return Ok(None),
            Err(e) => return Err(Fail::sys_at("open", name(file), e)),
        },
    };
    let text = read_text(source).map_err(|e| Fail::sys_at("read from", name(file), e));
    let _ = fd::close(source);
    text.map(Some)
}

/// Reads up to the first NUL, which ends the text as the file's end does.
fn read_text(source: i32) -> sys::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let got = fd::read(source, &mut buffer)?;
        let piece = &buffer[..got];
        let end = piece.iter().position(|&b| b == 0);
        text.extend_from_slice(&piece[..end.unwrap_or(got)]);
        if got == 0 || end.is_some() {
            return Ok(text);
        }
    }
}

/// The place is told but not shown: what stands there may be a password.
fn fail(file: Arg, text: &[u8], bad: &BadLine) -> Fail {
    let (line, column) = position(text, bad.offset);
    let file = printable(name(file));
    let file = shown(&file);
    let why = bad.why;
    Fail::with_code(
        1,
        format!("in {file}: syntax error line {line}\n{file}:{line}:{column}: {why}"),
    )
}

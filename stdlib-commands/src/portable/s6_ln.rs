//! `s6-ln`: makes links.

use super::names::last;
use crate::options;
use crate::unique;
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "s6-ln",
    usage: "s6-ln [ -n ] [ -s ] [ -f ] [ -L | -P ] src... dest",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: it can't be told what is at `dest`; else how many could not be made.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut flat, mut symbolic, mut force, mut follow) = (false, false, false, false);
    options::take(&mut argv, "nsfLP", |letter, _| {
        match letter {
            b'n' => flat = true,
            b's' => symbolic = true,
            b'f' => force = true,
            _ => follow = letter == b'L',
        }
        Ok(())
    })?;
    let make = |from: &[u8], to: &[u8]| match symbolic {
        true => sys::fs::symlink(from, to),
        false => sys::fs::link(from, to, follow),
    };
    let link = |from: &[u8], to: &[u8]| {
        let made = match make(from, to) {
            Err(Errno::EEXIST) if force => replace(to, |new| make(from, new)),
            made => made,
        };
        made.map_err(|errno| {
            let what = format!("make a link from {} to {}", shown(to), shown(from));
            image.warn(&Fail::sys(what, errno).to_string());
        })
        .is_err()
    };
    let Some((&dest, sources @ [first, ..])) = argv.split_last() else { return Err(Fail::usage()) };
    let dest = dest.to_bytes();
    let into = |from: &[u8]| link(from, &[dest, b"/", last(from)].concat());
    if sources.len() > 1 {
        let failed = sources.iter().filter(|from| into(from.to_bytes())).count();
        return Ok(Next::Exit((failed & 0xff) as i32));
    }
    let there = if flat { sys::fs::lstat_bytes(dest) } else { sys::fs::stat_bytes(dest) };
    let failed = match there {
        Ok(stat) if stat.is_dir() => into(first.to_bytes()),
        Ok(_) | Err(Errno::ENOENT) => link(first.to_bytes(), dest),
        Err(errno) => return Err(Fail::sys_at("stat", dest, errno)),
    };
    Ok(Next::Exit(failed.into()))
}

/// Puts a new one in the place of what is there.
fn replace(path: &[u8], make: impl Fn(&[u8]) -> sys::Result<()>) -> sys::Result<()> {
    let new = unique::make(&[path, b":s6-ln:"].concat(), make)?;
    let renamed = sys::fs::rename(&new, path);
    // It stays where both are names of one file already.
    let _ = sys::fs::unlink(&new);
    renamed
}

//! `s6-accessrules-cdb-from-fs`: makes a constant database of a directory of access rules.

use super::cdb::Maker;
use super::rules::{self, MOST};
use interpreter::arg::Argv;
use interpreter::args::long::{Valued, scan};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::{Errno, fd};

/// Exit codes: 100 wrong usage, or changes that are too long; 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-accessrules-cdb-from-fs",
    usage: "s6-accessrules-cdb-from-fs [ -m mode ] cdbfile dir",
    run,
    kind: Kind::Link,
    examine: None,
};

const VALUED: &[Valued] = &[Valued { short: b'm', long: "mode", slot: 0 }];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let found = scan::<1>(&argv, &[], VALUED)?;
    argv.advance(found.used);
    let [file, dir, ..] = *argv else { return Err(Fail::usage()) };
    let mode = match found.values[0] {
        None => 0o600,
        Some(word) => options::octal(word)
            .map_err(|_| Fail::bad("mode needs to be an unsigned integer (in octal)"))?,
    };
    let content = compile(image, dir.to_bytes())?;
    replace(file.to_bytes(), &content, mode)?;
    Ok(Next::Exit(0))
}

fn compile(image: &Image, dir: &[u8]) -> Result<Vec<u8>, Fail> {
    let mut maker = Maker::default();
    for kind in names(dir)? {
        let place = [dir, b"/", &kind].concat();
        for rule in names(&place)? {
            if let Some(record) = record(image, &[&place, &b"/"[..], &rule].concat())? {
                maker.add(&[&kind, &b"/"[..], &rule].concat(), &record);
            }
        }
    }
    Ok(maker.finish())
}

/// What is in a directory, but for names that begin with a dot.
fn names(path: &[u8]) -> Result<Vec<Vec<u8>>, Fail> {
    let mut found = sys::fs::entries(path).map_err(|e| Fail::sys_at("opendir", path, e))?;
    found.retain(|name| !name.starts_with(b"."));
    Ok(found)
}

/// The record of the rule in that directory; none where it neither allows nor denies.
fn record(image: &Image, rule: &[u8]) -> Result<Option<Vec<u8>>, Fail> {
    let there = |file: &[u8]| {
        let path = [rule, file].concat();
        match sys::fs::access(&path, 0) {
            Ok(()) => Ok(true),
            Err(Errno::EACCES | Errno::ENOENT) => Ok(false),
            Err(errno) => Err(Fail::sys_at("access", &path, errno)),
        }
    };
    if !there(b"/allow")? {
        return Ok(there(b"/deny")?.then(|| b"D".to_vec()));
    }
    let env = [rule, b"/env"].concat();
    let changes = rules::changes(&env)?;
    let path = [rule, b"/exec"].concat();
    let exec = rules::script(&path, &[Errno::ENOENT])?.unwrap_or_default();
    if exec.len() == MOST {
        image.warn(&format!("possibly truncated file {}", shown(&path)));
    }
    let too_big = || Fail::bad(format!("{} too big: {MOST} bytes fit at most", shown(&env)));
    rules::pack(&changes, &exec).map(Some).ok_or_else(too_big)
}

/// Puts a new file in the place of the old one, whole, and on its disk.
fn replace(file: &[u8], content: &[u8], mode: u32) -> Result<(), Fail> {
    let pid = sys::process::getpid().to_string();
    let new = [file, b":s6-accessrules-cdb-from-fs:", pid.as_bytes()].concat();
    let write = || {
        let _ = sys::fs::unlink(&new);
        let flags = fd::O_WRONLY | fd::O_CREAT | fd::O_EXCL | fd::O_CLOEXEC;
        let to = fd::open_bytes(&new, flags, 0o600)?;
        let written = fd::write_all(to, content)
            .and_then(|()| sys::fs::fchmod(to, mode))
            .and_then(|()| fd::sync(to));
        let _ = fd::close(to);
        written
    };
    let done = write().map_err(|e| Fail::sys_at("write", &new, e)).and_then(|()| {
        sys::fs::rename(&new, file)
            .map_err(|e| Fail::sys(format!("rename {} to {}", shown(&new), shown(file)), e))
    });
    if done.is_err() {
        let _ = sys::fs::unlink(&new);
    }
    done
}

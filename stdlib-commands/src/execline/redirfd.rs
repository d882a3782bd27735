//! `redirfd`: opens a file as a descriptor of a chosen number, or (`-f`) of whatever number,
//! which then is the value of a variable.

use super::substitution;
use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::args::long::{self, Flag};
use interpreter::args::number::Decimal;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran, Refuse};
use sys::Errno;
use sys::fd::{self, O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY};

pub const COMMAND: Command = Command {
    name: "redirfd",
    usage: "redirfd -[ r | w | u | a | x ] [ -N | -n ] [ -b ] [ -f ] [ -E | -e ] fd|var file \
            prog...",
    run,
    kind: Kind::Quick,
    examine: Some(examine),
};

const READ: u64 = 1;
const WRITE: u64 = 1 << 1;
const CREATE: u64 = 1 << 2;
const APPEND: u64 = 1 << 3;
const TRUNCATE: u64 = 1 << 4;
const EXCLUSIVE: u64 = 1 << 5;
const NONBLOCK: u64 = 1 << 6;
const SWITCH_BLOCK: u64 = 1 << 7;
const ANY_NUMBER: u64 = 1 << 8;
const AUTOIMPORT: u64 = 1 << 9;
const HOW: u64 = READ | WRITE | CREATE | APPEND | TRUNCATE | EXCLUSIVE;

/// One of the letters that say everything: it forgets what was said before.
const fn how(short: u8, set: u64) -> Flag {
    Flag { short, long: "", clear: HOW, set }
}

const fn on(short: u8, long: &'static str, set: u64) -> Flag {
    Flag { short, long, clear: 0, set }
}

const fn off(short: u8, long: &'static str, clear: u64) -> Flag {
    Flag { short, long, clear, set: 0 }
}

const FLAGS: &[Flag] = &[
    how(b'r', READ),
    how(b'w', WRITE | CREATE | TRUNCATE),
    how(b'u', READ | WRITE),
    how(b'a', WRITE | CREATE | APPEND),
    how(b'x', WRITE | CREATE | EXCLUSIVE),
    off(b'N', "block", NONBLOCK),
    on(b'n', "nonblock", NONBLOCK),
    on(b'b', "switch-block", SWITCH_BLOCK),
    on(b'f', "open", ANY_NUMBER),
    off(b'e', "no-autoimport", AUTOIMPORT),
    on(b'E', "autoimport", AUTOIMPORT),
    off(0, "no-read", READ),
    on(0, "read", READ),
    off(0, "no-write", WRITE),
    on(0, "write", WRITE),
    off(0, "no-create", CREATE),
    on(0, "create", CREATE),
    off(0, "no-append", APPEND),
    on(0, "append", APPEND),
    off(0, "no-trunc", TRUNCATE),
    on(0, "trunc", TRUNCATE),
    off(0, "no-excl", EXCLUSIVE),
    on(0, "excl", EXCLUSIVE),
];

/// What the options come to, and how many words they are.
fn wanted(words: &[Arg]) -> Result<(u64, usize), (Option<Arg>, Fail)> {
    let found = long::scan::<0>(words, FLAGS, &[]).map_err(|bad| (Some(bad.word), bad.into()))?;
    if words.len() < found.used + 3 {
        return Err((None, Fail::usage()));
    }
    if found.bits & (READ | WRITE) == 0 {
        return Err((None, Fail::misuse("one of -r, -w, -u, -a and -x has to be given")));
    }
    Ok((found.bits, found.used))
}

fn examine(words: &[Arg], refuse: &mut Refuse) {
    match wanted(words) {
        Err((word, fail)) => refuse(word, fail),
        Ok((bits, _)) if bits & ANY_NUMBER != 0 => {}
        Ok((_, used)) => {
            options::refuse_if(options::fd(words[used]).map(drop), words[used], refuse);
        }
    }
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (bits, used) = wanted(&argv).map_err(|(_, fail)| fail)?;
    argv.advance(used);
    let [target, path, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(2);
    if bits & ANY_NUMBER != 0 {
        let number = Decimal::new(u64::from(open(path, bits)?.cast_unsigned()));
        return substitution::bequeath(image, argv, target, &number, bits & AUTOIMPORT != 0);
    }
    let to = options::fd(target)?;
    let fail = |e| {
        let (path, to) = (shown(path.to_bytes()), to.cast_unsigned());
        Fail::sys(format!("move {path} to fd {to}"), e)
    };
    // Before a file is made for a descriptor that can't be.
    if to < 0 {
        return Err(fail(Errno::EBADF));
    }
    let from = open(path, bits)?;
    fd::rename(to, from).map_err(fail)?;
    Next::chain_or_end(argv)
}

fn open(path: Arg, bits: u64) -> Result<i32, Fail> {
    let fail = |e| Fail::sys_at("open", path.to_bytes(), e);
    let flags = flags(bits);
    let opened = match fd::open(path, flags, 0o666) {
        Err(Errno::ENXIO) if bits & WRITE != 0 => open_unread(path, flags),
        other => other,
    };
    let opened = opened.map_err(fail)?;
    if bits & SWITCH_BLOCK != 0 {
        fd::set_nonblock(opened, bits & NONBLOCK == 0)
            .map_err(|e| Fail::sys_at("change blocking mode of", path.to_bytes(), e))?;
    }
    Ok(opened)
}

/// Opens a fifo that nobody reads, for writing and without waiting: it only needs a reader in
/// that moment.
fn open_unread(path: Arg, flags: i32) -> sys::Result<i32> {
    let reader = fd::open(path, O_RDONLY | O_NONBLOCK, 0)?;
    let opened = fd::open(path, flags, 0o666);
    let _ = fd::close(reader);
    opened
}

fn flags(bits: u64) -> i32 {
    let access = match bits & (READ | WRITE) {
        READ => O_RDONLY,
        WRITE => O_WRONLY,
        _ => O_RDWR,
    };
    [
        (CREATE, O_CREAT),
        (APPEND, O_APPEND),
        (TRUNCATE, O_TRUNC),
        (EXCLUSIVE, O_EXCL),
        (NONBLOCK, O_NONBLOCK),
    ]
    .into_iter()
    .filter(|(bit, _)| bits & bit != 0)
    .fold(access, |all, (_, flag)| all | flag)
}

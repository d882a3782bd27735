//! `s6-rc-init`: a live state that begins with everything down, and its longruns supervised.

mod existing;
pub mod make;
pub mod supervise;

use super::compiled::{Db, Service};
use super::format_upgrade::invalid;
use super::{LIVE, db, lock};
use crate::control::client::{Unheard, control};
use crate::control::ftrig;
use crate::stages::wipe;
use crate::unique;
use interpreter::arg::Argv;
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;
use sys::time::Time;

/// Exit codes: 0 it is there, 4 the database can't be used, 100 wrong usage, or nothing runs on the
/// scan directory; 102 another live state is there, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-init",
    usage: "s6-rc-init [ -c bootdb ] [ -l livedir ] [ -p prefix ] [ -t timeout ] [ -d ] [ -b ] \
            scandir",
    run,
    kind: Kind::Link,
    examine: None,
};

/// The database that is booted on if nothing else is said.
pub const BOOTDB: &[u8] = b"/etc/s6-rc/compiled/current";

const RESOLVES: u64 = 1;
const WAITS: u64 = 2;
const FLAGS: [Flag; 4] = [
    Flag { short: 0, long: "no-dereference", clear: RESOLVES, set: 0 },
    Flag { short: b'd', long: "dereference", clear: 0, set: RESOLVES },
    Flag { short: 0, long: "no-block", clear: WAITS, set: 0 },
    Flag { short: b'b', long: "block", clear: 0, set: WAITS },
];
const VALUED: [Valued; 4] = [
    Valued { short: b'c', long: "bootdb", slot: 0 },
    Valued { short: b'l', long: "livedir", slot: 1 },
    Valued { short: b'p', long: "prefix", slot: 2 },
    Valued { short: b't', long: "timeout", slot: 3 },
];

/// What a live state is made of.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The directory of a tree that runs.
    pub scandir: &'a [u8],
    /// The database.
    pub compiled: &'a [u8],
    /// Where the live state is to be: an absolute path that does not end with a slash.
    pub live: &'a [u8],
    /// What the names of its longruns begin with in the scan directory.
    pub prefix: &'a [u8],
    /// The database is for this live state alone, and goes with it: they may have files in common.
    pub own: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// It has been made, at this path.
    New(Vec<u8>),
    /// It was there, at this path.
    Old(Vec<u8>),
    /// It was there, at this path, but not whole, or not where it belongs.
    Mended(Vec<u8>),
}

/// Makes the live state, unless it is there. `wait`: for somebody who has the database locked.
/// `warn` is told what is odd, and goes on.
pub fn init(
    plan: &Plan,
    wait: bool,
    deadline: Option<Time>,
    warn: &mut dyn FnMut(&str),
) -> Result<Made, Fail> {
    check_scandir(plan.scandir)?;
    if let Some(made) = existing::find(plan, deadline, warn)? {
        return Ok(made);
    }
    let compiled = plan.compiled;
    sys::fs::stat_bytes(compiled).map_err(|errno| Fail::sys_at("open", compiled, errno))?;
    let held = lock::take(compiled, false, wait).map_err(|errno| match errno {
        Errno::ENOENT => invalid(compiled, "it is none: it has no file lock"),
        errno => Fail::sys_at("take lock on", compiled, errno),
    })?;
    let made = db::open(compiled).and_then(|db| new(plan, &db, deadline));
    let _ = sys::fd::close(held);
    made.map(Made::New)
}

/// Makes a live state of services that are up already, and of which none is supervised. The keeper of
/// pipelines' pipes is not up: there are none.
pub fn adopt(plan: &Plan) -> Result<Vec<u8>, Fail> {
    check_scandir(plan.scandir)?;
    let db = db::open(plan.compiled)?;
    let up = db.services().map(|service| u8::from(service.name().to_bytes() != super::FDHOLDER));
    let dir = make::directory(plan, "s6-rc-init", &db, &up.collect::<Vec<u8>>())?;
    put_in_place(&dir, plan.live).map(|()| dir)
}

fn new(plan: &Plan, db: &Db, deadline: Option<Time>) -> Result<Vec<u8>, Fail> {
    let dir = make::directory(plan, "s6-rc-init", db, &vec![0; db.len()])?;
    let supervised = put_in_place(&dir, plan.live).and_then(|()| {
        let longruns: Vec<&[u8]> = longruns(db).map(|s| s.name().to_bytes()).collect();
        let begun = supervise::begin(plan, &dir, db, &longruns, deadline);
        begun.inspect_err(|_| {
            let _ = sys::fs::unlink(plan.live);
        })
    });
    if let Err(fail) = supervised {
        let _ = wipe::remove(&dir);
        return Err(fail);
    }
    Ok(dir)
}

/// The longruns that are processes.
pub fn longruns(db: &Db) -> impl Iterator<Item = Service> + use<> {
    db.services().take(db.longruns() as usize).filter(|service| !service.is_nominal())
}

/// Lets the link `live` lead to a directory beside it.
pub fn put_in_place(dir: &[u8], live: &[u8]) -> Result<(), Fail> {
    let name = interpreter::resolve::basename(dir);
    unique::link(name, live).map(drop).map_err(|errno| {
        let what = format!("symlink {} to {}", shown(name), shown(live));
        match errno {
            Errno::EINVAL => Fail::with_code(
                111,
                format!(
                    "unable to {what}: something else than a link is there\n\
                     help: remove {}, which is no live directory of s6-rc-init's",
                    shown(live)
                ),
            ),
            errno => Fail::sys(what, errno),
        }
    })
}

fn check_scandir(scandir: &[u8]) -> Result<(), Fail> {
    let name = shown(scandir);
    control(scandir, b".s6-svscan", b"").map_err(|unheard| match unheard {
        Unheard::NoSupervisor => Fail::bad(format!("s6-svscan is not running on {name}")),
        Unheard::BadDirectory(errno) => Fail::with_code(
            111,
            format!("invalid {name}/.s6-svscan scandir control directory: {}", sys::reason(errno)),
        ),
        Unheard::Sys(errno) => Fail::sys_at("check", scandir, errno),
    })
}

/// A live directory as it is given, without the slashes at its end.
pub fn canonical(live: &[u8]) -> Result<&[u8], Fail> {
    if live.first() != Some(&b'/') {
        return Err(Fail::bad("livedir must be an absolute path"));
    }
    match live.iter().rposition(|&b| b != b'/') {
        Some(last) => Ok(&live[..=last]),
        None => Err(Fail::sys_at("canonicalize", live, Errno::EINVAL)),
    }
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [compiled, live, prefix, timeout], used } =
        long::scan::<4>(&argv, &FLAGS, &VALUED)?;
    argv.advance(used);
    let scandir = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let absolute = |path: &[u8], what: &str| match path.first() {
        Some(b'/') => Ok(()),
        _ => Err(Fail::bad(format!("{what} must be an absolute path"))),
    };
    absolute(scandir, "scandir")?;
    let live = canonical(live.map_or(LIVE, |live| live.to_bytes()))?;
    let deadline = ftrig::deadline(timeout)?;
    let compiled = compiled.map_or(BOOTDB, |compiled| compiled.to_bytes());
    let real;
    let compiled = if bits & RESOLVES != 0 {
        real = sys::fs::realpath(compiled).map_err(|e| Fail::sys_at("realpath", compiled, e))?;
        &real
    } else {
        absolute(compiled, "bootdb")?;
        compiled
    };
    let prefix = prefix.map_or(&b""[..], |prefix| prefix.to_bytes());
    if prefix.iter().any(|b| b"/\n".contains(b)) {
        return Err(Fail::bad("prefix cannot contain a / or a newline"));
    }
    let plan = Plan { scandir, compiled, live, prefix, own: false };
    let info = |what: &str, dir: &[u8], rest: &str| {
        let line = format!("s6-rc-init: info: {what} {}{rest}\n", shown(dir));
        let _ = sys::fd::write_all(2, line.as_bytes());
    };
    match init(&plan, bits & WAITS != 0, deadline, &mut |what| image.warn(what))? {
        Made::New(_) => {}
        Made::Old(dir) => info("s6-rc already running on", &dir, ""),
        Made::Mended(dir) => info("s6-rc already running on", &dir, " - recovering it"),
    }
    Ok(Next::Exit(0))
}

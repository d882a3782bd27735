//! `s6-rc-format-upgrade`: lets a live state go over to a database of another version.

use super::compiled::Db;
use super::{LIVE, lock};
use crate::unique;
use interpreter::arg::Argv;
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 0 done, 1 the database has other services, 4 it can't be used, 100 wrong usage,
/// 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-format-upgrade",
    usage: "s6-rc-format-upgrade [ -v verbosity ] [ -t timeout ] [ -l live ] [ -b ] newdb",
    run,
    kind: Kind::Link,
    examine: None,
};

const WAITS: u64 = 1;
const FLAGS: [Flag; 1] = [Flag { short: b'b', long: "block", clear: 0, set: WAITS }];
const VALUED: [Valued; 3] = [
    Valued { short: b'v', long: "verbosity", slot: 0 },
    Valued { short: b'l', long: "livedir", slot: 1 },
    Valued { short: b't', long: "timeout", slot: 2 },
];

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [verbosity, live, timeout], used } =
        long::scan::<3>(&argv, &FLAGS, &VALUED)?;
    argv.advance(used);
    for (word, name) in [(verbosity, "verbosity"), (timeout, "timeout")] {
        if word.is_some_and(|word| options::number(word).is_err()) {
            return Err(Fail::bad(format!("{name} must be an unsigned integer")));
        }
    }
    let live = live.map_or(LIVE, |live| live.to_bytes());
    let to = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    if !to.starts_with(b"/") {
        return Err(Fail::bad(format!("{} is not an absolute path", shown(to))));
    }
    lock::take(live, true, bits & WAITS != 0)
        .map_err(|errno| Fail::sys_at("take lock on", live, errno))?;
    fits(live, to)?;
    let path = [live, b"/compiled"].concat();
    unique::link(to, &path).map_err(|errno| {
        Fail::sys(format!("make the symlink {} to {}", shown(&path), shown(to)), errno)
    })?;
    Ok(Next::Exit(0))
}

/// Whether the state is one of this database: it has a place for each service.
fn fits(live: &[u8], to: &[u8]) -> Result<(), Fail> {
    let db = Db::open(to).map_err(|why| invalid(to, &why.to_string()))?;
    let differs = || {
        let what = format!(
            "the database in {} has other services than the live one\nhelp: use s6-rc-update",
            shown(to)
        );
        Fail::with_code(1, what)
    };
    let state = sys::fd::read_file_bytes(&[live, b"/state"].concat())
        .map_err(|errno| Fail::sys_at("read the state in", live, errno))?;
    if state.len() != db.len() {
        return Err(differs());
    }
    // One that can't be read any more is why somebody comes here.
    let Ok(old) = Db::open(&[live, b"/compiled"].concat()) else { return Ok(()) };
    let names = |db: &Db| db.services().map(|service| service.name()).collect::<Vec<_>>();
    if names(&old) == names(&db) { Ok(()) } else { Err(differs()) }
}

/// A database that can't be used: exit code 4.
pub fn invalid(dir: &[u8], why: &str) -> Fail {
    Fail::with_code(4, format!("invalid service database in {}/db: {why}", shown(dir)))
}

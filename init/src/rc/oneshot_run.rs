//! `s6-rc-oneshot-run`: becomes the script of a oneshot.

use super::compiled::{Db, Kind as Of, Script};
use super::{LIVE, db, lock};
use interpreter::arg::Argv;
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::args::number::uint;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 0 there is no such script to be run, 3 the number is no oneshot's, 4 the database
/// can't be used, 100 wrong usage, 111 the system said no, 126 and 127 the script can't be exec'd;
/// else the script's.
pub const COMMAND: Command = Command {
    name: "s6-rc-oneshot-run",
    usage: "s6-rc-oneshot-run [ -l live ] [ -b ] up|down|reload servicenumber",
    run,
    kind: Kind::Link,
    examine: None,
};

const FLAGS: [Flag; 2] = [
    Flag { short: 0, long: "no-block", clear: 1, set: 0 },
    Flag { short: b'b', long: "block", clear: 0, set: 1 },
];
const VALUED: [Valued; 1] = [Valued { short: b'l', long: "livedir", slot: 0 }];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [live], used } = long::scan::<1>(&argv, &FLAGS, &VALUED)?;
    argv.advance(used);
    let [what, number, ..] = *argv else { return Err(Fail::usage()) };
    let script = match what.to_bytes() {
        b"up" => Script::Up,
        b"down" => Script::Down,
        b"reload" => Script::Reload,
        _ => return Err(Fail::usage()),
    };
    let number = uint(number.to_bytes()).ok_or_else(Fail::usage)?;
    let compiled = [live.map_or(LIVE, |live| live.to_bytes()), b"/compiled"].concat();
    let held = lock::take(&compiled, false, bits != 0)
        .map_err(|errno| Fail::sys_at("take lock on", &compiled, errno))?;
    let opened = db::open(&compiled);
    let _ = sys::fd::close(held);
    let db = opened?;
    if number as usize >= db.len() || db.service(number).kind() != Of::Oneshot {
        return Err(no_oneshot(&db));
    }
    let service = db.service(number);
    image.env.set(b"RC_NAME", service.name().to_bytes());
    match service.script(script) {
        words if words.is_empty() => Ok(Next::Exit(0)),
        words => Ok(Next::Chain(Argv::new(words))),
    }
}

fn no_oneshot(db: &Db) -> Fail {
    let (first, end) = (db.longruns(), db.len() as u32);
    let help = match end.saturating_sub(first) {
        0 => "the database has no oneshots".to_owned(),
        _ => format!("the oneshots of this database are {first} to {}", end - 1),
    };
    Fail::with_code(3, format!("invalid service number\nhelp: {help}"))
}

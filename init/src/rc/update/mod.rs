//! `s6-rc-update`: a live state goes over to another database, and whatever is the same in both goes
//! on undisturbed.

mod conversion;
mod finish;
pub mod journal;
mod plan;
mod switch;

use super::change::{Change, Options, change};
use super::compiled::{Db, Way};
use super::engine::Outcome;
use super::init::canonical;
use super::live::{Access, Live};
use super::source::Talk;
use super::{LIVE, db, lock};
use crate::control::ftrig;
use interpreter::arg::Argv;
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::args::number::uint;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use plan::{No, Plan};
use sys::time::{Time, monotonic};

/// Exit codes: 0 done; 1 the database is the new one, and not all came up; 2 the same, and the time
/// was over; 3 nothing has a name of the conversion file; 4 a database can't be used; 5 such a name
/// is a bundle's; 6 two become one; 9 and 10 are 1 and 2 where the database is still the old one;
/// 100 wrong usage; 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-update",
    usage: "s6-rc-update [ -n ] [ -v verbosity ] [ -t timeout ] [ -l live ] [ -f conversion_file ] \
            [ -E | -e ] [ -b ] newdb",
    run,
    kind: Kind::Link,
    examine: None,
};

const DRY: u64 = 1;
const WAITS: u64 = 2;
const FORCES: u64 = 4;
const FLAGS: [Flag; 4] = [
    Flag { short: b'n', long: "dry-run", clear: 0, set: DRY },
    Flag { short: b'b', long: "block", clear: 0, set: WAITS },
    Flag { short: b'E', long: "no-force-essentials", clear: FORCES, set: 0 },
    Flag { short: b'e', long: "force-essentials", clear: 0, set: FORCES },
];
const VALUED: [Valued; 4] = [
    Valued { short: b'v', long: "verbosity", slot: 0 },
    Valued { short: b't', long: "timeout", slot: 1 },
    Valued { short: b'l', long: "livedir", slot: 2 },
    Valued { short: b'f', long: "conversion-file", slot: 3 },
];

/// How a live state is brought to another database.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// The live state: an absolute path that does not end with a slash.
    pub live: &'a [u8],
    /// The new database, an absolute path.
    pub compiled: &'a [u8],
    /// The conversion file.
    pub conversion: Option<&'a [u8]>,
    /// Essential services are stopped as others are, where they have to.
    pub force: bool,
    /// Nothing is done; what would be is printed.
    pub dry: bool,
    /// Whoever has the locks is waited for.
    pub waits: bool,
    /// When it has to be over.
    pub until: Option<Time>,
    /// How much is said.
    pub verbosity: u32,
}

/// Brings a live state to another database. The exit code.
pub fn update(update: &Update) -> Result<i32, Fail> {
    let talk = Talk { who: COMMAND.name, verbosity: update.verbosity };
    let access = Access { change: true, locks: true, waits: update.waits };
    let live = Live::open(update.live, access)?;
    let held = lock::take(update.compiled, false, update.waits)
        .map_err(|errno| Fail::sys_at("take lock on", update.compiled, errno))?;
    let done = update.run(live, talk);
    let _ = sys::fd::close(held);
    done
}

impl Update<'_> {
    fn run(&self, live: Live, talk: Talk) -> Result<i32, Fail> {
        let new = db::open(self.compiled)?;
        talk.info(2, || "computing state adjustments".into());
        let mut plan = self.plan(&live, &new)?;
        if self.until.is_some_and(|until| until <= monotonic()) {
            let what = "timed out while computing state adjustments";
            return Err(Fail::with_code(10, what));
        }
        let stop = names(&live.db, &plan.stop);
        let start = names(&new, &plan.start);
        if self.dry {
            let way = if self.force { "-D" } else { "-d" };
            self.show(way, &stop)?;
            self.show("-u", &start)?;
            return Ok(0);
        }
        talk.info(2, || "stopping services in the old database".into());
        self.go(Way::Down, &stop).and_then(|outcome| match outcome {
            Outcome::Reached => Ok(()),
            missed => Err(Fail::with_code(
                missed.code() + 8,
                "not all services that have to go down did: the database is still the old one",
            )),
        })?;
        talk.info(2, || "updating state and service directories".into());
        let locks = switch::switch(self, live, &new, &mut plan, talk)?;
        talk.info(2, || "starting services in the new database".into());
        let outcome = self.go(Way::Up, &names(&new, &plan.start));
        let _ = sys::fd::close(locks);
        let outcome = outcome?;
        if outcome == Outcome::TimedOut {
            return Err(Fail::with_code(outcome.code(), "timed out"));
        }
        Ok(outcome.code())
    }

    fn plan(&self, live: &Live, new: &Db) -> Result<Plan, Fail> {
        let dir = [&live.dir[..], b"/compiled"].concat();
        let wishes = match self.conversion {
            Some(path) => conversion::read(path, &live.db, &dir)?,
            None => vec![plan::Wish::default(); live.db.len()],
        };
        let up: Vec<bool> = live.db.services().map(|s| live.is_up(s.id)).collect();
        plan::plan(&live.db, new, &up, &wishes).map_err(|no| match no {
            No::Undefined(name) => Fail::with_code(
                4,
                format!(
                    "bad conversion file: new service {} is undefined in database {}",
                    shown(&name),
                    shown(self.compiled)
                ),
            ),
            No::Twice(new_id, old_id) => Fail::with_code(
                6,
                format!(
                    "unable to convert database: new service {} is a target for more than one \
                     conversion, including old service {}",
                    shown(new.service(new_id).name().to_bytes()),
                    shown(live.db.service(old_id).name().to_bytes())
                ),
            ),
        })
    }

    fn go(&self, way: Way, names: &[&[u8]]) -> Result<Outcome, Fail> {
        let options = Options {
            verbosity: self.verbosity,
            until: self.until,
            locks: false,
            ..Options::default()
        };
        let force = self.force && way == Way::Down;
        let order = Change { way, names, add: false, prune: false, force };
        change(self.live, &order, &options)
    }

    /// Prints the command that the original would run.
    fn show(&self, way: &str, names: &[&[u8]]) -> Result<(), Fail> {
        if self.verbosity == 0 {
            return Ok(());
        }
        let left = self.until.map_or(0, |until| until.millis_since(monotonic()).max(1));
        let head = format!("s6-rc-dryrun: s6-rc -v {} -t {left} -l ", self.verbosity);
        let way = format!(" {way} -- change");
        let mut line = [head.as_bytes(), self.live, way.as_bytes()].concat();
        for name in names {
            line.push(b' ');
            line.extend_from_slice(name);
        }
        line.push(b'\n');
        sys::fd::write_all(1, &line).map_err(|errno| Fail::sys("write to stdout", errno))
    }
}

/// The names of these services, the last one first.
fn names(db: &Db, which: &[bool]) -> Vec<&'static [u8]> {
    let mut chosen: Vec<&[u8]> = db
        .services()
        .filter(|service| which[service.id as usize])
        .map(|service| service.name().to_bytes())
        .collect();
    chosen.reverse();
    chosen
}

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [verbosity, timeout, live, conversion], used } =
        long::scan::<4>(&argv, &FLAGS, &VALUED)?;
    argv.advance(used);
    let compiled = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let verbosity = verbosity.map_or(Some(1), |word| uint(word.to_bytes()));
    let verbosity = verbosity.ok_or_else(|| Fail::bad("verbosity must be an unsigned integer"))?;
    let until = ftrig::deadline(timeout)?;
    let live = live.map_or(LIVE, |live| live.to_bytes());
    for path in [live, compiled] {
        if path.first() != Some(&b'/') {
            return Err(Fail::bad(format!("{} is not an absolute path", shown(path))));
        }
    }
    let code = update(&Update {
        live: canonical(live)?,
        compiled,
        conversion: conversion.map(|path| path.to_bytes()),
        force: bits & FORCES != 0,
        dry: bits & DRY != 0,
        waits: bits & WAITS != 0,
        until,
        verbosity,
    })?;
    Ok(Next::Exit(code))
}

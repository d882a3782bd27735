//! `s6-rc`: what is up, and how it is changed.

mod drive;
mod drive_late;
mod drive_orders;
mod dry;
mod dryrun;
mod last_words;
mod longrun;
mod orders;
mod reload;
mod script;
mod signals;

use super::compiled::{Id, Way};
use super::engine::Outcome;
use super::live::{Access, Live};
use super::source::Talk;
use super::{LIVE, db};
use crate::control::client;
use interpreter::arg::{Arg, Argv};
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::time::{Time, monotonic};

pub use dryrun::COMMAND as DRYRUN;

/// Exit codes: 0 done, 1 not all could be done (or `diff` found something), 2 the time is over, 3
/// nothing has the name, 4 the live state or its database can't be used, 100 wrong usage, 111 the
/// system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc",
    usage: "s6-rc [ -v verbosity ] [ -n dryrunthrottle ] [ -t timeout ] [ -l live ] [ -b ] \
            [ -E | -e ] [ -u | -d | -D ] [ -p ] [ -a ] \
            help|list|listall|diff|start|stop|reload|change [ servicenames... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

const DOWN: u64 = 0x01;
/// Essential services are not listed, but are stopped.
const PAST_ESSENTIALS: u64 = 0x02;
const PRUNE: u64 = 0x04;
const ADD: u64 = 0x08;
const WAITS: u64 = 0x10;
const NO_LOCKS: u64 = 0x80;
const FLAGS: [Flag; 9] = [
    Flag { short: b'u', long: "up", clear: DOWN, set: 0 },
    Flag { short: b'd', long: "down", clear: 0, set: DOWN },
    Flag { short: b'D', long: "all-down", clear: 0, set: DOWN | PAST_ESSENTIALS },
    Flag { short: b'p', long: "prune", clear: 0, set: PRUNE },
    Flag { short: b'a', long: "add", clear: 0, set: ADD },
    Flag { short: b'b', long: "block", clear: 0, set: WAITS },
    Flag { short: b'E', long: "with-essentials", clear: PAST_ESSENTIALS, set: 0 },
    Flag { short: b'e', long: "without-essentials", clear: 0, set: PAST_ESSENTIALS },
    Flag { short: 0, long: "no-lock", clear: 0, set: NO_LOCKS },
];
const VALUED: [Valued; 4] = [
    Valued { short: b'v', long: "verbosity", slot: 0 },
    Valued { short: b'n', long: "dry-run", slot: 1 },
    Valued { short: b't', long: "timeout", slot: 2 },
    Valued { short: b'l', long: "livedir", slot: 3 },
];

const VERBS: [&str; 8] = ["change", "diff", "help", "list", "listall", "reload", "start", "stop"];

const HELP: &[u8] = b"s6-rc help\n\
s6-rc [ -l live ] [ -b ] [ -a ] [ -u | -d ] [ -E | -e ] list [ servicenames... ]\n\
s6-rc [ -l live ] [ -b ] [ -a ] [ -u | -d ] [ -E | -e ] listall [ servicenames... ]\n\
s6-rc [ -l live ] [ -b ] diff\n\
s6-rc [ -l live ] [ -b ] [ -a ] [ -v verbosity ] [ -t timeout ] [ -n dryrunthrottle ] \
start|stop|reload [ servicenames... ]\n\
s6-rc [ -l live ] [ -b ] [ -a ] [ -u | -d | -D ] [ -p ] [ -v verbosity ] [ -t timeout ] \
[ -n dryrunthrottle ] change [ servicenames... ]\n";

/// How a change is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How much is said: 1 warnings, 2 transitions, 3 all services.
    pub verbosity: u32,
    /// When it has to be over.
    pub until: Option<Time>,
    /// Nothing is done, and each transition seems to take so many milliseconds.
    pub dry: Option<u32>,
    /// Locks are taken.
    pub locks: bool,
    /// Whoever has the locks is waited for.
    pub waits: bool,
    /// A signal that ends the change is for this process, too, and comes again behind it. It also
    /// ends the scripts that run.
    pub passes_on: bool,
    /// Is told what failed, in a sentence.
    pub on_failure: fn(&[u8]),
}

impl Default for Options {
    fn default() -> Options {
        Options {
            verbosity: 1,
            until: None,
            dry: None,
            locks: true,
            waits: false,
            passes_on: false,
            on_failure: |_| {},
        }
    }
}

impl Options {
    fn talk(&self) -> Talk {
        Talk { who: COMMAND.name, verbosity: self.verbosity }
    }
}

/// What is to change.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The way that the services go, with all that has to go with them.
    pub way: Way,
    /// Services and bundles.
    pub names: &'a [&'a [u8]],
    /// And all that are up.
    pub add: bool,
    /// All others go the other way.
    pub prune: bool,
    /// Essential services go down, too.
    pub force: bool,
}

/// Changes a live state, as `s6-rc change` does. Nothing of it stays in the process.
pub fn change(live: &[u8], change: &Change, options: &Options) -> Result<Outcome, Fail> {
    let access = Access { change: true, locks: options.locks, waits: options.waits };
    make(&mut Live::open(live, access)?, change, options)
}

fn make(live: &mut Live, change: &Change, options: &Options) -> Result<Outcome, Fail> {
    let mut chosen = select(live, change.names, Some(change.way))?;
    if change.add {
        let ids = 0..chosen.len() as Id;
        ids.filter(|&id| live.up(id) != Some(false)).for_each(|id| chosen[id as usize] = true);
    }
    live.db.close(&mut chosen, change.way);
    let passes = match change.prune {
        false => vec![(change.way, chosen)],
        true => {
            let rest: Vec<bool> = chosen.iter().map(|is| !is).collect();
            let (down, up) = if change.way == Way::Up { (rest, chosen) } else { (chosen, rest) };
            vec![(Way::Down, down), (Way::Up, up)]
        }
    };
    drive::drive(live, passes, change.force, options)
}

/// The services that names stand for; exit code 3 where a name stands for nothing. What somebody
/// asks to go up or down by name is remembered.
fn select(live: &mut Live, names: &[&[u8]], way: Option<Way>) -> Result<Vec<bool>, Fail> {
    let mut chosen = vec![false; live.db.len()];
    let dir = [&live.dir[..], b"/compiled"].concat();
    for name in names {
        for id in live.db.atoms(db::find(&live.db, &dir, name, "recognized")?) {
            chosen[id as usize] = true;
            if let Some(way) = way {
                live.wish(id, way == Way::Up);
            }
        }
    }
    Ok(chosen)
}

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [verbosity, dry, timeout, live], used } =
        long::scan::<4>(&argv, &FLAGS, &VALUED)?;
    argv.advance(used);
    let number = |word: Option<Arg>, what: &str| {
        let read = |word| {
            options::number(word)
                .map_err(|_| Fail::bad(format!("{what} must be an unsigned integer")))
        };
        word.map(read).transpose()
    };
    let verbosity = number(verbosity, "verbosity")?.unwrap_or(1);
    let dry = number(dry, "dry-run")?;
    let timeout = number(timeout, "timeout")?.unwrap_or(0);
    let verb = *argv.first().ok_or_else(Fail::usage)?;
    let known = VERBS.iter().find(|known| known.as_bytes() == verb.to_bytes());
    let Some(&verb) = known else { return Err(db::unknown("command", verb, &VERBS)) };
    let mut options = Options {
        verbosity,
        until: None,
        dry,
        locks: bits & NO_LOCKS == 0,
        waits: bits & WAITS != 0,
        ..Options::default()
    };
    let live = live.map_or(LIVE, |live| live.to_bytes());
    let names: Vec<&[u8]> = argv[1..].iter().map(|name| name.to_bytes()).collect();
    let locks = (options.locks, options.waits);
    let open = |change| Live::open(live, Access { change, locks: locks.0, waits: locks.1 });
    // The time for the others who use it does not count.
    let until = || (timeout > 0).then(|| monotonic().plus_millis(timeout.into()));
    let code = match verb {
        "help" => return db::print(HELP),
        "change" | "start" | "stop" => {
            let down = verb == "stop" || verb == "change" && bits & DOWN != 0;
            let order = Change {
                way: if down { Way::Down } else { Way::Up },
                names: &names,
                add: bits & ADD != 0,
                prune: verb == "change" && bits & PRUNE != 0,
                force: bits & PAST_ESSENTIALS != 0,
            };
            let mut live = open(true)?;
            options.until = until();
            let outcome = make(&mut live, &order, &options)?;
            if outcome == Outcome::TimedOut {
                return Err(Fail::with_code(outcome.code(), "timed out"));
            }
            outcome.code()
        }
        "reload" => {
            let mut live = open(true)?;
            options.until = until();
            let chosen = chosen(&mut live, &names, bits)?;
            reload::reload(&live, &chosen, &options)?
        }
        verb => {
            let mut live = open(false)?;
            if verb == "diff" { diff(&live)? } else { list(&mut live, verb, &names, bits)? }
        }
    };
    Ok(Next::Exit(code))
}

/// The services that are named, and with `-a` those that are up.
fn chosen(live: &mut Live, names: &[&[u8]], bits: u64) -> Result<Vec<bool>, Fail> {
    let mut chosen = select(live, names, None)?;
    for (id, is) in (0..).zip(&mut chosen) {
        *is |= bits & ADD != 0 && live.is_up(id);
    }
    Ok(chosen)
}

/// `list` and `listall`.
fn list(live: &mut Live, verb: &str, names: &[&[u8]], bits: u64) -> Result<i32, Fail> {
    let mut chosen = chosen(live, names, bits)?;
    let down = bits & DOWN != 0;
    if verb == "listall" {
        live.db.close(&mut chosen, if down { Way::Down } else { Way::Up });
    } else if down {
        chosen.iter_mut().for_each(|is| *is = !*is);
    }
    let mut text = Vec::new();
    for service in live.db.services().filter(|service| chosen[service.id as usize]) {
        if bits & PAST_ESSENTIALS == 0 || !service.is_essential() {
            text.extend_from_slice(service.name().to_bytes());
            text.push(b'\n');
        }
    }
    db::print(&text).map(|_| 0)
}

/// Longruns that their supervisors want up (`+`) or down (`-`), and the state not.
fn diff(live: &Live) -> Result<i32, Fail> {
    let mut text = Vec::new();
    let longruns = live.db.services().take(live.db.longruns() as usize);
    for service in longruns.filter(|service| !service.is_nominal()) {
        let dir = live.servicedir(service.id);
        let status = client::status(&dir)
            .map_err(|errno| Fail::sys_at("read longrun status for", &dir, errno))?;
        if status.want_up != live.is_up(service.id) {
            text.push(if status.want_up { b'+' } else { b'-' });
            text.extend_from_slice(service.name().to_bytes());
            text.push(b'\n');
        }
    }
    db::print(&text)?;
    Ok(i32::from(!text.is_empty()))
}

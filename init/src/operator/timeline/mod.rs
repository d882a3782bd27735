//! `chainit timeline`: the boot, the shutdown or another change as it went: when each service
//! began and was there, what it had waited for, and on whom the length of it all depended.
//!
//! Exit codes: 0, 100 wrong usage, 111 there is no such live state, or it can't be read.

mod chrome;
mod json;
pub mod read;
mod text;

use super::fault::Fault;
use crate::rc::compiled::{Db, Entry, Way};
use crate::rc::{FDHOLDER, LIVE, ONESHOT_RUNNER, lock};
use clap::ArgMatches;
use read::{Change, How, Pass};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
pub use text::time;

/// What is shown: changes, and the graph that says who waits for whom.
struct Shown<'a> {
    /// With their numbers, from 1.
    changes: Vec<(usize, Change<'a>)>,
    db: Option<Db>,
}

/// Shows the timeline that the options ask for.
pub fn run(options: &ArgMatches) -> Result<(), Fault> {
    let live = options.get_one::<OsString>("live").map_or(LIVE, |dir| dir.as_bytes());
    let path = [live, b"/timeline"].concat();
    let text = sys::fd::read_file_bytes(&path).map_err(|errno| {
        let what = format!("read {}", super::fault::show(&path));
        let help = "name the live directory of s6-rc; its timeline begins with the first change";
        Fault::step(what, errno, help)
    })?;
    // Who changes something holds the lock.
    let now = lock::holder(live, false).map(|_| (sys::time::monotonic().nanos() / 1000) as u64);
    let all = read::changes(&text, now);
    let count = all.len();
    let mut changes: Vec<_> = (1..).zip(all).collect();
    match options.get_one::<usize>("change") {
        Some(&number) if number == 0 || number > count => {
            return Err(Fault::usage(format!("there is no change {number}: there are {count}")));
        }
        Some(&number) => changes.retain(|(n, _)| *n == number),
        None if options.get_flag("all") => {}
        None => changes.retain(|(n, _)| *n == count),
    }
    let db = Db::open(&[live, b"/compiled"].concat()).ok();
    // Names with nothing behind them take no time.
    let nominal = |name: &[u8]| [ONESHOT_RUNNER, FDHOLDER].contains(&name);
    for pass in changes.iter_mut().flat_map(|(_, change)| change) {
        pass.steps.retain(|step| !nominal(step.name));
    }
    let shown = Shown { changes, db };
    let text = match options.get_one::<String>("format").map_or("text", String::as_str) {
        "json" => json::document(&shown),
        "chrome" => chrome::document(&shown),
        _ => text::lines(&shown),
    };
    super::show(text.as_bytes())
}

impl Shown<'_> {
    /// Which step of a pass each of its steps waited for.
    fn waited_for(&self, pass: &Pass) -> Vec<Option<usize>> {
        let Some(db) = self.db else { return vec![None; pass.steps.len()] };
        let mut steps = vec![None; db.len()];
        for (i, step) in pass.steps.iter().enumerate() {
            if let Some(Entry::Service(id)) = db.find(step.name) {
                steps[id as usize] = Some(i);
            }
        }
        let way = if pass.up { Way::Up } else { Way::Down };
        pass.waited_for(|step| match db.find(step.name) {
            Some(Entry::Service(id)) => {
                db.service(id).needs(way).filter_map(|id| steps[id as usize]).collect()
            }
            _ => Vec::new(),
        })
    }

    /// How many services wait for a step that is open, directly or not.
    fn held_up(&self, pass: &Pass, name: &[u8]) -> usize {
        let Some(db) = self.db else { return 0 };
        let Some(Entry::Service(id)) = db.find(name) else { return 0 };
        let mut set = vec![false; db.len()];
        set[id as usize] = true;
        // Those behind it on the way up depend on it.
        db.close(&mut set, if pass.up { Way::Down } else { Way::Up });
        set.iter().filter(|&&held| held).count() - 1
    }
}

/// A name for how a step ended.
fn ending(how: How, up: bool) -> &'static str {
    match (how, up) {
        (How::Open, _) => "open",
        (How::Failed, _) => "failed",
        (How::Done, true) => "ready",
        (How::Done, false) => "stopped",
    }
}

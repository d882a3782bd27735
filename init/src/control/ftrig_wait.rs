//! `s6-ftrig-wait`: waits for events in a fifodir.

use super::ftrig::{self, Subscription};
use interpreter::arg::Argv;
use interpreter::args::long::{self, Found};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

/// Exit codes: 0 the events came, 99 the time is over, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-ftrig-wait",
    usage: "s6-ftrig-wait [ -t timeout ] fifodir regexp",
    run,
    kind: Kind::Daemon,
    examine: None,
};

fn run(_image: &mut Image, argv: Argv) -> Ran {
    let Found { values: [timeout], used, .. } = long::scan(&argv, &[], ftrig::TIMEOUT)?;
    let [fifodir, pattern, ..] = argv[used..] else { return Err(Fail::usage()) };
    let deadline = ftrig::deadline(timeout)?;
    let mut subscription = [Subscription::new(fifodir, pattern)?];
    ftrig::wait(&mut subscription, true, deadline).map_err(|errno| {
        let (pattern, place) = (shown(pattern.to_bytes()), shown(fifodir.to_bytes()));
        ftrig::missed(format!("match regexp {pattern} on {place}"), errno, 99)
    })?;
    let [subscription] = subscription;
    subscription.print()
}

//! `s6-ftrig-listen1`: runs a program and waits for events in a fifodir.

use super::ftrig::{self, Subscription};
use interpreter::arg::Argv;
use interpreter::args::long::{self, Found};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

/// Exit codes: 0 the events came, 1 the time is over, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-ftrig-listen1",
    usage: "s6-ftrig-listen1 [ -t timeout ] fifodir regexp prog...",
    run,
    kind: Kind::Daemon,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let Found { values: [timeout], used, .. } = long::scan(&argv, &[], ftrig::TIMEOUT)?;
    let [fifodir, pattern, _, ..] = argv[used..] else { return Err(Fail::usage()) };
    argv.advance(used + 2);
    let deadline = ftrig::deadline(timeout)?;
    let mut subscription = [Subscription::new(fifodir, pattern)?];
    ftrig::start(image, &argv)?;
    ftrig::wait(&mut subscription, true, deadline)
        .map_err(|errno| ftrig::missed("get expected event".into(), errno, 1))?;
    let [subscription] = subscription;
    subscription.print()
}

//! `s6-ftrig-listen`: runs a program and waits for events in several fifodirs.

use super::ftrig::{self, Subscription};
use interpreter::arg::Argv;
use interpreter::args::long::{self, Flag, Found};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 0 the events came, 1 the time is over, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-ftrig-listen",
    usage: "s6-ftrig-listen [ -a | -o ] [ -t timeout ] { fifodir1 regexp1 fifodir2 regexp2... } \
            prog...",
    run,
    kind: Kind::Daemon,
    examine: None,
};

const ANY: u64 = 1;

const FLAGS: &[Flag] = &[
    Flag { short: b'a', long: "and", clear: ANY, set: 0 },
    Flag { short: b'o', long: "or", clear: 0, set: ANY },
];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [timeout], used } = long::scan(&argv, FLAGS, ftrig::TIMEOUT)?;
    argv.advance(used);
    let deadline = ftrig::deadline(timeout)?;
    let block = image.need_block(&mut argv)?;
    if block.is_empty() || block.len() % 2 != 0 || argv.is_empty() {
        return Err(Fail::usage());
    }
    let pairs = block.chunks_exact(2).map(|pair| Subscription::new(pair[0], pair[1]));
    let mut subscriptions = pairs.collect::<Result<Vec<_>, _>>()?;
    ftrig::start(image, &argv)?;
    ftrig::wait(&mut subscriptions, bits & ANY != 0, deadline)
        .map_err(|errno| ftrig::missed("get expected event".into(), errno, 1))?;
    Ok(Next::Exit(0))
}

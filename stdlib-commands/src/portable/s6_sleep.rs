//! `s6-sleep`: the rest, later.

use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::time::Time;

pub const COMMAND: Command = Command {
    name: "s6-sleep",
    usage: "s6-sleep [ -m ] duration [ prog... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// The duration is in seconds, with `-m` in milliseconds.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let milli = options::flag(&mut argv, b'm')?;
    let word = argv.next_word().ok_or_else(Fail::usage)?;
    let duration = options::number(word)?;
    let start = Time::default();
    sys::time::sleep(match milli {
        true => start.plus_millis(duration.into()),
        false => Time { sec: duration.into(), ..start },
    });
    Next::chain_or_end(argv)
}

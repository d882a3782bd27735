//! `s6-clock`: the time as a TAI64N label.

use super::line;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-clock",
    usage: "s6-clock [ tai64nlabel ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the clock can't be set, or standard output not be written to.
fn run(_image: &mut Image, argv: Argv) -> Ran {
    let Some(label) = argv.first() else {
        return line(&sys::tai::timestamp(sys::time::now()), true);
    };
    let time = sys::tai::scan(label.to_bytes()).ok_or_else(Fail::usage)?;
    sys::time::set(time).map_err(|errno| Fail::sys("set the clock", errno))?;
    Ok(Next::Exit(0))
}

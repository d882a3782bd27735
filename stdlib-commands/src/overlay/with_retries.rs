//! `with-retries`: runs a program until it goes well.

use crate::options;
use crate::portable::s6_maximumtime::limited;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::signal::SIGTERM;

pub const COMMAND: Command = Command {
    name: "with-retries",
    usage: "with-retries [ -n numretries ] [ -t millisecs ] prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 1: it never went well.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut tries, mut millis) = (3, 500);
    options::take(&mut argv, "n:t:", |letter, value| {
        let number = options::number(value)?;
        match letter {
            b'n' => tries = number,
            _ => millis = number,
        }
        Ok(())
    })?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    for _ in 0..tries {
        match limited(image, &argv, millis, SIGTERM) {
            Ok(Some(status)) if status.code() == Some(0) => return Ok(Next::Exit(0)),
            Ok(Some(status)) => image.warn(&format!("it ended with {}", status.shell_code())),
            Ok(None) => image.warn(&format!("it took more than {millis} milliseconds")),
            Err(fail) => image.warn(&fail.to_string()),
        }
    }
    Ok(Next::Exit(1))
}

//! `s6-nice`: a lower priority for the rest.

use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-nice",
    usage: "s6-nice [ -I | -i ] [ -n value ] prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: with `-i`, the priority can't be had.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut strict, mut by) = (false, 10);
    options::take(&mut argv, "Iin:", |letter, value| {
        match letter {
            b'n' => by = super::signed(value.to_bytes()).ok_or_else(Fail::usage)?,
            _ => strict = letter == b'i',
        }
        Ok(())
    })?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let by = i32::try_from(by).map_err(|_| Fail::usage())?;
    if let Err(errno) = sys::process::nice(by) {
        let fail = Fail::sys(format!("nice to {by}"), errno);
        if strict {
            return Err(fail);
        }
        image.warn(&fail.to_string());
    }
    Ok(Next::Chain(argv))
}

//! `s6-svdt`: how a service has died.

use super::tally;
use crate::supervise::status::Death;
use interpreter::arg::Argv;
use interpreter::args::number::uint;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use std::io::Write;
use stdlib_commands::options;

/// Exit codes: 0 told, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-svdt",
    usage: "s6-svdt [ -S | -s ] [ -n maxlines ] servicedir",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut numbers, mut max) = (false, tally::MOST);
    options::take(&mut argv, "Ssn:", |letter, value| {
        match letter {
            b'n' => max = uint(value.to_bytes()).ok_or_else(Fail::usage)? as usize,
            letter => numbers = letter == b's',
        }
        Ok(())
    })?;
    let dir = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    if max == 0 {
        return Ok(Next::Exit(0));
    }
    let deaths = tally::read(dir, max).map_err(|errno| tally::unreadable(dir, errno))?;
    let mut text = Vec::new();
    deaths.iter().for_each(|death| tell(death, numbers, &mut text));
    sys::fd::write_all(1, &text).map_err(|e| Fail::sys("write to stdout", e))?;
    Ok(Next::Exit(0))
}

fn tell(death: &Death, numbers: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(&sys::tai::timestamp(death.when));
    let number = death.signal;
    // Writing into a Vec can't fail.
    let _ = match (number, sys::signal::name(number.into()), numbers) {
        (0, ..) => writeln!(out, " exitcode {}", death.code),
        (_, Some(name), false) => writeln!(out, " signal SIG{name}"),
        (_, None, false) => writeln!(out, " signal SIG{number}"),
        _ => writeln!(out, " signal {number}"),
    };
}

//! `s6-permafailon`: a finish script's way to give up a service that dies too often.

use super::tally;
use crate::supervise::status::Death;
use interpreter::arg::Argv;
use interpreter::args::number::{uint, uint_prefix};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::time::{Time, now};

/// Exit codes: 125 it has died too often, 100 wrong usage; else the rest's.
pub const COMMAND: Command = Command {
    name: "s6-permafailon",
    usage: "s6-permafailon secs deathcount events prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// The exit code of a finish script that tells its supervisor to give up.
const PERMANENT: i32 = 125;

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let [seconds, count, events, ..] = *argv else { return Err(Fail::usage()) };
    let seconds = options::number(seconds)?;
    let count = Some(options::number(count)?).filter(|&n| n > 0).ok_or_else(Fail::usage)?;
    let count = (count as usize).min(tally::MOST);
    let causes = Causes::read(events.to_bytes()).map_err(Fail::bad)?;
    argv.advance(3);
    let deaths = tally::read(b".", tally::MOST).unwrap_or_else(|errno| {
        image.warn(&format!("unable to read death_tally: {}", sys::reason(errno)));
        Vec::new()
    });
    let Time { sec, nsec } = now();
    let since = Time { sec: sec - i64::from(seconds), nsec };
    let mut matching = deaths.iter().filter(|death| death.when >= since && causes.have(death));
    match matching.nth(count - 1) {
        None => Next::chain_or_end(argv),
        Some(death) => {
            let (kind, number) = match death.signal {
                0 => ("exit code", death.code),
                signal => ("signal", signal),
            };
            let line = format!(
                "s6-permafailon: info: PERMANENT FAILURE triggered after {count} events \
                 involving {kind} {number} in the last {seconds} seconds\n"
            );
            let _ = sys::fd::write_all(2, line.as_bytes());
            Ok(Next::Exit(PERMANENT))
        }
    }
}

/// The deaths that count.
struct Causes {
    codes: [bool; 256],
    signals: [bool; 65],
}

impl Causes {
    /// `1,10-20,SIGSEGV`: exit codes, ranges of them, signals, with `, ;` or blanks behind each.
    /// What is wrong with it otherwise.
    fn read(text: &[u8]) -> Result<Causes, String> {
        let mut causes = Causes { codes: [false; 256], signals: [false; 65] };
        let separates = |b: &u8| b",; \n\r\t".contains(b);
        if text.first().is_some_and(separates) {
            return Err("a list of events begins with an exit code or a signal".into());
        }
        for item in text.split(separates).filter(|item| !item.is_empty()) {
            let shown = || String::from_utf8_lossy(item).into_owned();
            if item[0].is_ascii_digit() {
                let (from, to) = range(item)
                    .ok_or_else(|| format!("{}: no exit code (0-255), nor a range", shown()))?;
                causes.codes[from..=to].fill(true);
            } else {
                let signal = sys::signal::parse(item).and_then(|s| usize::try_from(s).ok());
                let place = signal.and_then(|signal| causes.signals.get_mut(signal));
                *place.ok_or_else(|| format!("{}: no exit code, nor a signal", shown()))? = true;
            }
        }
        Ok(causes)
    }

    fn have(&self, death: &Death) -> bool {
        let signal = usize::from(death.signal);
        signal > 0 && self.signals.get(signal) == Some(&true) || self.codes[usize::from(death.code)]
    }
}

/// `5` or `5-9`.
fn range(item: &[u8]) -> Option<(usize, usize)> {
    let number = |digits: &[u8]| uint(digits).filter(|&n| n < 256).map(|n| n as usize);
    let (_, digits) = uint_prefix(item);
    let from = number(&item[..digits])?;
    let to = match &item[digits..] {
        [] => from,
        [b'-', to @ ..] => number(to)?,
        _ => return None,
    };
    (from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(list: &[u8], code: u8, signal: u8) -> Option<bool> {
        let death = Death { when: Time::default(), code, signal };
        Causes::read(list).ok().map(|causes| causes.have(&death))
    }

    #[test]
    fn causes() {
        for (list, code, signal, expected) in [
            (&b"1"[..], 1, 0, Some(true)),
            (b"1", 2, 0, Some(false)),
            (b"1,101-103, SIGSEGV;7", 102, 0, Some(true)),
            (b"1,101-103, SIGSEGV;7", 139, 11, Some(true)),
            (b"1,101-103, SIGSEGV;7", 7, 0, Some(true)),
            (b"sigabrt", 134, 6, Some(true)),
            (b"SIG11", 139, 11, Some(true)),
            (b"0-255", 137, 9, Some(true)),
            (b"1,,2,", 2, 0, Some(true)),
            (b"", 1, 0, Some(false)),
            (b",1", 1, 0, None),
            (b"256", 0, 0, None),
            (b"9-1", 0, 0, None),
            (b"1-", 0, 0, None),
            (b"1-x", 0, 0, None),
            (b"x", 0, 0, None),
        ] {
            assert_eq!(matches(list, code, signal), expected, "{}", list.escape_ascii());
        }
    }
}

//! `shutdown`: ends the container, now or later, or not after all.
//!
//! Nobody is logged in to a container: those who would be warned, and those whom
//! `/etc/shutdown.allow` names, are not there.

use super::confirm::confirm;
use super::{letter, tell};
use crate::stages::planned::{LOOK, Plan};
use crate::stages::shutdown::End;
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;
use sys::time::{Broken, local, monotonic, now};

macro_rules! command {
    ($name:literal) => {
        Command {
            name: $name,
            usage: concat!(
                $name,
                " [ -h [ -H | -P ] | -p | -r | -k ] [ -a ] [ -t sec ] [ -i ] [ -f | -F ] [ -c ] \
                 [ time ] [ message ]"
            ),
            run,
            kind: Kind::Link,
            examine: None,
        }
    };
}

/// In `/run/s6/basedir/bin`.
pub const SHUTDOWN: Command = command!("shutdown");
/// The same.
pub const INIT_SHUTDOWN: Command = command!("s6-linux-init-shutdown");

const ALLOWED: &[u8] = b"/etc/shutdown.allow";
/// The longest time between SIGTERM and SIGKILL, in seconds.
const LONGEST: u32 = 300;

/// 1: nobody who may is logged in, or the host's name was asked for and is another; 111: PID 1
/// does not listen, or the system said no.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut how, mut which, mut grace) = (None, None, 0);
    let (mut warn_only, mut cancels, mut guarded, mut asks) = (false, false, false, false);
    stdlib_commands::options::take(&mut argv, "HPhprkafFcit:", |option, value| {
        match option {
            b'H' => which = Some(End::Halt),
            b'P' => which = Some(End::Poweroff),
            b'k' => warn_only = true,
            b'a' => guarded = true,
            b'c' => cancels = true,
            b'i' => asks = true,
            b't' => grace = stdlib_commands::options::number(value)?,
            b'h' | b'p' | b'r' => {
                warn_only = false;
                how = Some(match option {
                    b'h' => End::Halt,
                    b'p' => End::Poweroff,
                    _ => End::Reboot,
                });
            }
            _ => {}
        }
        Ok(())
    })?;
    if which.is_some() && (how != Some(End::Halt) || warn_only) {
        return Err(Fail::usage());
    }
    tell(&[], 111)?;
    if guarded {
        guard()?;
    }
    if asks {
        confirm()?;
    }
    if cancels {
        let fail = |errno| Fail::sys("cancel what is planned", errno);
        Plan::cancel().map_err(fail)?;
        return tell(&[LOOK], 111).map(|()| Next::Exit(0));
    }
    let word = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    let seconds = delay(word, now().sec, &local)?;
    if warn_only {
        return Ok(Next::Exit(0));
    }
    if grace > LONGEST {
        grace = LONGEST;
        image.warn("delay between SIGTERM and SIGKILL is capped to 300 seconds");
    }
    let how = which.or(how).unwrap_or(End::Halt);
    if seconds == 0 && grace == 0 {
        return tell(&[letter(how)], 111).map(|()| Next::Exit(0));
    }
    let at = monotonic().sec.unsigned_abs() + seconds;
    let grace = (grace > 0).then_some(u64::from(grace) * 1000);
    let plan = Plan { how, at: if seconds == 0 { 0 } else { at }, grace };
    plan.write().map_err(|errno| Fail::sys("write /run/s6/shutdown", errno))?;
    tell(&[LOOK], 111).map(|()| Next::Exit(0))
}

/// Only if one of those is logged in whom the file names, should there be one.
fn guard() -> Result<(), Fail> {
    match sys::fd::read_file_bytes(ALLOWED) {
        Err(Errno::ENOENT) => Ok(()),
        Err(errno) => Err(Fail::sys_at("read", ALLOWED, errno)),
        Ok(_) => Err(Fail::with_code(1, "no authorized users logged in")),
    }
}

/// In how many seconds: `now`, minutes, or a time of the day.
fn delay(word: &[u8], now: i64, local: &dyn Fn(i64) -> Broken) -> Result<u64, Fail> {
    if word == b"now" {
        return Ok(0);
    }
    let Some(colon) = word.iter().position(|&b| b == b':') else {
        let minutes =
            number::uint(word.strip_prefix(b"+").unwrap_or(word)).ok_or_else(Fail::usage)?;
        return Ok(u64::from(minutes) * 60);
    };
    let (hour, minute) = (&word[..colon], &word[colon + 1..]);
    let part = |text: &[u8], longest| number::uint(text).filter(|_| text.len() <= longest);
    match (part(hour, 2), part(minute, 2)) {
        (Some(hour @ 0..24), Some(minute @ 0..60)) if word.len() == colon + 3 => {
            Ok(until(i64::from(hour * 3600 + minute * 60), now, local))
        }
        _ => Err(Fail::misuse("invalid time format")),
    }
}

/// How long it is until that second of the day comes.
fn until(wanted: i64, now: i64, local: &dyn Fn(i64) -> Broken) -> u64 {
    const DAY: i64 = 86_400;
    let of_day = |at: i64| {
        let [.., hour, minute, second] = local(at);
        i64::from(hour * 3600 + minute * 60 + second)
    };
    let seconds = (wanted - of_day(now)).rem_euclid(DAY);
    // The clock may be put forward or back in between.
    let off = wanted - of_day(now + seconds);
    let off = (off + DAY / 2).rem_euclid(DAY) - DAY / 2;
    (seconds + off).max(0).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day whose clock is put forward by an hour at 02:00.
    fn clock(at: i64) -> Broken {
        let at = if at % 86_400 >= 2 * 3600 { at + 3600 } else { at };
        let of_day = at % 86_400;
        let part = |n: i64| i32::try_from(n).unwrap();
        [2026, 3, 1, part(of_day / 3600), part(of_day / 60 % 60), part(of_day % 60)]
    }

    #[test]
    fn times() {
        let noon = |_| [2026, 3, 1, 12, 30, 10];
        let get = |word: &str| delay(word.as_bytes(), 1_000_000, &noon).ok();
        assert_eq!(get("now"), Some(0));
        assert_eq!(get("0"), Some(0));
        assert_eq!(get("+5"), Some(300));
        assert_eq!(get("4294967295"), Some(u64::from(u32::MAX) * 60));
        for bad in ["", "+", "x", "-1", "5m", "24:00", "1:60", "1:5", "001:05", ":05", "1:005"] {
            assert_eq!(get(bad), None, "{bad}");
        }
        let get = |word: &str, now| delay(word.as_bytes(), now, &clock).ok();
        assert_eq!(get("1:30", 3600), Some(1800));
        assert_eq!(get("01:00", 3600), Some(0));
        assert_eq!(get("4:00", 3600), Some(2 * 3600));
    }

    #[test]
    fn a_time_that_has_passed_is_tomorrows() {
        let utc = |at: i64| {
            let part = |n: i64| i32::try_from(n).unwrap();
            [2026, 3, 1, part(at / 3600 % 24), part(at / 60 % 60), part(at % 60)]
        };
        assert_eq!(until(3600, 3601, &utc), 86_399);
        assert_eq!(until(3600, 3599, &utc), 1);
    }
}

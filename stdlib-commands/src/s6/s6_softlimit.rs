//! `s6-softlimit`: the rest runs with other resource limits.

use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::args::number;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran, Refuse};
use sys::limit::{self, Resource};

/// The command.
pub const COMMAND: Command = Command {
    name: "s6-softlimit",
    usage: "s6-softlimit [ -H | -h ] [ -a allmem ] [ -c core ] [ -d data ] [ -f fsize ] \
            [ -l lock ] [ -m mem ] [ -o ofiles ] [ -P prio ] [ -p proc ] [ -r res ] [ -s stack ] \
            [ -t cpusecs ] prog...",
    run,
    kind: Kind::Link,
    examine: Some(examine),
};

const LETTERS: &str = "hHa:c:d:f:l:m:o:P:p:r:s:t:";

const ALL_MEMORY: [Resource; 4] =
    [limit::RLIMIT_DATA, limit::RLIMIT_STACK, limit::RLIMIT_MEMLOCK, limit::RLIMIT_AS];

/// Which of the two limits an option sets: `-h` and `-H` count for those behind them.
#[derive(Clone, Copy)]
struct Which {
    soft: bool,
    hard: bool,
}

/// 111: the kernel said no.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut which = Which { soft: true, hard: false };
    options::take(&mut argv, LETTERS, |letter, value| {
        match letter {
            b'h' => which = Which { soft: false, hard: true },
            b'H' => which = Which { soft: true, hard: true },
            b'm' => ALL_MEMORY.iter().try_for_each(|&r| set(r, value, which))?,
            letter => set(resource(letter), value, which)?,
        }
        Ok(())
    })?;
    if argv.is_empty() { Err(Fail::usage()) } else { Ok(Next::Chain(argv)) }
}

fn resource(letter: u8) -> Resource {
    match letter {
        b'a' => limit::RLIMIT_AS,
        b'c' => limit::RLIMIT_CORE,
        b'd' => limit::RLIMIT_DATA,
        b'f' => limit::RLIMIT_FSIZE,
        b'l' => limit::RLIMIT_MEMLOCK,
        b'o' => limit::RLIMIT_NOFILE,
        b'P' => limit::RLIMIT_RTPRIO,
        b'p' => limit::RLIMIT_NPROC,
        b'r' => limit::RLIMIT_RSS,
        b's' => limit::RLIMIT_STACK,
        _ => limit::RLIMIT_CPU,
    }
}

fn set(resource: Resource, value: Arg, which: Which) -> Result<(), Fail> {
    let old = limit::get(resource).map_err(|e| Fail::sys("getrlimit", e))?;
    let new = wanted(value, old, which)?;
    limit::set(resource, new).map_err(|e| Fail::sys("setrlimit", e))
}

fn examine(words: &[Arg], refuse: &mut Refuse) {
    options::examine(words, LETTERS, refuse, &|letter, value| match letter {
        b'h' | b'H' => Ok(()),
        _ => wanted(value, (0, 0), Which { soft: true, hard: false }).map(drop),
    });
}

/// The limits for a value: `=` is the hard limit, and no limit at all where the hard one is set.
/// A soft limit never gets above the hard one.
fn wanted(value: Arg, (soft, hard): (u64, u64), which: Which) -> Result<(u64, u64), Fail> {
    let number = match value.to_bytes() {
        b"=" if which.hard => limit::INFINITY,
        b"=" => hard,
        digits => number::uint64(digits).ok_or_else(|| Fail::number(value))?,
    };
    let hard = if which.hard { number } else { hard };
    Ok((if which.soft { number } else { soft }.min(hard), hard))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let soft = Which { soft: true, hard: false };
        let hard = Which { soft: false, hard: true };
        let both = Which { soft: true, hard: true };
        let all = limit::INFINITY;
        for (value, which, new) in [
            (c"5", soft, Some((5, 20))),
            (c"50", soft, Some((20, 20))),
            (c"=", soft, Some((20, 20))),
            (c"15", hard, Some((10, 15))),
            (c"5", hard, Some((5, 5))),
            (c"=", hard, Some((10, all))),
            (c"5", both, Some((5, 5))),
            (c"=", both, Some((all, all))),
            (c"x", soft, None),
            (c"", soft, None),
            (c"5k", soft, None),
        ] {
            assert_eq!(wanted(value, (10, 20), which).ok(), new, "{value:?}");
        }
    }
}

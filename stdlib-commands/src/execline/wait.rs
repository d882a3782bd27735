//! `wait`: the rest runs once children have died. Without a block it is the shell's `wait`: all
//! words are pids, and it ends with the code of the last one.

use super::block;
use crate::options;
use interpreter::arg::{Arg, Argv, skip};
use interpreter::args::long::{Flag, Valued, scan};
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran, Refuse};
use sys::Errno;
use sys::process::wait_any;
use sys::signal::{Disposition, SIGCHLD, Set};
use sys::time::{Time, monotonic};

pub const COMMAND: Command = Command {
    name: "wait",
    usage: "wait [ -I | -i ] [ -a | -o ] [ -r | -t timeout ] [ { pids... } ] [ prog... ]",
    run,
    kind: Kind::Link,
    examine: Some(examine),
};

const INSIST: u64 = 1;
const ONE: u64 = 2;
const REAP: u64 = 4;

const FLAGS: &[Flag] = &[
    Flag { short: b'I', long: "no-insist", clear: INSIST, set: 0 },
    Flag { short: b'i', long: "insist", clear: 0, set: INSIST },
    Flag { short: b'a', long: "all", clear: ONE, set: 0 },
    Flag { short: b'o', long: "one", clear: 0, set: ONE },
    Flag { short: b'r', long: "reap", clear: 0, set: REAP },
];
const VALUED: &[Valued] = &[Valued { short: b't', long: "timeout", slot: 0 }];

/// 99: `-i`, and the time is over; 111: the kernel said no. Without a block also the code of the
/// last pid's end, 127 where that is unknown.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let found = scan::<1>(&argv, FLAGS, VALUED).map_err(|bad| Fail::bad(shown(&bad.message())))?;
    argv.advance(found.used);
    let millis = match found.values[0] {
        _ if found.bits & REAP != 0 => Some(0),
        None => None,
        Some(word) => Some(options::number(word)?),
    };
    let (words, has_block) = pids(&mut argv);
    let pids = words.iter().map(pid).collect::<Result<Vec<i32>, Fail>>()?;
    let mut watch = Watch::new(pids, found.bits & ONE != 0);
    let outcome = match millis {
        None => watch.sit_out(None)?,
        Some(millis) => watch.sit_out_for(millis)?,
    };
    if outcome == Outcome::TimedOut && found.bits & INSIST != 0 {
        return Err(watch.too_late());
    }
    let answer = watch.answer(outcome, millis.is_some());
    if !has_block {
        return Ok(Next::Exit(answer.map_or(127, |(_, code)| code)));
    }
    if found.bits & ONE != 0 {
        tell(image, answer);
    }
    Next::chain_or_end(argv)
}

fn examine(words: &[Arg], refuse: &mut Refuse) {
    let found = match scan::<1>(words, FLAGS, VALUED) {
        Ok(found) => found,
        Err(bad) => return refuse(Some(bad.word), bad.into()),
    };
    if let [Some(word)] = found.values {
        options::refuse_if(options::number(word).map(drop), word, refuse);
    }
    let (words, _) = pids(&mut Argv::new(words[found.used..].to_vec()));
    for word in words {
        options::refuse_if(pid(&word).map(drop), word, refuse);
    }
}

/// The words of the block, or all where there is none.
fn pids(argv: &mut Argv) -> (Vec<Arg>, bool) {
    let mut words = Vec::new();
    while let Some(word) = argv.next_word() {
        match word.to_bytes().first() {
            None => return (words, true),
            Some(b' ') => words.push(skip(word, 1)),
            Some(_) => words.push(word),
        }
    }
    (words, false)
}

/// A number of 32 bits with or without a sign. A negative one, or what wraps around to one, is
/// nobody's pid.
fn pid(word: &Arg) -> Result<i32, Fail> {
    let (sign, digits) = match word.to_bytes() {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] => (1, digits),
        digits => (1, digits),
    };
    let number = number::uint(digits).ok_or_else(|| Fail::number(word))?;
    Ok(number.cast_signed().wrapping_mul(sign))
}

fn tell(image: &mut Image, answer: Option<(i32, i32)>) {
    match answer {
        Some((pid, code)) => {
            block::set_number(image, b"?", code);
            block::set_number(image, b"!", pid);
        }
        None => {
            image.env.unset(b"?");
            image.env.unset(b"!");
        }
    }
}

/// Who is waited for, and what has been seen.
struct Watch {
    /// Those who live yet; with `anybody` none are listed.
    pids: Vec<i32>,
    anybody: bool,
    /// The first death ends it.
    one: bool,
    /// Whose exit code counts; 0: nobody's.
    last: i32,
    /// That one's pid and exit code.
    seen: Option<(i32, i32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    NoChildren,
    TimedOut,
}

impl Watch {
    fn new(pids: Vec<i32>, one: bool) -> Watch {
        let last = pids.last().copied().unwrap_or(0);
        Watch { anybody: pids.is_empty(), pids, one, last, seen: None }
    }

    /// A child has died; is that the end?
    fn died(&mut self, pid: i32, code: i32) -> bool {
        if !self.anybody {
            let Some(at) = self.pids.iter().position(|&p| p == pid) else { return false };
            self.pids.swap_remove(at);
        }
        if self.one || pid == self.last {
            self.seen = Some((pid, code));
        }
        self.one || (!self.anybody && self.pids.is_empty())
    }

    /// Reaps until the end, or until the deadline.
    fn sit_out(&mut self, deadline: Option<Time>) -> Result<Outcome, Fail> {
        loop {
            match (wait_any(-1, deadline.is_none()), deadline) {
                (Ok(Some((pid, status))), _) => {
                    interpreter::trace::ended(pid, status);
                    if self.died(pid, status.exit_code()) {
                        return Ok(Outcome::Done);
                    }
                }
                (Ok(None), Some(deadline)) if until_death(deadline)? => {}
                (Ok(None), _) => return Ok(Outcome::TimedOut),
                (Err(Errno::ECHILD), _) => return Ok(Outcome::NoChildren),
                (Err(errno), _) => return Err(Fail::sys("wait", errno)),
            }
        }
    }

    fn sit_out_for(&mut self, millis: u32) -> Result<Outcome, Fail> {
        // A child whose death is ignored sends no signal.
        let ignored = sys::signal::dispose(SIGCHLD, Disposition::Default)
            .map_err(|errno| Fail::sys("trap SIGCHLD", errno))?;
        // No other signal is blocked from here on: upstream's self-pipe begins so, and ends so.
        sys::signal::set_mask(&Set::of(&[SIGCHLD]));
        let outcome = self.sit_out(Some(monotonic().plus_millis(millis.into())));
        sys::signal::set_mask(&Set::empty());
        if ignored {
            sys::signal::dispose(SIGCHLD, Disposition::Ignore)
                .map_err(|errno| Fail::sys("trap SIGCHLD", errno))?;
        }
        outcome
    }

    /// Whose end is told, and its code. The pid is -1 where it is nobody's, which is seen with a
    /// time limit alone.
    fn answer(&self, outcome: Outcome, limited: bool) -> Option<(i32, i32)> {
        match outcome {
            Outcome::TimedOut => None,
            Outcome::NoChildren if self.last == 0 && limited => Some((-1, 0)),
            Outcome::NoChildren if self.anybody && !self.one => Some((-1, 0)),
            _ => self.seen,
        }
    }

    fn too_late(&self) -> Fail {
        let mut what = String::from("unable to wait: Operation timed out: still running: ");
        match self.anybody {
            true => what.push_str("some child"),
            false => {
                let pids: Vec<String> = self.pids.iter().map(i32::to_string).collect();
                what.push_str(&pids.join(" "));
            }
        }
        Fail::with_code(99, what)
    }
}

/// Waits for the next child's death, which has been blocked as a signal; false at the deadline.
fn until_death(deadline: Time) -> Result<bool, Fail> {
    loop {
        let left = deadline.millis_since(monotonic());
        match sys::signal::wait(&Set::of(&[SIGCHLD]), Some(left)) {
            Ok(None) => return Ok(false),
            Ok(Some(_)) => return Ok(true),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(Fail::sys("wait for a signal", errno)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_list_the_last_one_counts() {
        let mut watch = Watch::new(vec![5, 6, 7], false);
        assert!(!watch.died(7, 3));
        assert!(!watch.died(99, 1));
        assert!(!watch.died(5, 1));
        assert!(watch.died(6, 2));
        assert_eq!(watch.answer(Outcome::Done, false), Some((7, 3)));
        assert_eq!(watch.answer(Outcome::TimedOut, true), None);
    }

    #[test]
    fn one_of_a_list() {
        let mut watch = Watch::new(vec![5, 6], true);
        assert!(!watch.died(99, 1));
        assert!(watch.died(5, 4));
        assert_eq!(watch.answer(Outcome::Done, false), Some((5, 4)));
    }

    #[test]
    fn anybody() {
        let mut watch = Watch::new(vec![], false);
        assert!(!watch.died(5, 4));
        assert_eq!(watch.answer(Outcome::NoChildren, false), Some((-1, 0)));
        let mut watch = Watch::new(vec![], true);
        assert_eq!(watch.answer(Outcome::NoChildren, false), None);
        assert_eq!(watch.answer(Outcome::NoChildren, true), Some((-1, 0)));
        assert!(watch.died(5, 4));
        assert_eq!(watch.answer(Outcome::Done, true), Some((5, 4)));
    }

    #[test]
    fn pids_are_all_words_where_there_is_no_block() {
        let mut argv = Argv::new(vec![c" 1", c"2", c"", c"prog"]);
        assert_eq!(pids(&mut argv), (vec![c"1", c"2"], true));
        assert_eq!(*argv, [c"prog"]);
        assert_eq!(pids(&mut Argv::new(vec![c" 1", c"2"])), (vec![c"1", c"2"], false));
        assert_eq!(
            [c"12", c"-3", c"+4", c"x", c""].map(|w| pid(&w).ok()),
            [Some(12), Some(-3), Some(4), None, None]
        );
    }
}

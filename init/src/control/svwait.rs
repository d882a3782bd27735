//! `s6-svwait`: waits for services to come up or to go down.

use super::client::{Goal, NoWait, Wait, Waited};
use super::ftrig;
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 0 they are where they were waited for, 99 the time is over, 100 wrong usage, 111
/// the system said no; else so many failed for good or lost their supervisor.
pub const COMMAND: Command = Command {
    name: "s6-svwait",
    usage: "s6-svwait [ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] servicedir...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// The exit code of a wait that took too long.
const TIMED_OUT: i32 = 99;

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut goal, mut any, mut timeout) = (Goal::Up, false, 0);
    options::take(&mut argv, "UudDrRaot:", |letter, arg| {
        match letter {
            b'a' => any = false,
            b'o' => any = true,
            b't' => timeout = options::number(arg)?,
            letter => goal = Goal::of(letter).ok_or_else(Fail::usage)?,
        }
        Ok(())
    })?;
    if argv.is_empty() {
        return Ok(Next::Exit(0));
    }
    let mut wait = begin(image, &argv, goal, false)?;
    finish(&mut wait, any, timeout)
}

/// Begins to listen to services, or says why not. One that is in a scan directory, and that
/// nobody supervises yet, is waited for with a word about it.
pub fn begin(image: &Image, dirs: &[Arg], goal: Goal, fall_really: bool) -> Result<Wait, Fail> {
    let names: Vec<&[u8]> = dirs.iter().map(|dir| dir.to_bytes()).collect();
    let wait = Wait::new(&names, goal, fall_really).map_err(|no| match no {
        NoWait::Subscribe(i, errno) => Fail::sys_at("subscribe to events for", names[i], errno),
        NoWait::Status(i, errno) => {
            Fail::sys_at("read status (is it supervised?) for", names[i], errno)
        }
    })?;
    for i in wait.unsupervised() {
        let name = dirs[i].to_string_lossy();
        image.warn(&format!("{name} is not supervised yet: waiting for its scan directory's scan"));
    }
    Ok(wait)
}

/// Waits, at most `timeout` ms (0: for ever), and says how it came out.
pub fn finish(wait: &mut Wait, any: bool, timeout: u32) -> Ran {
    match wait
        .run(any, ftrig::after(timeout))
        .map_err(|errno| Fail::sys("wait for events", errno))?
    {
        Waited::Over(0) => Ok(Next::Exit(0)),
        Waited::Over(lost) => Err(Fail::with_code(
            lost.min(98).cast_signed(),
            "some services reported permanent failure or their supervisor died",
        )),
        Waited::TimedOut => Err(Fail::with_code(TIMED_OUT, "timed out")),
    }
}

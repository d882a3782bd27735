//! `s6-svwait`: waits for services to come up or to go down.

use super::client::{Goal, NoWait, Wait, Waited};
use interpreter::arg::{Arg, Argv};
use interpreter::args::number::uint;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::time::monotonic;

/// Exit codes: 0 they are where they were waited for, 99 the time is over, 100 wrong usage, 111
/// the system said no; else so many failed for good or lost their supervisor.
pub const COMMAND: Command = Command {
    name: "s6-svwait",
    usage: "s6-svwait [ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] servicedir...",
    run,
    kind: Kind::Link,
};

/// The exit code of a wait that took too long.
const TIMED_OUT: i32 = 99;

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut goal, mut any, mut timeout) = (Goal::Up, false, 0);
    options::take(&mut argv, "UudDrRaot:", |letter, arg| {
        match letter {
            b'a' => any = false,
            b'o' => any = true,
            b't' => timeout = uint(arg.to_bytes()).ok_or(Fail::Usage)?,
            letter => goal = Goal::of(letter).ok_or(Fail::Usage)?,
        }
        Ok(())
    })?;
    if argv.is_empty() {
        return Ok(Next::Exit(0));
    }
    let mut wait = begin(&argv, goal, false)?;
    finish(&mut wait, any, timeout)
}

/// Begins to listen to services, or says why not.
pub fn begin(dirs: &[Arg], goal: Goal, fall_really: bool) -> Result<Wait, Fail> {
    let names: Vec<&[u8]> = dirs.iter().map(|dir| dir.to_bytes()).collect();
    Wait::new(&names, goal, fall_really).map_err(|no| match no {
        NoWait::Subscribe(i, errno) => Fail::sys_at("subscribe to events for", names[i], errno),
        NoWait::Status(i, errno) => {
            Fail::sys_at("read status (is it supervised?) for", names[i], errno)
        }
    })
}

/// Waits, at most `timeout` ms (0: for ever), and says how it came out.
pub fn finish(wait: &mut Wait, any: bool, timeout: u32) -> Ran {
    let deadline = (timeout > 0).then(|| monotonic().plus_millis(timeout.into()));
    match wait.run(any, deadline).map_err(|errno| Fail::sys("wait for events", errno))? {
        Waited::Over(0) => Ok(Next::Exit(0)),
        Waited::Over(lost) => Err(Fail::Bad {
            code: lost.min(98).cast_signed(),
            what: "some services reported permanent failure or their supervisor died".into(),
        }),
        Waited::TimedOut => Err(Fail::Bad { code: TIMED_OUT, what: "timed out".into() }),
    }
}

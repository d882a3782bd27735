//! `s6-svc`: tells the supervisors of services what to do, and waits for the outcome if asked.

use super::client::{self, Goal, Unheard};
use super::svwait;
use crate::supervise;
use interpreter::arg::{Arg, Argv};
use interpreter::args::number::uint;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::Errno;

/// Exit codes: 0 told (and waited for), 1 a service directory is broken, 99 the time is over,
/// 100 wrong usage, 102 not supervised, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-svc",
    usage: "s6-svc [ -wu | -wU | -wd | -wD | -wr | -wR ] [ -T timeout ] \
            [ -s signal | -abqhkti12pcyrlPCK ] [ -oduDUxOQ ] servicedirs...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// More commands at once than this are refused.
const MOST: usize = 62;

#[derive(Default)]
struct Order {
    letters: Vec<u8>,
    goal: Option<Goal>,
    timeout: u32,
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut order = Order::default();
    options::take(&mut argv, "s:abqhkti12pcyrlPCKoduDUxOQT:w:", |letter, arg| {
        option(&mut order, letter, arg)
    })?;
    let first = argv.first().ok_or_else(Fail::usage)?;
    if first.is_empty() {
        return Err(Fail::bad("invalid service path"));
    }
    let Some(goal) = order.goal else { return Ok(Next::Exit(tell(image, &argv, &order.letters))) };
    let goal = possible(image, goal, first)?;
    // A restart that this command causes passes through really down; a mere wait has less to
    // go by.
    let mut wait = svwait::begin(image, &argv, goal, !order.letters.is_empty())?;
    if !order.letters.is_empty() {
        let code = tell(image, &argv, &order.letters);
        if code != 0 {
            return Err(Fail::silent(code));
        }
    }
    svwait::finish(&mut wait, false, order.timeout)
}

fn option(order: &mut Order, letter: u8, arg: Arg) -> Result<(), Fail> {
    let letter = match letter {
        b'T' => {
            order.timeout = uint(arg.to_bytes()).ok_or_else(Fail::usage)?;
            return Ok(());
        }
        b'w' => {
            let wanted = arg.to_bytes().first().and_then(|&letter| Goal::of(letter));
            order.goal = Some(wanted.ok_or_else(Fail::usage)?);
            return Ok(());
        }
        b's' => signal_letter(arg)?,
        letter => letter,
    };
    order.letters.push(letter);
    if order.letters.len() > MOST { Err(Fail::bad("too many commands")) } else { Ok(()) }
}

fn signal_letter(arg: Arg) -> Result<u8, Fail> {
    let name = shown(arg.to_bytes());
    let signal = sys::signal::parse(arg.to_bytes())
        .ok_or_else(|| Fail::bad(format!("invalid signal: {name}")))?;
    supervise::command::Command::letter_of(signal)
        .ok_or_else(|| Fail::bad(format!("{name} is not in the list of user-available signals")))
}

/// Readiness is not waited for where the (first) service does not tell it.
fn possible(image: &Image, goal: Goal, dir: Arg) -> Result<Goal, Fail> {
    let weaker = match goal {
        Goal::Ready => Goal::Up,
        Goal::RestartedReady => Goal::Restarted,
        goal => return Ok(goal),
    };
    let path = [dir.to_bytes(), b"/notification-fd"].concat();
    match sys::fs::access(&path, 0) {
        Ok(()) => Ok(goal),
        Err(Errno::ENOENT) => {
            image.warn(&format!(
                "{} not present - ignoring request for readiness notification",
                shown(&path)
            ));
            Ok(weaker)
        }
        Err(errno) => Err(Fail::sys_at("access", &path, errno)),
    }
}

/// Sends the letters to every service; the exit code of the last failure.
fn tell(image: &Image, dirs: &[Arg], letters: &[u8]) -> i32 {
    let mut code = 0;
    for dir in dirs {
        let name = shown(dir.to_bytes());
        let (failure, what) = match client::control(dir.to_bytes(), b"supervise", letters) {
            Ok(()) => continue,
            Err(Unheard::Sys(errno)) => {
                (111, format!("unable to control {name}: {}", sys::reason(errno)))
            }
            Err(Unheard::BadDirectory(errno)) => {
                let why = sys::reason(errno);
                (1, format!("something is wrong with the {name}/supervise directory: {why}"))
            }
            Err(Unheard::NoSupervisor) => {
                (102, format!("unable to control {name}: supervisor not listening"))
            }
        };
        image.warn(&what);
        code = failure;
    }
    code
}

//! `s6-svlisten` and `s6-svlisten1`: run a program that changes services, and wait for them.

use super::client::{Goal, Wait};
use super::{ftrig, svwait};
use interpreter::arg::{Arg, Argv};
use interpreter::args::number::uint;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Cause, Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 0 they are where they were waited for, 99 the time is over, 100 wrong usage, 111
/// the system said no; else so many failed for good or lost their supervisor.
pub const COMMAND: Command = Command {
    name: "s6-svlisten",
    usage: "s6-svlisten [ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] \
            { servicedir... } prog...",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// Exit codes: as [`COMMAND`]'s, with 1 for a service that is lost.
pub const ONE: Command = Command {
    name: "s6-svlisten1",
    usage: "s6-svlisten1 [ -U | -u | -d | -D | -r | -R ] [ -t timeout ] servicedir prog...",
    run: run_one,
    kind: Kind::Daemon,
    examine: None,
};

struct Options {
    goal: Goal,
    any: bool,
    /// Milliseconds, 0 for ever.
    timeout: u32,
}

fn read(argv: &mut Argv, letters: &str) -> Result<Options, Fail> {
    let mut options = Options { goal: Goal::Up, any: false, timeout: 0 };
    options::take(argv, letters, |letter, arg| {
        match letter {
            b'a' | b'o' => options.any = letter == b'o',
            b't' => options.timeout = uint(arg.to_bytes()).ok_or_else(Fail::usage)?,
            letter => options.goal = Goal::of(letter).ok_or_else(Fail::usage)?,
        }
        Ok(())
    })?;
    Ok(options)
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut options = read(&mut argv, "uUdDrRaot:")?;
    if argv.len() < 3 {
        return Err(Fail::usage());
    }
    let block = image.need_block(&mut argv)?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    if block.is_empty() {
        return Ok(Next::Chain(argv));
    }
    let letter = match options.goal {
        Goal::Restarted => Some("r"),
        Goal::RestartedReady => Some("R"),
        _ => None,
    };
    if let (true, Some(letter)) = (options.any, letter) {
        options.any = false;
        let what = "-o is unsupported when combined with";
        image.warn(&format!("{what} -{letter} - using -a instead"));
    }
    let mut wait = listen(image, &block, &argv, &options)?;
    svwait::finish(&mut wait, options.any, options.timeout)
}

fn run_one(image: &mut Image, mut argv: Argv) -> Ran {
    let options = read(&mut argv, "uUdDrRt:")?;
    let [dir, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    let mut wait = listen(image, &[dir], &argv, &options)?;
    svwait::finish(&mut wait, false, options.timeout).map_err(|fail| match fail.cause() {
        Cause::Bad { code: 1, .. } => {
            let what = "failed permanently or its supervisor died";
            Fail::with_code(1, format!("{} {what}", shown(dir.to_bytes())))
        }
        _ => fail,
    })
}

/// Listens, and then starts the program: whatever it does to the services is heard.
fn listen(image: &Image, dirs: &[Arg], program: &Argv, options: &Options) -> Result<Wait, Fail> {
    let wait = svwait::begin(image, dirs, options.goal, true)?;
    ftrig::start(image, program)?;
    Ok(wait)
}

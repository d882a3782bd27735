//! `s6-maximumtime`: runs a program, and ends it when it takes too long.

use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::process::{Status, wait, wait_any};
use sys::signal::{self, SIGCHLD, Set};
use sys::spawn::Action;
use sys::time::monotonic;

/// As the table has it.
pub const COMMAND: Command = Command {
    name: "s6-maximumtime",
    usage: "s6-maximumtime [ -0 | -a | -b | -i | -k | -q | -t | -x | -1 | -2 ] milliseconds \
            prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What the letters send.
const SIGNALS: &[(u8, i32)] = &[
    (b'0', 0),
    (b'a', signal::SIGALRM),
    (b'b', signal::SIGABRT),
    (b'i', signal::SIGINT),
    (b'k', signal::SIGKILL),
    (b'q', signal::SIGQUIT),
    (b't', signal::SIGTERM),
    (b'x', signal::SIGXCPU),
    (b'1', signal::SIGUSR1),
    (b'2', signal::SIGUSR2),
];

/// 99: it took too long; 111: a signal has killed it, or it can't be started; else its own code.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut sent = signal::SIGTERM;
    options::take(&mut argv, "0abikqtx12", |letter, _| {
        sent = SIGNALS.iter().find(|(known, _)| *known == letter).map_or(0, |(_, signal)| *signal);
        Ok(())
    })?;
    let [millis, _, ..] = *argv else { return Err(Fail::usage()) };
    let millis = options::number(millis)?;
    argv.advance(1);
    let status = limited(image, &argv, millis, sent)?.ok_or_else(|| {
        let what = format!("the program has not ended within {millis} milliseconds");
        Fail::with_code(99, what)
    })?;
    match status.signal() {
        None => Ok(Next::Exit(status.code().unwrap_or(0))),
        Some(signal) => {
            let name = signal::name(signal).unwrap_or("a signal");
            let what = format!("child process crashed: {name} killed it");
            Err(Fail::with_code(111, what))
        }
    }
}

/// Runs the words for at most so many milliseconds, 0 meaning any time. `None`: it took longer,
/// and has been sent the signal; nobody waits for what it does then.
pub fn limited(image: &Image, argv: &Argv, millis: u32, sent: i32) -> Result<Option<Status>, Fail> {
    let ended = Set::of(&[SIGCHLD]);
    // Where it is ignored, the kernel keeps no child's end.
    let ignored = signal::dispose(SIGCHLD, signal::Disposition::Default).unwrap_or(false);
    let actions: &[Action] = if ignored { &[Action::IgnoreSignal(SIGCHLD)] } else { &[] };
    let deadline = monotonic().plus_millis(millis.into());
    let pid = image.spawn(argv, None, actions).map_err(|failed| image.spawn_fail(argv, failed))?;
    let blocked = signal::block(&ended);
    let no_wait = |errno| Fail::sys("wait for the program", errno);
    let mut status = None;
    if millis == 0 {
        status = Some(wait(pid).map_err(no_wait)?);
    }
    while status.is_none() {
        status = wait_any(pid, false).map_err(no_wait)?.map(|(_, status)| status);
        let left = deadline.millis_since(monotonic());
        if status.is_none() && left == 0 {
            let _ = signal::kill(pid, sent);
            break;
        }
        if status.is_none() {
            let _ = signal::wait(&ended, Some(left));
        }
    }
    signal::set_mask(&blocked);
    if ignored {
        let _ = signal::dispose(SIGCHLD, signal::Disposition::Ignore);
    }
    Ok(status)
}

//! `s6-rc-dryrun`: prints its arguments and sleeps, in place of what would have been done.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::time::{Time, sleep};

/// Exit codes: 0 done, 100 wrong usage.
pub const COMMAND: Command = Command {
    name: "s6-rc-dryrun",
    usage: "s6-rc-dryrun [ -v verbosity ] [ -t timeout ] args...",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut verbosity, mut millis) = (1, 1000);
    options::take(&mut argv, "v:t:", |letter, arg| {
        let number = options::number(arg)?;
        if letter == b'v' {
            verbosity = number;
        } else {
            millis = number;
        }
        Ok(())
    })?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    if verbosity > 0 {
        let words: Vec<&[u8]> = argv.iter().map(|word| word.to_bytes()).collect();
        let line = [b"s6-rc-dryrun: ", &words.join(&b' ')[..], b"\n"].concat();
        let _ = sys::fd::write_all(1, &line);
    }
    sleep(Time::default().plus_millis(millis.into()));
    Ok(Next::Exit(0))
}

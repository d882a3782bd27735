//! `s6-nuke`: a signal for every process that may be sent one.

use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::signal::{self, Disposition, SIGCONT, SIGHUP, SIGKILL, SIGTERM};

pub const COMMAND: Command = Command {
    name: "s6-nuke",
    usage: "s6-nuke [ -h | -t | -k ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: nobody could be sent it.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut hangup, mut terminate, mut kill) = (false, false, false);
    options::take(&mut argv, "htk", |letter, _| {
        match letter {
            b'h' => hangup = true,
            b't' => terminate = true,
            _ => kill = true,
        }
        Ok(())
    })?;
    let everybody = |wanted, signals: &[i32]| {
        signals.iter().filter(|_| wanted).try_for_each(|&signal| {
            let _ = signal::dispose(signal, Disposition::Ignore);
            signal::kill(-1, signal)
        })
    };
    let sent = [
        everybody(hangup, &[SIGHUP]),
        everybody(terminate, &[SIGTERM, SIGCONT]),
        everybody(kill, &[SIGKILL]),
    ];
    let failed = sent.into_iter().find_map(Result::err);
    failed.map_or(Ok(Next::Exit(0)), |errno| Err(Fail::sys("kill", errno)))
}

//! `s6-fghack`: stays until a program that puts itself into the background is gone.

use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::fd;
use sys::spawn::Action;

pub const COMMAND: Command = Command {
    name: "s6-fghack",
    usage: "s6-fghack prog...",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// So many descriptors of the pipe are handed down: a daemon that closes some keeps others.
const COPIES: usize = 30;

/// 102: the program wrote into the pipe. 111: it can't be started. Else its exit code as execline
/// approximates it.
fn run(image: &mut Image, argv: Argv) -> Ran {
    let Some(&program) = argv.first() else { return Err(Fail::usage()) };
    image.warn("this program is obsolescent, please use s6-background-watch instead");
    let (read, write) = fd::pipe(0).map_err(|e| Fail::sys("create hackpipe", e))?;
    let copies: Vec<i32> =
        (0..COPIES).filter_map(|_| fd::dup_above(write, 0, false).ok()).collect();
    let pid = image
        .spawn(&argv, None, &[Action::Close(read)])
        .map_err(|failed| image.spawn_fail(&argv, failed))?;
    for copy in copies.into_iter().chain([write]) {
        let _ = fd::close(copy);
    }
    match fd::read(read, &mut [0]).map_err(|e| Fail::sys("read on hackpipe", e))? {
        0 => {}
        _ => {
            let what = format!("{} wrote on hackpipe", shown(program.to_bytes()));
            return Err(Fail::with_code(102, what));
        }
    }
    let status = sys::process::wait(pid).map_err(|e| Fail::sys("wait_pid", e))?;
    Ok(Next::Exit(status.exit_code()))
}

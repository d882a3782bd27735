//! The small inits that images have in the place of `/init`: one program, its signals, and the
//! reaping of whatever else ends. Called by their names the binary is `tini` and `dumb-init`.

mod dumb_init;
mod tini;

use interpreter::arg::{Arg, Argv};
use interpreter::args::number::Decimal;
use interpreter::image::Image;
use interpreter::word::Command;
use sys::Errno;
use sys::process::Status;
use sys::signal::{Disposition, SIGCHLD, SIGPIPE, Set};
use sys::spawn::Action;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[dumb_init::COMMAND, tini::COMMAND, tini::STATIC];

/// Writes pieces as one. Where nobody reads any more that is nobody's business: SIGPIPE, blocked
/// as all others are, would be passed on as if somebody had sent it.
fn print(fd: i32, pieces: &[&[u8]]) {
    if sys::fd::write_all(fd, &pieces.concat()) == Err(Errno::EPIPE) {
        let _ = sys::signal::wait(&Set::of(&[SIGPIPE]), Some(0));
    }
}

fn decimal(number: i32) -> Decimal {
    Decimal::new(number.unsigned_abs().into())
}

/// From now on ends of children are told, whatever whoever started this made of SIGCHLD; true if
/// that was to ignore it.
fn hear_of_children() -> bool {
    sys::signal::dispose(SIGCHLD, Disposition::Default).unwrap_or(false)
}

/// Starts the program as execvp would, a text without `#!` by `/bin/sh`. Where that fails: the
/// reason, and lines with what is wrong with the file.
fn start(image: &Image, argv: &Argv, actions: &[Action]) -> Result<i32, (Errno, Vec<u8>)> {
    let Some(&name) = argv.first() else { return Err((Errno::EINVAL, Vec::new())) };
    let places = image.places(name, false);
    let files: Vec<&std::ffi::CStr> = places.iter().map(|path| path.as_c_str()).collect();
    let spawn = |files: &[&std::ffi::CStr], words: &[Arg]| {
        sys::spawn::spawn(files, words, image.env.vars(), actions).map_err(|failed| failed.errno)
    };
    let mut started = spawn(&files, argv);
    if started == Err(Errno::ENOEXEC)
        && let Some(file) = places.iter().find(|file| is_there(file.to_bytes()))
    {
        let mut words: Vec<Arg> = vec![c"sh", interpreter::arg::leak(file.to_bytes().to_vec())];
        words.extend(argv.iter().skip(1));
        started = spawn(&[c"/bin/sh"], &words);
    }
    started.map_err(|errno| {
        // The file is looked at from where it would have been run.
        if let Some(Action::Fchdir(dir)) = actions.first() {
            let _ = sys::fs::fchdir(*dir);
        }
        let (name, path) = (name.to_bytes(), image.search_path().to_bytes());
        (errno, interpreter::why::exec_remark(name, path, errno).lines(None, name))
    })
}

fn is_there(path: &[u8]) -> bool {
    sys::fs::stat_bytes(path).is_ok_and(|stat| stat.is_file())
}

/// The next signal of the set; it waits for one.
fn next_signal(set: &Set) -> i32 {
    loop {
        if let Ok(Some(signal)) = sys::signal::wait(set, None) {
            return signal;
        }
    }
}

/// A child that has ended, if there is one.
fn ended() -> Option<(i32, Status)> {
    sys::process::wait_any(-1, false).ok().flatten()
}

//! `s6-log`: lines from standard input, selected, stamped, and written to directories whose
//! files are rotated and never outgrow what they were given.

mod engine;
mod flood;
mod lines;
mod logdir;
mod options;
mod route;
pub mod script;
mod select;
pub(crate) mod stamp;
mod status;
mod voice;

use interpreter::arg::{Arg, Argv, leak};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran, Refuse};
use logdir::Launcher;
use sys::Errno;
use sys::signal::{Disposition, SIGPIPE};
use voice::Voice;

const NAME: &str = "s6-log";

/// Exit codes: 0 at the end of input or after a signal, 100 for a script that is none, 111 when
/// the system says no at the start.
pub const COMMAND: Command = Command {
    name: NAME,
    usage: "s6-log [ -d notif ] [ -q | -v ] [ -b ] [ -p ] [ -l linelimit ] \
            [ -t lastlinetimeout ] [ -- ] logging_script...",
    run,
    kind: Kind::Daemon,
    examine: Some(examine),
};

fn examine(words: &[Arg], refuse: &mut Refuse) {
    // Which descriptors are open is nothing that words tell.
    let words =
        &*stdlib_commands::options::examine(words, options::LETTERS, refuse, &|_, _| Ok(()));
    if let Err(bad) = script::parse(words) {
        let word = words.get(bad.position.saturating_sub(1)).or(words.last());
        refuse(word.copied(), Fail::bad(bad.to_string()));
    }
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (options, used) = options::parse(&argv)?;
    argv.advance(used);
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let voice = Voice { verbosity: options.verbosity };
    let script = script::parse(&argv).map_err(|bad| Fail::bad(bad.to_string()))?;
    if script.dangling {
        voice.warn("ignoring extraneous non-action directives (behind the last action)");
    }
    prepare()?;
    let signals = engine::take_signals()?;
    let mask = sys::fs::umask(0);
    sys::fs::umask(mask);
    let mut dirs = Vec::with_capacity(script.dirs.len());
    for spec in &script.dirs {
        dirs.push(logdir::open(spec.clone(), !mask & 0o666, voice)?);
    }
    if let Some(fd) = options.notify {
        let _ = sys::fd::write(fd, b"\n");
        let _ = sys::fd::close(fd);
    }
    let router = route::Router::new(script, dirs, launcher(image), voice);
    engine::Engine::new(options, router, signals).run()
}

/// Opens those of the standard descriptors that are closed, on `/dev/null`. Exit code 111.
pub fn ensure_standard() -> Result<(), Fail> {
    for fd in [2, 1, 0] {
        if sys::fd::flags(fd) == Err(Errno::EBADF) {
            let flags = if fd == 0 { sys::fd::O_RDONLY } else { sys::fd::O_WRONLY };
            sys::fd::null(flags)
                .and_then(|null| sys::fd::rename(fd, null))
                .map_err(|e| Fail::sys("ensure stdin/stdout/stderr are open", e))?;
        }
    }
    Ok(())
}

/// Standard descriptors that are open, and that block nobody.
fn prepare() -> Result<(), Fail> {
    ensure_standard()?;
    for (fd, name) in [(0, "stdin"), (1, "stdout")] {
        sys::fd::set_nonblock(fd, true)
            .map_err(|e| Fail::sys(format!("set {name} non-blocking"), e))?;
    }
    sys::signal::dispose(SIGPIPE, Disposition::Ignore)
        .map_err(|e| Fail::sys("ignore SIGPIPE", e))?;
    Ok(())
}

fn launcher(image: &Image) -> Launcher {
    let path = image.search_path().to_bytes();
    let dirs = path.split(|&b| b == b':').filter(|dir| !dir.is_empty());
    Launcher {
        execlineb: dirs.map(|dir| leak([dir, b"/execlineb"].concat())).collect(),
        env: image.env.vars().to_vec(),
    }
}

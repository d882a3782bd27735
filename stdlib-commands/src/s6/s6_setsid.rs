//! `s6-setsid`: the rest runs in a session or process group of its own.

use interpreter::arg::Argv;
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::signal::{self, Disposition};
use sys::{Errno, process};

pub const COMMAND: Command = Command {
    name: "s6-setsid",
    usage: "s6-setsid [ -s | -b | -f | -g ] [ -i | -I | -q ] [ -d ctty ] prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

const GROUP: u64 = 1;
const FOREGROUND: u64 = 2;
const GRAB: u64 = 4;
const STRICT: u64 = 8;
const QUIET: u64 = 16;

const fn flag(short: u8, long: &'static str, clear: u64, set: u64) -> Flag {
    Flag { short, long, clear, set }
}

const FLAGS: &[Flag] = &[
    flag(b's', "session", GROUP | FOREGROUND | GRAB, 0),
    flag(0, "process-group", 0, GROUP),
    flag(b'b', "background-process-group", FOREGROUND | GRAB, GROUP),
    flag(0, "foreground", 0, FOREGROUND),
    flag(b'f', "foreground-process-group", GRAB, GROUP | FOREGROUND),
    flag(0, "grab", 0, GRAB),
    flag(b'g', "foreground-process-group-grab", 0, GROUP | FOREGROUND | GRAB),
    flag(b'I', "no-strict", STRICT, 0),
    flag(b'i', "strict", 0, STRICT),
    flag(b'q', "quiet", 0, QUIET),
];

const VALUED: &[Valued] = &[Valued { short: b'd', long: "ctty", slot: 0 }];

/// 111: there is no terminal, or with `-i` the kernel said no.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [terminal], used } = long::scan(&argv, FLAGS, VALUED)?;
    argv.advance(used);
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let has = |bit| bits & bit != 0;
    let terminal = match terminal {
        Some(word) => crate::options::fd(word)?,
        None if has(GROUP) && has(FOREGROUND) => open_terminal()?,
        None => 0,
    };
    let check = |what: &str, done: sys::Result<()>| match done {
        Err(errno) if has(STRICT) => Err(Fail::sys(what, errno)),
        Err(errno) if !has(QUIET) => {
            image.warn(&format!("unable to {what}: {}", sys::reason(errno)));
            Ok(())
        }
        _ => Ok(()),
    };
    if has(GROUP) {
        check("setpgid", process::setpgid(0, 0))?;
        if has(FOREGROUND) {
            if has(GRAB) {
                let _ = signal::dispose(signal::SIGTTOU, Disposition::Ignore);
            }
            check("tcsetpgrp", process::set_foreground(terminal, process::getpid()))?;
        }
    } else {
        check("setsid", process::setsid().map(drop))?;
    }
    Ok(Next::Chain(argv))
}

/// The controlling terminal; the descriptor is gone when the rest is exec'd.
fn open_terminal() -> Result<i32, Fail> {
    let flags = sys::fd::O_RDONLY | sys::fd::O_NONBLOCK | sys::fd::O_CLOEXEC;
    sys::fd::open(c"/dev/tty", flags, 0).map_err(|errno| match errno {
        Errno::ENXIO => {
            let why = "this session has no terminal, so it has no foreground";
            Fail::with_code(111, format!("unable to open /dev/tty: {why}"))
        }
        errno => Fail::sys("open /dev/tty", errno),
    })
}

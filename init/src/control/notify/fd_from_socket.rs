//! `s6-notify-fd-from-socket`: a service that tells its readiness as systemd wants it, under s6.

use super::super::ftrig;
use interpreter::arg::Argv;
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::Errno;
use sys::event::POLLIN;
use sys::time::{Time, monotonic};

/// Exit codes: 100 wrong usage, 111 the system said no; else the rest's.
pub const COMMAND: Command = Command {
    name: "s6-notify-fd-from-socket",
    usage: "s6-notify-fd-from-socket [ -f ] [ -3 fd ] [ -t timeout ] prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

const NO_ORPHAN: u64 = 1;
/// How its copy, or its copy's copy, is left beside the program; both `-f` commands have these.
pub(super) const FORKS: [Flag; 2] = [
    Flag { short: b'f', long: "no-doublefork", clear: 0, set: NO_ORPHAN },
    Flag { short: 0, long: "doublefork", clear: NO_ORPHAN, set: 0 },
];

const VALUED: [Valued; 2] = [
    Valued { short: b'3', long: "notification-fd", slot: 0 },
    Valued { short: b't', long: "timeout", slot: 1 },
];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [notif, timeout], used } = long::scan(&argv, &FORKS, &VALUED)?;
    argv.advance(used);
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let timeout = timeout.map_or(Ok(0), options::number)?;
    let notif = super::descriptor(notif)?;
    let (socket, name) = sys::net::unix_datagram_unnamed()
        .map_err(|errno| Fail::sys("autobind to an abstract socket", errno))?;
    // Where there is no such descriptor the program's end is told by its supervisor alone, which
    // closes the other end.
    let program = sys::event::pidfd(sys::process::getpid()).unwrap_or(-1);
    super::beside(image, bits & NO_ORPHAN == 0, || {
        sys::process::set_name(c"s6-notify-fd-from-socket");
        watch([socket, notif, program], ftrig::after(timeout))
    })?;
    for fd in [socket, notif, program] {
        let _ = sys::fd::close(fd);
    }
    image.env.set(b"NOTIFY_SOCKET", &[b"@", &name[..]].concat());
    Ok(Next::Chain(argv))
}

/// Hands the readiness on; 1 where the program has ended before, 99 where it came too late.
fn watch([socket, notif, program]: [i32; 3], deadline: Option<Time>) -> Result<i32, Fail> {
    let mut buffer = [0; 8192];
    loop {
        let left = deadline.map(|at| at.millis_since(monotonic()));
        let mut fds = [(socket, POLLIN, 0), (notif, 0, 0), (program, POLLIN, 0)];
        match sys::event::poll(&mut fds, left) {
            Ok(0) => {
                let what = "timed out waiting for notification";
                return Err(Fail::with_code(99, what));
            }
            Ok(_) => {}
            Err(Errno::EINTR) => continue,
            Err(errno) => return Err(Fail::sys("poll", errno)),
        }
        let got = sys::net::receive(socket, &mut buffer).map_err(|e| Fail::sys("recv", e))?;
        match got {
            Some((n, _)) if is_ready(&buffer[..n]) => {
                let _ = sys::fd::write(notif, b"\n");
                return Ok(0);
            }
            None if fds[1].2 != 0 || fds[2].2 != 0 => return Ok(1),
            _ => {}
        }
    }
}

/// Is one of the message's lines `READY=1`? The last one need not have an end.
fn is_ready(message: &[u8]) -> bool {
    message.split(|&b| b == b'\n').any(|line| line == b"READY=1")
}

#[cfg(test)]
mod tests {
    use super::is_ready;

    #[test]
    fn readiness_is_a_line() {
        for (message, ready) in [
            (&b"READY=1"[..], true),
            (b"READY=1\n", true),
            (b"STATUS=starting\nREADY=1\nMAINPID=5\n", true),
            (b"STATUS=starting\nREADY=1", true),
            (b"READY=10\n", false),
            (b"NOTREADY=1\n", false),
            (b"STATUS=READY=1\n", false),
            (b"RELOADING=1\n", false),
            (b"", false),
        ] {
            assert_eq!(is_ready(message), ready, "{}", message.escape_ascii());
        }
    }
}

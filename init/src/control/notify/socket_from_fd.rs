//! `s6-notify-socket-from-fd`: a service that tells its readiness as s6 wants it, under systemd.

use super::super::ftrig;
use super::fd_from_socket::FORKS;
use interpreter::arg::{Arg, Argv};
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::Errno;
use sys::event::{POLLIN, wait_one};
use sys::fd::O_CLOEXEC;
use sys::time::{Time, monotonic};

/// Exit codes: 100 wrong usage, 111 the system said no; else the rest's.
pub const COMMAND: Command = Command {
    name: "s6-notify-socket-from-fd",
    usage: "s6-notify-socket-from-fd [ -d fd ] [ -f ] [ -t timeout ] [ -k ] prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

const VARIABLE: &[u8] = b"NOTIFY_SOCKET";

const NO_ORPHAN: u64 = FORKS[0].set;
const KEEP: u64 = 2;
const FLAGS: [Flag; 3] =
    [FORKS[0], FORKS[1], Flag { short: b'k', long: "keep-environment", clear: 0, set: KEEP }];

const VALUED: [Valued; 2] = [
    Valued { short: b'd', long: "notification-fd", slot: 0 },
    Valued { short: b't', long: "timeout", slot: 1 },
];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [notif, timeout], used } = long::scan(&argv, &FLAGS, &VALUED)?;
    argv.advance(used);
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let notif = notif.map_or(Ok(1), options::fd)?;
    let timeout = timeout.map_or(Ok(0), options::number)?;
    let Some(socket) = image.env.get_arg(VARIABLE) else { return Ok(Next::Chain(argv)) };
    let pid = sys::process::getpid();
    let (read, write) = sys::fd::pipe(0).map_err(|e| Fail::sys("create pipe", e))?;
    super::beside(image, bits & NO_ORPHAN == 0, || {
        sys::process::set_name(c"s6-notify-socket-from-fd");
        let _ = sys::fd::close(write);
        watch(read, socket, pid, ftrig::after(timeout))
    })?;
    let _ = sys::fd::close(read);
    sys::fd::rename(notif, write)
        .map_err(|e| Fail::sys(format!("move the pipe to fd {notif}"), e))?;
    if bits & KEEP == 0 {
        image.env.unset(VARIABLE);
    }
    Ok(Next::Chain(argv))
}

/// Hands the readiness on; 1 where the service has ended before, 99 where it came too late.
fn watch(read: i32, socket: Arg, pid: i32, deadline: Option<Time>) -> Result<i32, Fail> {
    let mut buffer = [0; 4096];
    loop {
        if !is_readable(read, deadline)? {
            return Ok(99);
        }
        match sys::fd::read(read, &mut buffer).map_err(|e| Fail::sys("read from parent", e))? {
            0 => return Ok(1),
            n if buffer[..n].contains(&b'\n') => break,
            _ => {}
        }
    }
    let _ = sys::fd::close(read);
    tell(socket.to_bytes(), pid, deadline)
}

/// Says that the service is ready, and stays until that has been heard: who hears it looks whose
/// the message is, and this process must be there to be looked at.
fn tell(socket: &[u8], pid: i32, deadline: Option<Time>) -> Result<i32, Fail> {
    let fail = |what| move |errno| Fail::sys_at(what, socket, errno);
    let fd = sys::net::unix_datagram_sender().map_err(|e| Fail::sys("create socket", e))?;
    let ready = format!("READY=1\nMAINPID={pid}\n");
    sys::net::send_to_unix(fd, socket, ready.as_bytes(), None)
        .map_err(fail("send notification message to"))?;
    let (heard, gift) = sys::fd::pipe(O_CLOEXEC).map_err(|e| Fail::sys("create pipe", e))?;
    sys::net::send_to_unix(fd, socket, b"BARRIER=1\n", Some(gift))
        .map_err(fail("send notification barrier message to"))?;
    let _ = sys::fd::close(fd);
    let _ = sys::fd::close(gift);
    Ok(if is_readable(heard, deadline)? { 0 } else { 99 })
}

/// Waits for something to read, or the end of it; false: the time is over.
fn is_readable(fd: i32, deadline: Option<Time>) -> Result<bool, Fail> {
    loop {
        let left = deadline.map(|at| at.millis_since(monotonic()));
        match wait_one(fd, POLLIN, left) {
            Ok(events) => return Ok(events != 0),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(Fail::sys("poll", errno)),
        }
    }
}

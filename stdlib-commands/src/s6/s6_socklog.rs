//! `s6-socklog`: takes datagrams for syslog and writes them as lines.

use super::identity::{self, Identity};
use super::{s6_applyuidgid, syslog};
use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use sys::event::{self, POLLIN, POLLOUT};
use sys::signal::{self, Disposition, Set};
use sys::{Errno, fd};

pub const COMMAND: Command = Command {
    name: "s6-socklog",
    usage: "s6-socklog [ -d notif ] [ -r ] [ -U | -u uid -g gid -G gidlist ] [ -l linelen ] \
            [ -t lameducktimeout ] [ -x unixsocket | -i ipport ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// Where syslog's datagrams go if nothing else is said.
const PORT: u16 = 514;

/// What may stand before a line: an address with its port, and the names.
const PREFIX: usize = 80;

/// What a pipe that says that it has room takes without blocking.
const AT_ONCE: usize = 4096;

/// SIGTERM leaves no datagram that was sent before, and as many later ones as make this.
const STILL_TAKEN: usize = 4096;

enum Socket {
    Unix(Arg),
    Internet(SocketAddr),
}

struct Options {
    raw: bool,
    notify: Option<i32>,
    who: Identity,
    length: usize,
    /// Milliseconds from SIGTERM to the end, however much has not been written then; 0: no end.
    lame_duck: u64,
    socket: Socket,
}

/// 0: ended by SIGTERM. 99: by SIGTERM, and not all could be written in time. 111: the socket
/// can't be had, or standard output fails.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let options = read(image, &mut argv)?;
    let socket = set_up(image, &options)?;
    let term = Set::of(&[signal::SIGTERM]);
    signal::block(&term);
    let _ = signal::dispose(signal::SIGPIPE, Disposition::Ignore);
    let signals = event::signalfd(&term).map_err(|e| Fail::sys("trap signals", e))?;
    if let Some(notify) = options.notify {
        let _ = fd::write(notify, b"\n");
        let _ = fd::close(notify);
    }
    serve(&options, socket, signals).map(Next::Exit)
}

fn read(image: &Image, argv: &mut Argv) -> Result<Options, Fail> {
    let mut options = Options {
        raw: false,
        notify: None,
        who: Identity::default(),
        length: 1024,
        lame_duck: 0,
        socket: Socket::Unix(c"/dev/log"),
    };
    options::take(argv, "rd:l:t:u:g:G:Ux:i:", |letter, word| {
        let value = word.to_bytes();
        let number = || options::number(word);
        match letter {
            b'r' => options.raw = true,
            b'd' => options.notify = Some(options::fd(word)?).filter(|&fd| fd != 0),
            b'l' => options.length = (number()? as usize).clamp(76, 1_048_576),
            b't' => options.lame_duck = number()?.into(),
            b'u' => options.who.uid = number()?,
            b'g' => options.who.gid = number()?,
            b'G' => options.who.groups = Some(identity::list(value).ok_or_else(Fail::usage)?),
            b'U' => options.who = s6_applyuidgid::from_env(&image.env)?,
            b'x' => options.socket = Socket::Unix(word),
            _ => options.socket = Socket::Internet(address(value).ok_or_else(Fail::usage)?),
        }
        Ok(())
    })?;
    Ok(options)
}

/// An address, and a port behind `_`, or behind `:` where the address has none in it.
fn address(text: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(text).ok()?;
    let (ip, port) = match text.rsplit_once('_').or_else(|| split_at_colon(text)) {
        Some((ip, port)) => (ip, number::uint(port.as_bytes())?.try_into().ok()?),
        None => (text, PORT),
    };
    Some(SocketAddr::new(ip.parse::<IpAddr>().ok()?, port))
}

fn split_at_colon(text: &str) -> Option<(&str, &str)> {
    text.split_once(':').filter(|(_, port)| !port.contains(':') && text.contains('.'))
}

fn set_up(image: &mut Image, options: &Options) -> Result<i32, Fail> {
    if let Some(notify) = options.notify {
        if notify < 3 {
            return Err(Fail::bad("notification fd must be 3 or more"));
        }
        open(notify, "notification fd")?;
    }
    let _ = fd::close(0);
    open(1, "stdout")?;
    open(2, "stderr")?;
    let socket = match &options.socket {
        Socket::Unix(path) => bind(path)?,
        Socket::Internet(address) => sys::net::udp(*address).map_err(|errno| {
            let (ip, port) = (address.ip(), address.port());
            Fail::sys(format!("bind socket to ip {ip} port {port}"), errno)
        })?,
    };
    options.who.assume(image)?;
    Ok(socket)
}

fn open(fd: i32, what: &str) -> Result<(), Fail> {
    let bad = |errno| Fail::with_code(100, format!("invalid {what}: {}", sys::reason(errno)));
    fd::flags(fd).map(drop).map_err(bad)
}

/// Takes the place of whoever had the socket before, but not of one that still runs: that one has
/// a lock on a file beside it. Everybody may send there.
fn bind(path: Arg) -> Result<i32, Fail> {
    let text = shown(path.to_bytes());
    let fail = |errno| Fail::sys(format!("bind socket to {text}"), errno);
    let name = [path.to_bytes(), b".lock"].concat();
    let flags = fd::O_WRONLY | fd::O_NONBLOCK | fd::O_CREAT | fd::O_CLOEXEC;
    let lock = fd::open_bytes(&name, flags, 0o600).map_err(fail)?;
    if !fd::lock_process(lock, false).map_err(fail)? {
        return Err(fail(Errno::EBUSY));
    }
    let _ = sys::fs::unlink(path.to_bytes());
    let mask = sys::fs::umask(0);
    let socket = sys::net::unix_datagram(path.to_bytes());
    sys::fs::umask(mask);
    socket.map_err(fail)
}

fn serve(options: &Options, socket: i32, signals: i32) -> Result<i32, Fail> {
    // One byte more than a line may have tells one that was cut.
    let mut datagram = vec![0; options.length + 1];
    let room = options.length * 4;
    let mut out: Vec<u8> = Vec::with_capacity(room);
    // How many datagrams are still taken, and until when the output is waited for.
    let (mut left, mut end) = (usize::MAX, None);
    while left > 0 || !out.is_empty() {
        let has_room = room - out.len() >= options.length + PREFIX;
        let mut fds = [
            (signals, POLLIN, 0),
            (if out.is_empty() { -1 } else { 1 }, POLLOUT, 0),
            (if left > 0 && has_room { socket } else { -1 }, POLLIN, 0),
        ];
        let drains = left < usize::MAX && left > 0 && has_room;
        let wait = end.map(|end: sys::time::Time| end.millis_since(sys::time::monotonic()));
        match event::poll(&mut fds, if drains { Some(0) } else { wait }) {
            Ok(0) if drains => left = 0,
            Ok(0) => return Ok(99),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Fail::sys("iopause", errno)),
        }
        if fds[0].2 != 0 && event::read_signal(signals).is_ok_and(|s| s.is_some()) {
            left = left.min(STILL_TAKEN);
            let ms = options.lame_duck;
            end = (ms > 0).then(|| sys::time::monotonic().plus_millis(ms));
        }
        if fds[1].2 != 0 {
            match fd::write(1, &out[..out.len().min(AT_ONCE)]) {
                Ok(n) => drop(out.drain(..n)),
                Err(Errno::EAGAIN) => {}
                Err(errno) => return Err(Fail::sys("write to stdout", errno)),
            }
        }
        if fds[2].2 != 0 {
            left -= usize::from(left < usize::MAX);
            match sys::net::receive(socket, &mut datagram) {
                Ok(Some((n, from))) => line(&mut datagram[..n], from, options, &mut out),
                Ok(None) => {}
                Err(errno) => return Err(Fail::sys("recv", errno)),
            }
        }
    }
    Ok(0)
}

/// Adds the line that a datagram is.
fn line(text: &mut [u8], from: Option<SocketAddr>, options: &Options, out: &mut Vec<u8>) {
    if text.is_empty() {
        return;
    }
    if let (Some(from), Socket::Internet(_)) = (from, &options.socket) {
        let _ = write!(out, "{}_{}: ", from.ip(), from.port());
    }
    let cut = text.len() > options.length;
    let is_end = |b: &u8| matches!(b, 0 | b'\n');
    let len = text.iter().rposition(|b| !is_end(b)).map_or(0, |last| last + 1);
    let text = &mut text[..len];
    for byte in text.iter_mut().filter(|b| is_end(b)) {
        *byte = b'~';
    }
    let rest = if options.raw { &*text } else { syslog::named(text, out) };
    out.extend_from_slice(rest);
    out.extend_from_slice(if cut { b"...\n" } else { b"\n" });
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses() {
        for (text, expected) in [
            (&b"127.0.0.1"[..], Some("127.0.0.1:514")),
            (b"127.0.0.1_7", Some("127.0.0.1:7")),
            (b"127.0.0.1:7", Some("127.0.0.1:7")),
            (b"::1", Some("[::1]:514")),
            (b"::1_7", Some("[::1]:7")),
            (b"::1:7", Some("[::1:7]:514")),
            (b"::ffff:1.2.3.4", Some("[::ffff:1.2.3.4]:514")),
            (b"127.0.0.1_65536", None),
            (b"127.0.0.1_", None),
            (b"host", None),
            (b"", None),
        ] {
            let found = address(text).map(|a| a.to_string());
            assert_eq!(found.as_deref(), expected, "{}", text.escape_ascii());
        }
    }
}

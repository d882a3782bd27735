//! `s6-ioconnect`: copies what comes in on one side to the other, both ways, until both have
//! ended.

use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::event::{self, POLLERR, POLLHUP, POLLIN, POLLOUT};
use sys::signal::{self, Disposition, SIGPIPE, SIGTERM, Set};
use sys::time::monotonic;
use sys::{Errno, fd, unix};

/// Exit codes: 0 both sides have ended, or SIGTERM; 1 nothing came for too long; 100 wrong usage;
/// 111 a descriptor is not open.
pub const COMMAND: Command = Command {
    name: "s6-ioconnect",
    usage: "s6-ioconnect [ -t timeout ] [ -r fdr ] [ -w fdw ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

/// How much is read before it is written, in bytes.
const ROOM: usize = 64 * 1024;

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut timeout, mut from, mut to) = (0, 6, 7);
    options::take(&mut argv, "0167t:r:w:", |letter, word| {
        match letter {
            b't' => timeout = options::number(word)?,
            b'r' => from = options::fd(word)?,
            b'w' => to = options::fd(word)?,
            // What they used to tell is found out.
            _ => {}
        }
        Ok(())
    })?;
    if from < 3 || to < 3 {
        return Err(Fail::usage());
    }
    let mut ways = [Way::new(0, to)?, Way::new(from, 1)?];
    let fail = |errno| Fail::sys("trap SIGTERM", errno);
    signal::dispose(SIGPIPE, Disposition::Ignore).map_err(fail)?;
    signal::dispose(SIGTERM, Disposition::Default).map_err(fail)?;
    let term = Set::of(&[SIGTERM]);
    signal::block(&term);
    let signals = event::signalfd(&term).map_err(fail)?;
    let timeout = (timeout > 0).then_some(u64::from(timeout));
    while ways.iter().any(Way::is_open) {
        if !turn(image, &mut ways, signals, timeout)? {
            return Ok(Next::Exit(1));
        }
    }
    Ok(Next::Exit(0))
}

/// Waits, and copies what can be; false where nothing came for too long.
fn turn(
    image: &Image,
    ways: &mut [Way; 2],
    signals: i32,
    timeout: Option<u64>,
) -> Result<bool, Fail> {
    let mut fds = [(-1, 0, 0); 5];
    fds[0] = (signals, POLLIN, 0);
    for (way, ends) in ways.iter().zip(fds[1..].chunks_exact_mut(2)) {
        ends[0] = way.reads();
        ends[1] = way.writes();
    }
    let idle = ways.iter().all(Way::is_empty);
    let deadline = timeout.filter(|_| idle).map(|ms| monotonic().plus_millis(ms));
    loop {
        match event::poll(&mut fds, deadline.map(|at| at.millis_since(monotonic()))) {
            Ok(0) => return Ok(false),
            Ok(_) => break,
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(Fail::sys("poll", errno)),
        }
    }
    for (way, ends) in ways.iter_mut().zip(fds[1..].chunks_exact(2)) {
        way.write(image, ends[1].2);
        if ends[0].2 != 0 {
            way.read(image);
        }
    }
    if fds[0].2 != 0 && matches!(event::read_signal(signals), Ok(Some(_))) {
        ways.iter_mut().for_each(Way::end);
    }
    Ok(true)
}

/// One direction.
struct Way {
    from: Option<End>,
    to: Option<End>,
    /// What has been read.
    bytes: Vec<u8>,
    /// How much of it has been written.
    written: usize,
}

/// A descriptor, and what to do besides closing it: others may have it open, too.
struct End {
    fd: i32,
    shutdown: Option<i32>,
}

impl End {
    fn new(fd: i32, direction: i32) -> Result<End, Fail> {
        let stat =
            sys::fs::fstat(fd).map_err(|errno| Fail::sys(format!("fstat fd {fd}"), errno))?;
        fd::set_nonblock(fd, true)
            .map_err(|errno| Fail::sys(format!("set fd {fd} non-blocking"), errno))?;
        Ok(End { fd, shutdown: stat.is_socket().then_some(direction) })
    }

    fn close(self) {
        if let Some(direction) = self.shutdown {
            let _ = unix::shutdown(self.fd, direction);
        }
        let _ = fd::close(self.fd);
    }
}

impl Way {
    fn new(from: i32, to: i32) -> Result<Way, Fail> {
        let (from, to) = (End::new(from, unix::SHUT_RD)?, End::new(to, unix::SHUT_WR)?);
        Ok(Way { from: Some(from), to: Some(to), bytes: Vec::with_capacity(ROOM), written: 0 })
    }

    fn is_open(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn reads(&self) -> (i32, i16, i16) {
        let end = self.from.as_ref().filter(|_| self.bytes.len() < ROOM);
        (end.map_or(-1, |end| end.fd), POLLIN, 0)
    }

    fn writes(&self) -> (i32, i16, i16) {
        let events = if self.is_empty() { 0 } else { POLLOUT };
        (self.to.as_ref().map_or(-1, |end| end.fd), events, 0)
    }

    fn write(&mut self, image: &Image, came: i16) {
        let Some(to) = &self.to else { return };
        if came & (POLLERR | POLLHUP | POLLOUT) == 0 {
            return;
        }
        let lost = came & (POLLERR | POLLHUP) != 0;
        if !self.is_empty() {
            match fd::write(to.fd, &self.bytes[self.written..]) {
                Ok(n) => self.written += n,
                Err(Errno::EAGAIN) if !lost => return,
                Err(errno) => {
                    if lost {
                        let (fd, why) = (to.fd, sys::reason(errno));
                        image.warn(&format!("unable to write to fd {fd}: {why}"));
                    }
                    return self.close();
                }
            }
            if self.written == self.bytes.len() {
                self.bytes.clear();
                self.written = 0;
            }
        }
        if lost || (self.is_empty() && self.from.is_none()) {
            self.close();
        }
    }

    fn read(&mut self, image: &Image) {
        let Some(from) = &self.from else { return };
        match fd::read_more(from.fd, &mut self.bytes) {
            Ok(0) => self.end(),
            Ok(_) | Err(Errno::EAGAIN) => {}
            Err(errno) => {
                let (fd, why) = (from.fd, sys::reason(errno));
                image.warn(&format!("unable to read from fd {fd}: {why}"));
                self.end();
            }
        }
    }

    /// Nothing more is read.
    fn end(&mut self) {
        if let Some(from) = self.from.take() {
            from.close();
            if self.is_empty() {
                self.close();
            }
        }
    }

    /// Nothing more is read or written.
    fn close(&mut self) {
        self.from.take().into_iter().chain(self.to.take()).for_each(End::close);
    }
}

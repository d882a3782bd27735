//! The caller's side of a running container: signals in, bytes of the terminal both ways, and
//! at last the exit code.

use super::super::fault::Fault;
use super::channel::{Channel, Word};
use super::stop::{Do, Stop};
use super::terminal::{self, Raw};
use sys::event::{POLLERR, POLLHUP, POLLIN};
use sys::signal::{SIGCHLD, SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGTERM, SIGWINCH, Set};
use sys::time::monotonic;

/// Blocks the signals that [`Outside::watch`] reads. To be done before there is a container,
/// lest one gets lost. The descriptor that they are read from.
pub fn signals() -> Result<i32, Fault> {
    let set = Set::of(&[SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH]);
    sys::signal::block(&set);
    sys::event::signalfd(&set).map_err(|e| Fault::step("watch for signals", e, ""))
}

/// A container that runs.
pub struct Outside {
    /// Its process 1.
    pub pid: i32,
    /// The other end of what it says until it is `/init`.
    pub channel: Channel,
    /// Where signals are read from.
    pub signals: i32,
    /// How long a stop may take, in milliseconds.
    pub grace: u64,
}

/// What the loop has at hand.
struct Watch {
    pid: i32,
    stop: Stop,
    speaking: bool,
    master: Option<i32>,
    typing: bool,
    raw: Option<Raw>,
}

/// The ways in which a container can end.
enum End {
    Code(i32),
    Failed(String),
}

impl Outside {
    /// Waits for its end: its exit code, 128 and the signal's number if it was killed.
    pub fn watch(self) -> Result<i32, Fault> {
        let mut watch = Watch {
            pid: self.pid,
            stop: Stop::new(self.grace),
            speaking: true,
            master: None,
            typing: false,
            raw: None,
        };
        loop {
            match self.turn(&mut watch)? {
                None => {}
                Some(End::Failed(why)) => {
                    let _ = sys::process::wait(self.pid);
                    return Err(Fault::said(why, ""));
                }
                Some(End::Code(code)) => {
                    watch.drain();
                    return Ok(code);
                }
            }
        }
    }

    fn turn(&self, watch: &mut Watch) -> Result<Option<End>, Fault> {
        let skip = |wanted: bool, fd: i32| if wanted { fd } else { -1 };
        let mut fds = [
            (self.signals, POLLIN, 0),
            (skip(watch.speaking, self.channel.fd()), POLLIN, 0),
            (watch.master.unwrap_or(-1), POLLIN, 0),
            (skip(watch.typing, 0), POLLIN, 0),
        ];
        let wait = watch.stop.wait(monotonic());
        let failed = |e| Fault::step("wait for the container", e, "");
        sys::event::poll(&mut fds, wait).map_err(failed)?;
        let came = |i: usize| fds[i].2 & (POLLIN | POLLHUP | POLLERR) != 0;
        // Its last word comes before its end.
        if came(1) {
            match self.channel.hear().map_err(failed)? {
                Word::Failed(why) => return Ok(Some(End::Failed(why))),
                Word::Terminal(master) => watch.connect(master),
                Word::Go | Word::Over => watch.speaking = false,
            }
        }
        if came(2) {
            watch.show();
        }
        if came(3) {
            watch.typed();
        }
        if came(0) {
            while let Some(signal) = sys::event::read_signal(self.signals).map_err(failed)? {
                watch.signal(signal.number);
            }
            if let Ok(Some((_, status))) = sys::process::wait_any(self.pid, false)
                && !watch.speaking
            {
                return Ok(Some(End::Code(status.shell_code())));
            }
        }
        let due = watch.stop.due(monotonic());
        watch.obey(due);
        Ok(None)
    }
}

/// The key that interrupts: ^C.
const INTERRUPT: u8 = 3;

impl Watch {
    fn obey(&mut self, what: Option<Do>) {
        let _ = match what {
            None => Ok(()),
            Some(Do::Terminate) => sys::signal::kill(self.pid, SIGTERM),
            Some(Do::Kill) => sys::signal::kill(self.pid, SIGKILL),
        };
    }

    fn signal(&mut self, number: i32) {
        match (number, self.master) {
            (SIGWINCH, Some(master)) => terminal::copy_window(master),
            (SIGHUP | SIGINT | SIGTERM, _) => {
                let next = self.stop.asked(monotonic());
                self.obey(next);
            }
            (SIGQUIT, _) => self.obey(Some(Do::Kill)),
            _ => {}
        }
    }

    fn connect(&mut self, master: i32) {
        self.raw = Raw::begin(master).ok();
        self.typing = true;
        self.master = Some(master);
    }

    /// Passes output of the container's terminal on.
    fn show(&mut self) -> bool {
        let Some(master) = self.master else { return false };
        let mut buffer = [0; 8192];
        match sys::fd::read(master, &mut buffer) {
            Ok(n) if n > 0 => sys::fd::write_all(1, &buffer[..n]).is_ok(),
            // Nobody has it open any more.
            _ => {
                self.master = None;
                self.typing = false;
                false
            }
        }
    }

    /// Passes what is typed on. ^C is for whatever program has taken the terminal; where none
    /// has, it means the container.
    fn typed(&mut self) {
        let Some(master) = self.master else { return };
        let mut buffer = [0; 4096];
        match sys::fd::read(0, &mut buffer) {
            Ok(n) if n > 0 => {
                let taken = || sys::space::foreground(master).is_ok_and(|g| g > 0 && g != self.pid);
                if buffer[..n].contains(&INTERRUPT) && !taken() {
                    return self.signal(SIGINT);
                }
                let _ = sys::fd::write_all(master, &buffer[..n]);
            }
            _ => self.typing = false,
        }
    }

    /// Shows what the terminal still holds, and gives the caller's back.
    fn drain(&mut self) {
        while self.show() {}
        self.raw = None;
    }
}

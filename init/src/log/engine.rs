//! The loop: what arrives, what is due, and the end.

use super::flood::Flood;
use super::lines::Lines;
use super::logdir::Logdir;
use super::options::Options;
use super::route::Router;
use super::voice::Voice;
use interpreter::word::{Fail, Next, Ran};
use sys::event::{POLLIN, POLLOUT};
use sys::signal::{Disposition, SIGALRM, SIGCHLD, SIGHUP, SIGTERM, Set};
use sys::time::Time;
use sys::{Errno, event, fd, signal, time};

/// Where the input stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    /// Everything is read.
    Open,
    /// A signal has come in the middle of a line: its rest is read, until then (`None`: for ever).
    LastLine(Option<Time>),
    /// Nothing is read any more.
    Closed,
}

/// A running s6-log.
pub struct Engine {
    options: Options,
    router: Router,
    signals: i32,
    lines: Lines,
    flood: Flood,
    input: Input,
    voice: Voice,
}

const SIGNALS: [i32; 4] = [SIGTERM, SIGHUP, SIGALRM, SIGCHLD];

/// How often an s6-log that ends tries to mark a file as complete.
const LAST_ATTEMPTS: u32 = 5;

/// Makes the signals readable from a descriptor.
pub fn take_signals() -> Result<i32, Fail> {
    let fail = |errno| Fail::sys("take signals", errno);
    for signal in SIGNALS {
        signal::dispose(signal, Disposition::Default).map_err(fail)?;
    }
    let set = Set::of(&SIGNALS);
    signal::block(&set);
    event::signalfd(&set).map_err(fail)
}

impl Engine {
    /// Everything is open; nothing has been read.
    pub fn new(options: Options, router: Router, signals: i32) -> Engine {
        let lines = Lines::new(options.line_limit);
        let voice = Voice { verbosity: options.verbosity };
        Engine { options, router, signals, lines, flood: Flood::new(), input: Input::Open, voice }
    }

    /// Runs until the input or a signal ends it and everything is written.
    pub fn run(mut self) -> Ran {
        loop {
            self.router.flush();
            if let Err(errno) = self.flood.settle(&mut self.lines) {
                self.fail_to_read(errno);
            }
            if self.input == Input::Closed && self.router.is_at_rest() {
                return self.finish();
            }
            let (input_ready, signal_ready, stdout_ready) = self.wait()?;
            if signal_ready {
                self.handle_signals()?;
            }
            if stdout_ready {
                self.router.flush_stdout();
            }
            if input_ready {
                self.read();
            }
            self.tick();
        }
    }

    fn wait(&mut self) -> Result<(bool, bool, bool), Fail> {
        let reading =
            self.input != Input::Closed && !(self.options.block && self.router.is_pending());
        let writing = self.router.is_stdout_pending();
        // A negative number is passed over.
        let mut fds = [
            (self.signals, POLLIN, 0),
            (if reading { 0 } else { -1 }, POLLIN, 0),
            (if writing { 1 } else { -1 }, POLLOUT, 0),
        ];
        let millis = self.deadline().map(|at| at.millis_since(time::monotonic()));
        match event::poll(&mut fds, millis) {
            Ok(_) | Err(Errno::EINTR) => Ok((fds[1].2 != 0, fds[0].2 != 0, fds[2].2 != 0)),
            Err(errno) => Err(Fail::sys("poll", errno)),
        }
    }

    fn deadline(&mut self) -> Option<Time> {
        let last = if let Input::LastLine(at) = self.input { at } else { None };
        let dirs = self.router.dirs().0.iter().filter_map(|dir| dir.deadline()).min();
        [last, dirs].into_iter().flatten().min()
    }

    fn tick(&mut self) {
        if self.deadline().is_none() {
            return;
        }
        let now = time::monotonic();
        if let Input::LastLine(Some(at)) = self.input
            && at <= now
        {
            self.close();
        }
        let (dirs, launcher) = self.router.dirs();
        for dir in dirs {
            dir.tick(now, launcher);
        }
    }

    fn handle_signals(&mut self) -> Result<(), Fail> {
        let fail = |errno| Fail::sys("read a signal", errno);
        while let Some(signal) = event::read_signal(self.signals).map_err(fail)? {
            match signal.number {
                SIGTERM if self.options.protect => {}
                SIGTERM | SIGHUP => self.begin_to_end(),
                SIGALRM => {
                    let (dirs, launcher) = self.router.dirs();
                    dirs.iter_mut().for_each(|dir| dir.rotate(launcher));
                }
                _ => self.reap(),
            }
        }
        Ok(())
    }

    fn begin_to_end(&mut self) {
        if self.input != Input::Open {
            return;
        }
        if self.lines.waiting() == 0 {
            return self.close();
        }
        let millis = self.options.last_line;
        let until = (millis > 0).then(|| time::monotonic().plus_millis(millis.into()));
        self.input = Input::LastLine(until);
    }

    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = sys::process::wait_any(-1, false) {
            let (dirs, launcher) = self.router.dirs();
            for dir in dirs {
                if dir.processor_ended(pid, status, launcher) {
                    break;
                }
            }
        }
    }

    fn read(&mut self) {
        match self.input {
            Input::Open => self.read_chunk(),
            Input::LastLine(_) => self.read_last_line(),
            Input::Closed => {}
        }
    }

    fn read_chunk(&mut self) {
        match self.flood.read(&mut self.lines) {
            Ok(0) => self.close(),
            Ok(_) => self.lines.finished(|line| self.router.line(line)),
            Err(errno) => self.fail_to_read(errno),
        }
    }

    /// Byte by byte: what stands behind the line's end is left to whoever reads next.
    fn read_last_line(&mut self) {
        loop {
            let mut byte = [0];
            match fd::read(0, &mut byte) {
                Ok(0) => return self.close(),
                Ok(_) if matches!(byte[0], b'\n' | 0) => return self.close(),
                Ok(_) => {
                    self.lines.push(byte[0]);
                    if self.lines.is_at_limit() {
                        self.voice.warn("input line too long, stopping before the end");
                        return self.close();
                    }
                }
                Err(Errno::EAGAIN) => return,
                Err(errno) => return self.fail_to_read(errno),
            }
        }
    }

    fn fail_to_read(&mut self, errno: Errno) {
        if errno != Errno::EAGAIN {
            self.voice.warn(&format!("unable to read from stdin: {}", sys::reason(errno)));
            self.close();
        }
    }

    /// Takes what there is of the last line for the line, and reads no more.
    fn close(&mut self) {
        if self.input != Input::Closed {
            self.lines.unfinished(|line| self.router.line(line));
            let _ = fd::close(0);
            self.input = Input::Closed;
            self.router.dirs().0.iter_mut().for_each(Logdir::end);
        }
    }

    fn finish(mut self) -> Ran {
        for dir in self.router.dirs().0 {
            let mut attempts = 0;
            while let Err(trouble) = dir.finish() {
                attempts += 1;
                self.voice.warn(&format!("{trouble}{}", trouble.remedy()));
                if attempts == LAST_ATTEMPTS {
                    return Ok(Next::Exit(111));
                }
                time::sleep(Time::default().plus_millis(dir.cooldown()));
            }
        }
        Ok(Next::Exit(0))
    }
}

//! What becomes of a line: the script, carried out.

use super::logdir::{Launcher, Logdir};
use super::script::{Action, Rule, Script, Sink};
use super::stamp::Stamper;
use super::status::Status;
use super::voice::Voice;
use sys::Errno;

/// The script with everything that it writes to.
pub struct Router {
    rules: Vec<Rule>,
    out: Sinks,
    /// How processors are started.
    pub launcher: Launcher,
}

struct Sinks {
    stdout: Stdout,
    statuses: Vec<Status>,
    dirs: Vec<Logdir>,
    stamper: Stamper,
    voice: Voice,
}

/// Standard output; after an error it takes nothing more.
#[derive(Default)]
struct Stdout {
    bytes: Vec<u8>,
    is_closed: bool,
}

impl Router {
    /// Puts a script and its open directories together.
    pub fn new(script: Script, dirs: Vec<Logdir>, launcher: Launcher, voice: Voice) -> Router {
        let statuses = script.statuses.into_iter().map(Status::new).collect();
        let stamper = Stamper::new(sys::time::local);
        let stdout = Stdout::default();
        let out = Sinks { stdout, statuses, dirs, stamper, voice };
        Router { rules: script.rules, out, launcher }
    }

    /// Carries out the script on a line; `line` ends with a NUL.
    pub fn line(&mut self, line: &[u8]) {
        let (mut selected, mut acted, mut stamped) = (true, false, false);
        for rule in &self.rules {
            selected = super::select::select(rule, line, selected, acted);
            if !selected {
                continue;
            }
            acted = true;
            for action in &rule.actions {
                if (action.tai || action.iso) && !stamped {
                    stamped = true;
                    self.out.stamper.set(sys::time::now());
                }
                self.out.take(action, &line[..line.len() - 1]);
            }
        }
    }

    /// Writes out what lines have brought.
    pub fn flush(&mut self) {
        for status in &mut self.out.statuses {
            status.flush(self.out.voice);
        }
        for dir in self.out.dirs.iter_mut().filter(|dir| dir.has_pending()) {
            dir.flush(&self.launcher);
        }
        self.flush_stdout();
    }

    /// Writes to standard output what it takes at once.
    pub fn flush_stdout(&mut self) {
        let stdout = &mut self.out.stdout;
        let mut done = 0;
        while done < stdout.bytes.len() {
            match sys::fd::write(1, &stdout.bytes[done..]) {
                Ok(n) => done += n,
                Err(Errno::EAGAIN) => break,
                Err(errno) => {
                    self.out.voice.warn(&format!(
                        "unable to write to stdout, closing the stream - error was: {}; \
                         lines for 1 are dropped from now on",
                        sys::reason(errno)
                    ));
                    let _ = sys::fd::close(1);
                    stdout.is_closed = true;
                    done = stdout.bytes.len();
                }
            }
        }
        stdout.bytes.drain(..done);
    }

    /// Does standard output have to take something yet?
    pub fn is_stdout_pending(&self) -> bool {
        !self.out.stdout.bytes.is_empty()
    }

    /// Is there anything that has not been written?
    pub fn is_pending(&self) -> bool {
        self.is_stdout_pending() || self.out.dirs.iter().any(Logdir::has_pending)
    }

    /// May the process end?
    pub fn is_at_rest(&self) -> bool {
        !self.is_stdout_pending() && self.out.dirs.iter().all(Logdir::is_at_rest)
    }

    /// The directories, with the way to start their processors.
    pub fn dirs(&mut self) -> (&mut [Logdir], &Launcher) {
        (&mut self.out.dirs, &self.launcher)
    }
}

impl Sinks {
    fn take(&mut self, action: &Action, line: &[u8]) {
        match action.sink {
            Sink::Dir(i) => {
                let to = self.dirs[i].buffer();
                put(to, action, &mut self.stamper, line);
                to.push(b'\n');
            }
            Sink::Stdout if self.stdout.is_closed => {}
            Sink::Stdout => {
                put(&mut self.stdout.bytes, action, &mut self.stamper, line);
                self.stdout.bytes.push(b'\n');
            }
            Sink::Status(i) => {
                self.statuses[i].set(|to| put(to, action, &mut self.stamper, line));
            }
            Sink::Alert(max) => {
                let message = alert(action, &mut self.stamper, line, max);
                let _ = sys::fd::write_all(2, &message);
            }
        }
    }
}

fn put(to: &mut Vec<u8>, action: &Action, stamper: &mut Stamper, line: &[u8]) {
    use sys::bytes::append;
    if action.tai {
        append(to, stamper.tai());
    }
    if action.iso {
        append(to, stamper.iso());
    }
    append(to, &action.prefix);
    append(to, line);
}

/// At most `max` bytes of the line (0: all), unless the dots would be as long as the rest.
fn alert(action: &Action, stamper: &mut Stamper, line: &[u8], max: usize) -> Vec<u8> {
    const DOTS: &[u8] = b"...";
    let mut message = [super::NAME.as_bytes(), b": alert: "].concat();
    if max > 0 && max + DOTS.len() < line.len() {
        put(&mut message, action, stamper, &line[..max]);
        message.extend_from_slice(DOTS);
    } else {
        put(&mut message, action, stamper, line);
    }
    message.push(b'\n');
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_cut_with_dots() {
        let action =
            Action { tai: false, iso: false, prefix: b"X ".to_vec(), sink: Sink::Alert(5) };
        let mut stamper = Stamper::new(|_| [0; 6]);
        let mut said =
            |line, max| String::from_utf8(alert(&action, &mut stamper, line, max)).unwrap();
        assert_eq!(said(b"abcdefgh", 5), "s6-log: alert: X abcdefgh\n");
        assert_eq!(said(b"abcdefghi", 5), "s6-log: alert: X abcde...\n");
        assert_eq!(said(b"abcdefghi", 0), "s6-log: alert: X abcdefghi\n");
    }

    #[test]
    fn stamps_stand_before_the_prefix() {
        let action = Action { tai: true, iso: true, prefix: b"X ".to_vec(), sink: Sink::Stdout };
        let mut stamper = Stamper::new(|_| [2026, 1, 2, 3, 4, 5]);
        stamper.set(sys::time::Time { sec: 0, nsec: 1 });
        let mut to = Vec::new();
        put(&mut to, &action, &mut stamper, b"line");
        let text = "@400000000000000a00000001 2026-01-02 03:04:05.000000001  X line";
        assert_eq!(String::from_utf8(to).unwrap(), text);
    }
}

//! One longrun's transition: its supervisor is told, and its fifodir is listened to.

use crate::control::client::{self, Unheard};
use crate::control::fifodir::Listener;
use crate::control::goal::{Goal, Watch};
use crate::rc::compiled::Way;
use crate::rc::oneshot;
use crate::supervise::status::Status;
use crate::supervise::why::not_startable;
use interpreter::diagnose::shown;
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_NONBLOCK, O_WRONLY};
use sys::time::{Time, monotonic};

/// A longrun that is on its way.
#[derive(Debug)]
pub struct Longrun {
    dir: Vec<u8>,
    goal: Goal,
    /// `None`: its news come over the tree's socket.
    listener: Option<Listener>,
    watch: Watch,
    /// What is heard may be older than what was asked for.
    unsure: bool,
}

/// How far it is.
#[derive(Debug)]
pub enum Step {
    /// Where it should be.
    Reached,
    /// On its way.
    Waits,
    /// It can't get there: the exit code of the command that the original would have run, and why.
    Lost(i32, String),
}

/// What its supervisor is told.
pub fn letter(way: Way) -> u8 {
    if way == Way::Up { b'u' } else { b'd' }
}

/// What is waited for. `ending`: it is up, and has been told to end.
fn goal(dir: &[u8], way: Way, ending: bool) -> Goal {
    match way {
        Way::Down => Goal::ReallyDown,
        Way::Up => match (notifies(dir), ending) {
            (true, false) => Goal::Ready,
            (true, true) => Goal::RestartedReady,
            (false, false) => Goal::Up,
            (false, true) => Goal::Restarted,
        },
    }
}

impl Longrun {
    /// Tells its supervisor. It is listened to before that, so that nothing is missed. `unsure`,
    /// with the scan directory: somebody else may have told it things a moment ago.
    pub fn begin(dir: Vec<u8>, way: Way, unsure: Option<&[u8]>) -> Result<(Longrun, Step), Step> {
        let lost = |what: &str, errno| {
            let why = format!("unable to {what} {}: {}", shown(&dir), sys::reason(errno));
            Step::Lost(111, why)
        };
        let listener = Listener::below(&[&dir[..], b"/event"].concat())
            .map_err(|errno| lost("subscribe to events for", errno))?;
        if let Some(scandir) = unsure {
            settle(&dir, scandir);
        }
        let status = client::status(&dir)
            .map_err(|errno| lost("read status (is it supervised?) for", errno))?;
        // It has been told to end, and is not what is to come up.
        let ending = unsure.is_some() && status.is_up() && !status.want_up;
        let goal = goal(&dir, way, ending);
        tell(&dir, &[letter(way)])?;
        let watch = Watch::new(goal, false, status.is_up(), status.ready);
        let listener = Some(listener);
        let longrun = Longrun { dir, goal, listener, watch, unsure: unsure.is_some() };
        let step = longrun.step(b"");
        Ok((longrun, step))
    }

    /// One that is told through the tree's socket, and whose news come there, its state first.
    pub fn told(dir: Vec<u8>, way: Way) -> Longrun {
        let goal = goal(&dir, way, false);
        let watch = Watch::new(goal, false, false, false);
        Longrun { dir, goal, listener: None, watch, unsure: false }
    }

    /// Readable when there is news, if they come through a fifo.
    pub fn fd(&self) -> Option<i32> {
        self.listener.as_ref().map(Listener::fd)
    }

    /// Takes in what has come through the fifo.
    pub fn hear(&mut self) -> Step {
        match self.listener.as_ref().map_or(Ok(Vec::new()), Listener::news) {
            Ok(news) => self.take(&news),
            Err(errno) => Step::Lost(111, format!("its events: {}", sys::reason(errno))),
        }
    }

    /// Takes news in.
    pub fn take(&mut self, news: &[u8]) -> Step {
        news.iter().for_each(|&byte| self.watch.hear(byte));
        self.step(news)
    }

    fn step(&self, news: &[u8]) -> Step {
        if self.watch.is_reached() {
            if self.unsure && !self.is_there() { Step::Waits } else { Step::Reached }
        } else if !self.watch.is_lost() {
            Step::Waits
        } else if news.contains(&b'x') {
            Step::Lost(1, "its supervisor has ended".into())
        } else {
            let last = last_run(&self.dir);
            Step::Lost(1, format!("it has failed for good{last}"))
        }
    }

    /// The state is written before anybody is told: where news were late, more are to come.
    fn is_there(&self) -> bool {
        let goal = match self.goal {
            Goal::RestartedReady => Goal::Ready,
            Goal::Restarted => Goal::Up,
            goal => goal,
        };
        client::status(&self.dir)
            .is_ok_and(|status| Watch::new(goal, false, status.is_up(), status.ready).is_reached())
    }

    /// What it still lacks.
    pub fn lacks(&self) -> String {
        let Ok(status) = client::status(&self.dir) else { return "its status".into() };
        let pid = status.pid;
        match self.goal {
            Goal::Ready | Goal::RestartedReady if status.is_up() && status.want_up => {
                let fd = notification_fd(&self.dir);
                format!("readiness on descriptor {fd} (process {pid} runs)")
            }
            _ if status.is_up() => format!("the end of process {pid}"),
            Goal::ReallyDown | Goal::Down => format!("the end of its finish script, process {pid}"),
            _ if status.finishing => {
                format!("its start (its finish script, process {pid}, runs{})", ended(&status))
            }
            _ => {
                let why = not_startable(&self.dir);
                format!("its start (it does not run{}){why}", ended(&status))
            }
        }
    }
}

fn notifies(dir: &[u8]) -> bool {
    sys::fs::access(&[dir, b"/notification-fd"].concat(), 0) != Err(Errno::ENOENT)
}

fn notification_fd(dir: &[u8]) -> String {
    let text = sys::fd::read_file_bytes(&[dir, b"/notification-fd"].concat()).unwrap_or_default();
    String::from_utf8_lossy(&text).trim().to_owned()
}

fn last_run(dir: &[u8]) -> String {
    client::status(dir).map_or_else(|_| String::new(), |status| ended(&status))
}

/// How the last run of a service ended, behind a semicolon; nothing where there was none.
fn ended(status: &Status) -> String {
    match (status.ended.signal(), status.ended.code()) {
        _ if status.is_up() => String::new(),
        (Some(signal), _) => format!("; its last run was ended by signal {signal}"),
        (None, Some(code @ 1..)) => format!("; its last run ended with {code}"),
        // It may never have run.
        _ => String::new(),
    }
}

/// Waits, for a second at most, until its supervisor has done what it has been told.
fn settle(dir: &[u8], scandir: &[u8]) {
    let control = [dir, b"/supervise/control"].concat();
    let Ok(fd) = sys::fd::open_bytes(&control, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0) else {
        return;
    };
    let until = monotonic().plus_millis(1000);
    while sys::fd::readable(fd).is_ok_and(|n| n > 0) && monotonic() < until {
        sys::time::sleep(Time { sec: 0, nsec: 500_000 });
    }
    let _ = sys::fd::close(fd);
    // What it has read it does before it answers anybody.
    oneshot::ping(scandir, until);
}

/// Sends letters to its supervisor.
pub fn tell(dir: &[u8], letters: &[u8]) -> Result<(), Step> {
    client::control(dir, b"supervise", letters).map_err(|unheard| {
        let name = shown(dir);
        let (code, why) = match unheard {
            Unheard::NoSupervisor => {
                (102, format!("unable to control {name}: supervisor not listening"))
            }
            Unheard::BadDirectory(errno) => {
                let why = sys::reason(errno);
                (1, format!("something is wrong with the {name}/supervise directory: {why}"))
            }
            Unheard::Sys(errno) => {
                (111, format!("unable to control {name}: {}", sys::reason(errno)))
            }
        };
        Step::Lost(code, why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// A service directory whose supervisor is the test.
    struct Served {
        base: PathBuf,
        control: i32,
    }

    impl Served {
        fn new() -> Served {
            let base = std::env::temp_dir().join(format!("chainit-longrun-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&base);
            std::fs::create_dir_all(base.join("supervise")).unwrap();
            std::fs::create_dir(base.join("event")).unwrap();
            std::fs::write(base.join("notification-fd"), "3\n").unwrap();
            let control = base.join("supervise/control");
            let control = control.to_str().unwrap().as_bytes();
            sys::fs::mkfifo(control, 0o600).unwrap();
            let flags = sys::fd::O_RDWR | O_NONBLOCK | O_CLOEXEC;
            let control = sys::fd::open_bytes(control, flags, 0).unwrap();
            Served { base, control }
        }

        fn path(&self) -> Vec<u8> {
            self.base.to_str().unwrap().into()
        }

        fn is(&self, pid: i32, finishing: bool, ready: bool) {
            let mut status = Status::new(Time::default(), true);
            (status.pid, status.finishing, status.ready) = (pid, finishing, ready);
            std::fs::write(self.base.join("supervise/status"), status.pack()).unwrap();
        }

        fn tells(&self, news: &[u8]) {
            let root = sys::fd::open_bytes(&self.path(), sys::fd::O_RDONLY | O_CLOEXEC, 0).unwrap();
            assert_eq!(crate::supervise::events::notify(root, c"event", news), Ok(1));
            sys::fd::close(root).unwrap();
        }
    }

    impl Drop for Served {
        fn drop(&mut self) {
            let _ = sys::fd::close(self.control);
            let _ = std::fs::remove_dir_all(&self.base);
        }
    }

    #[test]
    fn readiness_of_the_run_before_does_not_count() {
        let served = Served::new();
        served.is(7, true, false);
        let begun = Longrun::begin(served.path(), Way::Up, Some(b"/nowhere"));
        let (mut longrun, step) = begun.ok().unwrap();
        assert!(matches!(step, Step::Waits));
        // Told by a supervisor that was held up on its way, about the run that has ended.
        served.tells(b"U");
        assert!(matches!(longrun.hear(), Step::Waits));
        served.is(8, false, true);
        served.tells(b"dDuU");
        assert!(matches!(longrun.hear(), Step::Reached));
    }
}

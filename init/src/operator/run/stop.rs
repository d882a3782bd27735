//! When a container is told to stop, and when it is made to.

use sys::time::Time;

/// What is to be done to the container's process 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Do {
    /// Tell it to stop: SIGTERM.
    Terminate,
    /// Make it: SIGKILL, which ends every process in it.
    Kill,
}

/// As `docker stop`: asked once, it has so much time; asked again, none.
#[derive(Debug)]
pub struct Stop {
    grace: u64,
    deadline: Option<Time>,
    killed: bool,
}

impl Stop {
    /// Nobody has asked yet. `grace` in milliseconds.
    pub fn new(grace: u64) -> Stop {
        Stop { grace, deadline: None, killed: false }
    }

    /// Somebody asks.
    pub fn asked(&mut self, now: Time) -> Option<Do> {
        if self.deadline.is_some() {
            return self.kill();
        }
        self.deadline = Some(now.plus_millis(self.grace));
        Some(Do::Terminate)
    }

    /// What time has brought.
    pub fn due(&mut self, now: Time) -> Option<Do> {
        if self.deadline.is_some_and(|deadline| deadline <= now) { self.kill() } else { None }
    }

    /// How long there is nothing to do, in milliseconds; `None`: for ever.
    pub fn wait(&self, now: Time) -> Option<u64> {
        self.deadline.filter(|_| !self.killed).map(|deadline| deadline.millis_since(now))
    }

    fn kill(&mut self) -> Option<Do> {
        (!std::mem::replace(&mut self.killed, true)).then_some(Do::Kill)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sec: i64) -> Time {
        Time { sec, nsec: 0 }
    }

    #[test]
    fn told_first_and_made_to_after_its_time() {
        let mut stop = Stop::new(10_000);
        assert_eq!((stop.due(at(1)), stop.wait(at(1))), (None, None));
        assert_eq!(stop.asked(at(1)), Some(Do::Terminate));
        assert_eq!(stop.wait(at(2)), Some(9_000));
        assert_eq!(stop.due(at(10)), None);
        assert_eq!(stop.due(at(11)), Some(Do::Kill));
        assert_eq!((stop.due(at(12)), stop.wait(at(12)), stop.asked(at(12))), (None, None, None));
    }

    #[test]
    fn asked_again_it_has_no_time_left() {
        let mut stop = Stop::new(10_000);
        stop.asked(at(1));
        assert_eq!(stop.asked(at(2)), Some(Do::Kill));
    }
}

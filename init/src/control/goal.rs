//! When a wait for services is over. Pure: bytes of `event/` go in.

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The process runs.
    Up,
    /// It runs and has said that it is ready.
    Ready,
    /// It has ended; its finish script may still run.
    Down,
    /// It has ended, and so has its finish script.
    ReallyDown,
    /// It has ended and runs again.
    Restarted,
    /// It has ended, runs again, and has said that it is ready.
    RestartedReady,
}

impl Goal {
    /// The goal of an option's letter.
    pub fn of(letter: u8) -> Option<Goal> {
        Some(match letter {
            b'u' => Goal::Up,
            b'U' => Goal::Ready,
            b'd' => Goal::Down,
            b'D' => Goal::ReallyDown,
            b'r' => Goal::Restarted,
            b'R' => Goal::RestartedReady,
            _ => return None,
        })
    }

    fn wants_up(self) -> bool {
        !matches!(self, Goal::Down | Goal::ReallyDown)
    }

    fn wants_ready(self) -> bool {
        matches!(self, Goal::Ready | Goal::ReallyDown | Goal::RestartedReady)
    }
}

/// How far a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It must go down before anything counts.
    MustFall,
    Waiting,
    Reached,
    /// It can't reach the goal any more.
    Lost,
}

/// One service that is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    goal: Goal,
    /// Before it comes up again it must be really down, and not only dead.
    fall_really: bool,
    up: bool,
    ready: bool,
    stage: Stage,
}

impl Watch {
    /// A service in that state. `fall_really`: for [`Goal::Restarted`], whether its finish
    /// script must have ended too.
    pub fn new(goal: Goal, fall_really: bool, up: bool, ready: bool) -> Watch {
        let restart = matches!(goal, Goal::Restarted | Goal::RestartedReady);
        let stage = if restart { Stage::MustFall } else { Stage::Waiting };
        let mut watch = Watch { goal, fall_really, up, ready, stage };
        watch.settle();
        watch
    }

    /// Takes a byte of news in.
    pub fn hear(&mut self, byte: u8) {
        match byte {
            b'd' => self.set(false, false),
            b'D' => self.set(false, true),
            b'u' => self.set(true, false),
            b'U' => self.set(true, true),
            // Failed for good: it will not come up.
            b'O' if self.stage != Stage::Reached && self.goal.wants_up() => {
                self.stage = Stage::Lost;
            }
            // Its supervisor leaves.
            b'x' if self.stage != Stage::Reached => self.stage = Stage::Lost,
            _ => {}
        }
    }

    fn set(&mut self, up: bool, ready: bool) {
        (self.up, self.ready) = (up, ready);
        self.settle();
    }

    /// What the state amounts to. A goal that was reached is left again when the state leaves
    /// it, as long as others are waited for.
    fn settle(&mut self) {
        if self.stage == Stage::MustFall && !self.up && (self.ready || !self.fall_really) {
            self.stage = Stage::Waiting;
        }
        if matches!(self.stage, Stage::Waiting | Stage::Reached) {
            let there = self.up == self.goal.wants_up() && (self.ready || !self.goal.wants_ready());
            self.stage = if there { Stage::Reached } else { Stage::Waiting };
        }
    }

    /// It is where it is waited for.
    pub fn is_reached(&self) -> bool {
        self.stage == Stage::Reached
    }

    /// It can't get there.
    pub fn is_lost(&self) -> bool {
        self.stage == Stage::Lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(goal: Goal, up: bool, ready: bool, news: &[u8]) -> (bool, bool) {
        let mut watch = Watch::new(goal, false, up, ready);
        news.iter().for_each(|&byte| watch.hear(byte));
        (watch.is_reached(), watch.is_lost())
    }

    const YES: (bool, bool) = (true, false);
    const NO: (bool, bool) = (false, false);
    const NEVER: (bool, bool) = (false, true);

    #[test]
    fn the_state_may_do_without_news() {
        assert_eq!(after(Goal::Up, true, false, b""), YES);
        assert_eq!(after(Goal::Ready, true, false, b""), NO);
        assert_eq!(after(Goal::Ready, false, true, b""), NO);
        assert_eq!(after(Goal::Down, false, false, b""), YES);
        assert_eq!(after(Goal::ReallyDown, false, false, b""), NO);
    }

    #[test]
    fn news_move_it() {
        assert_eq!(after(Goal::Ready, false, true, b"u"), NO);
        assert_eq!(after(Goal::Ready, false, true, b"uU"), YES);
        assert_eq!(after(Goal::Up, false, true, b"ud"), NO);
        assert_eq!(after(Goal::ReallyDown, true, true, b"dD"), YES);
    }

    #[test]
    fn a_restart_is_down_and_then_up() {
        assert_eq!(after(Goal::Restarted, true, true, b""), NO);
        assert_eq!(after(Goal::Restarted, true, true, b"dD"), NO);
        assert_eq!(after(Goal::Restarted, true, true, b"dDu"), YES);
        assert_eq!(after(Goal::RestartedReady, true, true, b"dDu"), NO);
        assert_eq!(after(Goal::RestartedReady, true, true, b"dDuU"), YES);
        let mut strict = Watch::new(Goal::Restarted, true, false, false);
        strict.hear(b'u');
        assert!(!strict.is_reached(), "it was dead, but not really down");
    }

    #[test]
    fn failures_end_the_wait() {
        assert_eq!(after(Goal::Up, false, false, b"OD"), NEVER);
        assert_eq!(after(Goal::Down, true, false, b"OdD"), YES);
        assert_eq!(after(Goal::Up, false, false, b"x"), NEVER);
        assert_eq!(after(Goal::Down, false, true, b"x"), YES);
        assert_eq!(after(Goal::Restarted, true, false, b"dODx"), NEVER);
    }
}

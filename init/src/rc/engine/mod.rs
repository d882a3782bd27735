//! The machine of transitions: which services are to begin now that this or that has happened.
//!
//! Pure: it sees the graph, what is up, what is wanted and the time; events go in, actions come
//! out, which somebody with processes and files carries out in their order. A service begins as
//! soon as all that it waits for is where it should be. One that fails keeps back those that wait
//! for it, and nobody else; the run ends when nothing is under way any more.

#[cfg(test)]
mod tests;

use super::compiled::{Db, Id, Kind, Way};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use sys::time::Time;

/// Why a transition failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// With this exit code: of the script, or of the command that the original would have run.
    Exited(i32),
    /// It took longer than it may.
    TimedOut,
    /// This signal told the asking process to leave.
    Interrupted(i32),
}

/// What is to be done, or said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The services of all actions behind this one go this way.
    Pass(Way),
    /// It is where it should be.
    Already(Id),
    /// It is essential, so it stays up, and with it all that it depends on.
    Refused(Id),
    /// Its transition begins. [`Engine::done`] or [`Engine::failed`] tells how it came out.
    Begin(Id),
    /// Nobody waits for its transition any more: how it comes out is not to be told. Its script
    /// is told to end.
    Abandon(Id),
    /// Its new state is to be written down. Those that waited for it begin behind this.
    Record(Id),
    /// Its transition is over.
    Done(Id),
    /// The transition of a longrun has failed: it is told to be down.
    TellDown(Id),
    /// Its transition has failed: a longrun on its way up is down, everything else is what it was.
    Failed(Id, Why),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All are where they should be, but for essential services and what they depend on.
    Reached,
    /// Some are not.
    Missed,
    /// The time for the whole was over.
    TimedOut,
}

impl Outcome {
    /// The exit code that stands for it.
    pub fn code(self) -> i32 {
        match self {
            Outcome::Reached => 0,
            Outcome::Missed => 1,
            Outcome::TimedOut => 2,
        }
    }
}

/// How far a service is on this pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It waits, or is none of those that are to go.
    Idle,
    /// Its transition has begun.
    Running,
    /// Nothing more happens to it.
    Over,
}

/// A run.
pub struct Engine {
    db: Db,
    /// Which are up; `None` where a run before this one ended in the middle of a transition.
    up: Vec<Option<bool>>,
    /// Essential services go down, too.
    force: bool,
    passes: VecDeque<(Way, Vec<bool>)>,
    way: Way,
    /// Those that are to go this way.
    chosen: Vec<bool>,
    /// How many each still waits for.
    waits: Vec<u32>,
    stage: Vec<Stage>,
    running: usize,
    /// When which ones have failed; also of those whose transition is over by now.
    limits: BinaryHeap<Reverse<(Time, Id)>>,
    until: Option<Time>,
    failed: bool,
    refused: bool,
    interrupted: bool,
    outcome: Option<Outcome>,
    actions: VecDeque<Action>,
}

impl Engine {
    /// A run from the state `up` through all `passes`: sets of services that go up or down, each
    /// closed as [`Db::close`] does. A service whose state is not known goes both up and down. The
    /// whole has `until` then.
    pub fn new(
        db: Db,
        up: Vec<Option<bool>>,
        passes: impl IntoIterator<Item = (Way, Vec<bool>)>,
        force: bool,
        until: Option<Time>,
    ) -> Engine {
        Engine {
            db,
            up,
            force,
            passes: passes.into_iter().collect(),
            way: Way::Up,
            chosen: Vec::new(),
            waits: Vec::new(),
            stage: Vec::new(),
            running: 0,
            limits: BinaryHeap::new(),
            until,
            failed: false,
            refused: false,
            interrupted: false,
            outcome: None,
            actions: VecDeque::new(),
        }
    }

    /// Begins the run.
    pub fn start(&mut self, now: Time) {
        self.go_on(now);
    }

    /// What is to be done next. Behind the last of it there is an [`Engine::outcome`], or one waits
    /// for news until [`Engine::wakes_at`].
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Is something to be done?
    pub fn has_actions(&self) -> bool {
        !self.actions.is_empty()
    }

    /// How the run ended, if it has.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// The services whose transitions have begun and are not over.
    pub fn running(&self) -> impl Iterator<Item = Id> {
        (0..).zip(&self.stage).filter(|(_, stage)| **stage == Stage::Running).map(|(id, _)| id)
    }

    /// When [`Engine::tick`] has something to do.
    pub fn wakes_at(&mut self) -> Option<Time> {
        while self.limits.peek().is_some_and(|Reverse((_, id))| !self.is_running(*id)) {
            self.limits.pop();
        }
        let limit = self.limits.peek().map(|Reverse((at, _))| *at);
        [limit, self.until].into_iter().flatten().min()
    }

    fn is_running(&self, id: Id) -> bool {
        self.stage.get(id as usize) == Some(&Stage::Running)
    }

    /// A transition has succeeded.
    pub fn done(&mut self, id: Id, now: Time) {
        if self.leave(id) {
            self.succeed(id, now);
            self.go_on(now);
        }
    }

    /// A transition has failed.
    pub fn failed(&mut self, id: Id, why: Why, now: Time) {
        if self.leave(id) {
            self.fail(id, why);
            self.go_on(now);
        }
    }

    /// Time has gone by.
    pub fn tick(&mut self, now: Time) {
        if self.outcome.is_some() {
            return;
        }
        if self.until.is_some_and(|until| until <= now) {
            self.actions.extend(self.running().map(Action::Abandon).collect::<Vec<_>>());
            self.outcome = Some(Outcome::TimedOut);
            return;
        }
        while self.wakes_at().is_some_and(|at| at <= now) {
            let Some(Reverse((_, id))) = self.limits.pop() else { break };
            self.actions.push_back(Action::Abandon(id));
            self.leave(id);
            self.fail(id, Why::TimedOut);
        }
        self.go_on(now);
    }

    /// A signal tells to leave as soon as can be: longruns have failed, scripts are waited for,
    /// because nobody could tell where one was that is ended, and nothing begins any more.
    pub fn interrupt(&mut self, signal: i32, now: Time) {
        if self.outcome.is_some() {
            return;
        }
        self.interrupted = true;
        let longruns = |id: &Id| self.db.service(*id).kind() == Kind::Longrun;
        for id in self.running().filter(longruns).collect::<Vec<_>>() {
            self.actions.push_back(Action::Abandon(id));
            self.leave(id);
            self.fail(id, Why::Interrupted(signal));
        }
        self.go_on(now);
    }

    /// Takes a service out of those that are under way.
    fn leave(&mut self, id: Id) -> bool {
        let was = self.is_running(id) && self.outcome.is_none();
        if was {
            self.stage[id as usize] = Stage::Over;
            self.running -= 1;
        }
        was
    }

    fn fail(&mut self, id: Id, why: Why) {
        self.failed = true;
        if self.db.service(id).kind() == Kind::Longrun {
            if self.way == Way::Up {
                self.up[id as usize] = Some(false);
            }
            self.actions.push_back(Action::TellDown(id));
        }
        self.actions.push_back(Action::Failed(id, why));
    }

    /// The order is the original's: those that waited begin before this one is said to be there.
    fn succeed(&mut self, id: Id, now: Time) {
        self.up[id as usize] = Some(self.way == Way::Up);
        self.actions.push_back(Action::Record(id));
        if !self.interrupted {
            self.release(id, now);
        }
        self.actions.push_back(Action::Done(id));
    }

    /// Looks at all that waited for a service, and for those of them that are where they should be.
    /// Here too the order is the original's.
    fn release(&mut self, id: Id, now: Time) {
        let back = opposite(self.way);
        let mut waiting: Vec<Id> = self.db.service(id).needs(back).collect();
        while let Some(other) = waiting.pop() {
            let waits = &mut self.waits[other as usize];
            *waits = waits.saturating_sub(1);
            if self.examine(other, now) {
                waiting.extend(self.db.service(other).needs(back));
            }
        }
    }

    /// Lets a service begin if nothing keeps it; whether it is where it should be without that.
    fn examine(&mut self, id: Id, now: Time) -> bool {
        let i = id as usize;
        if !self.chosen[i] || self.waits[i] > 0 || self.stage[i] != Stage::Idle {
            return false;
        }
        self.stage[i] = Stage::Over;
        let service = self.db.service(id);
        if self.is_there(i) {
            self.actions.push_back(Action::Already(id));
            return true;
        }
        if self.way == Way::Down && service.is_essential() && !self.force {
            self.refused = true;
            self.actions.push_back(Action::Refused(id));
            return false;
        }
        self.actions.push_back(Action::Begin(id));
        if service.is_nominal() {
            self.succeed(id, now);
            return false;
        }
        self.stage[i] = Stage::Running;
        self.running += 1;
        if let millis @ 1.. = service.timeout(self.way) {
            self.limits.push(Reverse((now.plus_millis(millis.into()), id)));
        }
        false
    }

    /// If nothing is under way: the next pass, or the end.
    fn go_on(&mut self, now: Time) {
        while self.running == 0 && self.outcome.is_none() {
            let stuck = (0..self.chosen.len())
                .any(|i| self.chosen[i] && self.stage[i] == Stage::Idle && self.is_owed(i));
            let more = !self.passes.is_empty();
            if self.failed || stuck || self.interrupted && more {
                self.outcome = Some(Outcome::Missed);
            } else if let Some((way, chosen)) = self.passes.pop_front() {
                self.pass(way, chosen, now);
            } else {
                self.outcome = Some(Outcome::Reached);
            }
        }
    }

    /// A service that has not begun though it was to go. It is nobody's fault where an essential
    /// service keeps it up.
    fn is_owed(&self, i: usize) -> bool {
        !self.is_there(i) && (self.interrupted || !self.refused)
    }

    fn is_there(&self, i: usize) -> bool {
        self.up[i] == Some(self.way == Way::Up)
    }

    fn pass(&mut self, way: Way, chosen: Vec<bool>, now: Time) {
        self.actions.push_back(Action::Pass(way));
        (self.way, self.chosen, self.refused) = (way, chosen, false);
        self.waits = self.db.services().map(|s| s.needs(way).len() as u32).collect();
        self.stage = vec![Stage::Idle; self.db.len()];
        for id in (0..self.db.len() as Id).rev() {
            if self.examine(id, now) {
                self.release(id, now);
            }
        }
    }
}

fn opposite(way: Way) -> Way {
    match way {
        Way::Up => Way::Down,
        Way::Down => Way::Up,
    }
}

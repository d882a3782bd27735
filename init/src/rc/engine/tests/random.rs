//! Random graphs, and what may happen to them.

use super::*;

/// Numbers that look random, the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % sides
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.roll(n) == 0
    }
}

fn random_graph(dice: &mut Dice) -> Db {
    let count = 1 + dice.roll(30);
    let density = 1 + dice.roll(8);
    let mut services = Vec::new();
    for i in 0..count {
        let kind = if dice.one_in(2) { Kind::Longrun } else { Kind::Oneshot };
        let dependencies = (0..i as Id).filter(|_| dice.one_in(density)).collect();
        let mut new = service(format!("{}-{i}", dice.roll(1000)), kind, dependencies);
        new.timeouts = [0, 0].map(|_| if dice.one_in(3) { 1 + dice.roll(150) as u32 } else { 0 });
        if dice.one_in(20) {
            new.flags |= ESSENTIAL;
        }
        if i == 0 && dice.one_in(2) {
            (new.kind, new.flags) = (Kind::Longrun, NOMINAL);
        }
        services.push(new);
    }
    open(services)
}

/// A transition that is under way, and what comes of it. `None`: it hangs.
struct Flight {
    id: Id,
    ends: Option<(Time, Result<(), Why>)>,
}

/// What there really is.
struct World {
    db: Db,
    dice: Dice,
    now: Time,
    /// What is up.
    truth: Vec<bool>,
    /// What is written down.
    recorded: Vec<Option<bool>>,
    /// What was written down before the transition.
    old: Vec<Option<bool>>,
    flights: Vec<Flight>,
    /// Things go wrong.
    trouble: bool,
}

impl World {
    fn new(seed: u64) -> World {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let db = random_graph(&mut dice);
        let (truth, recorded) = (vec![false; db.len()], vec![Some(false); db.len()]);
        let now = Time { sec: 1, nsec: 0 };
        let old = recorded.clone();
        World { db, dice, now, truth, recorded, old, flights: Vec::new(), trouble: true }
    }

    fn set(&mut self, way: Way) -> Vec<bool> {
        let part = 1 + self.dice.roll(4);
        let mut set: Vec<bool> = (0..self.db.len()).map(|_| self.dice.one_in(part)).collect();
        self.db.close(&mut set, way);
        set
    }

    fn begin(&mut self, id: Id, way: Way) {
        for need in self.db.service(id).needs(way) {
            assert_eq!(self.truth[need as usize], way == Way::Up, "{id} begins too early");
        }
        assert!(self.flights.iter().all(|f| f.id != id), "{id} begins twice");
        let old = self.recorded[id as usize].take();
        self.old[id as usize] = old;
        if self.db.service(id).is_nominal() {
            self.truth[id as usize] = way == Way::Up;
            return;
        }
        let at = self.now.plus_millis(self.dice.roll(200));
        let ends = match self.dice.roll(12) {
            0 if self.trouble => None,
            1 if self.trouble => Some((at, Err(Why::Exited(self.dice.roll(255) as i32 + 1)))),
            2 if self.trouble => Some((at, Err(Why::Exited(9)))),
            _ => Some((at, Ok(()))),
        };
        self.flights.push(Flight { id, ends });
    }

    /// Somebody kills the asking process; its transitions go on without it.
    fn killed(&mut self, way: Way) {
        for flight in std::mem::take(&mut self.flights) {
            if self.dice.one_in(2) {
                self.truth[flight.id as usize] = way == Way::Up;
            }
        }
    }
}

/// A run of the machine in a world.
struct Run {
    world: World,
    engine: Engine,
    sets: Vec<(Way, Vec<bool>)>,
    pass: usize,
    way: Way,
    /// Nobody knew their states at the beginning.
    unsure: Vec<bool>,
    begun: Vec<Id>,
    failed: Vec<Id>,
    refused: Vec<Id>,
    interrupted: bool,
}

impl Run {
    fn new(world: World, sets: Vec<(Way, Vec<bool>)>, until: Option<Time>) -> Run {
        let up = world.recorded.clone();
        let engine = Engine::new(world.db, up, sets.clone(), false, until);
        let unsure = world.recorded.iter().map(|known| known.is_none()).collect();
        let (begun, failed, refused) = (vec![], vec![], vec![]);
        Run {
            world,
            engine,
            sets,
            pass: 0,
            way: Way::Up,
            unsure,
            begun,
            failed,
            refused,
            interrupted: false,
        }
    }

    fn carry_out(&mut self) {
        while let Some(action) = self.engine.next_action() {
            let way = self.way;
            let world = &mut self.world;
            match action {
                Action::Pass(to) => {
                    assert!(world.flights.is_empty(), "a pass begins while the last one runs");
                    assert_eq!(to, self.sets[self.pass].0);
                    self.pass += 1;
                    self.way = to;
                    self.refused.clear();
                }
                Action::Already(id) => {
                    assert_eq!(world.recorded[id as usize], Some(way == Way::Up));
                    assert_eq!(world.truth[id as usize], way == Way::Up);
                }
                Action::Refused(id) => {
                    assert!(way == Way::Down && world.db.service(id).is_essential());
                    self.refused.push(id);
                }
                Action::Begin(id) => {
                    assert!(self.sets[self.pass - 1].1[id as usize], "{id} was not asked for");
                    assert!(!self.interrupted);
                    world.begin(id, way);
                    self.begun.push(id);
                }
                Action::Abandon(id) => world.flights.retain(|f| f.id != id),
                Action::Record(id) => {
                    assert_eq!(world.truth[id as usize], way == Way::Up);
                    world.recorded[id as usize] = Some(way == Way::Up);
                }
                Action::Done(id) => {
                    assert_eq!(world.recorded[id as usize], Some(way == Way::Up));
                }
                Action::TellDown(id) => {
                    assert_eq!(world.db.service(id).kind(), Kind::Longrun);
                    world.truth[id as usize] &= way == Way::Down;
                }
                Action::Failed(id, _) => {
                    let told = way == Way::Up && world.db.service(id).kind() == Kind::Longrun;
                    let old = world.old[id as usize];
                    world.recorded[id as usize] = if told { Some(false) } else { old };
                    self.failed.push(id);
                }
            }
        }
    }

    /// Whatever can be under way is.
    fn check_parallel(&self) {
        let world = &self.world;
        let mut flying: Vec<Id> = world.flights.iter().map(|f| f.id).collect();
        flying.sort_unstable();
        assert_eq!(flying, self.engine.running().collect::<Vec<_>>());
        let Some((way, set)) = self.pass.checked_sub(1).map(|i| &self.sets[i]) else { return };
        let there = |id: Id| world.recorded[id as usize] == Some(*way == Way::Up);
        for service in world.db.services().filter(|s| set[s.id as usize] && !there(s.id)) {
            let held = self.interrupted
                || flying.contains(&service.id)
                || self.failed.contains(&service.id)
                || self.refused.contains(&service.id);
            assert!(held || !service.needs(*way).all(there), "{} could begin", service.id);
        }
    }

    /// The next thing that happens; false: somebody kills the asking process.
    fn step(&mut self) -> bool {
        let limit = self.engine.wakes_at();
        let world = &mut self.world;
        if world.trouble && world.dice.one_in(60) {
            return false;
        }
        let next = world.flights.iter().filter_map(|f| f.ends.map(|(at, _)| at)).min();
        if world.trouble && world.dice.one_in(60) || next.is_none() && limit.is_none() {
            if self.interrupted {
                // Only scripts that hang are left: somebody ends one.
                let crash = Some((world.now, Err(Why::Exited(15))));
                world.flights[0].ends = crash;
            }
            self.interrupted = true;
            self.engine.interrupt(15, world.now);
            return true;
        }
        let at = [next, limit].into_iter().flatten().min().unwrap();
        world.now = world.now.max(at);
        if limit.is_some_and(|limit| limit <= at) {
            self.engine.tick(world.now);
            return true;
        }
        let found = world.flights.iter().position(|f| f.ends.is_some_and(|(t, _)| t == at));
        let flight = world.flights.swap_remove(found.unwrap());
        match flight.ends.unwrap().1 {
            Ok(()) => {
                world.truth[flight.id as usize] = self.way == Way::Up;
                self.engine.done(flight.id, world.now);
            }
            Err(why) => self.engine.failed(flight.id, why, world.now),
        }
        true
    }

    /// Runs to the end; `None`: it was killed.
    fn run(&mut self) -> Option<Outcome> {
        self.engine.start(self.world.now);
        for _ in 0..10_000 {
            self.carry_out();
            if self.engine.outcome().is_some() {
                return self.engine.outcome();
            }
            self.check_parallel();
            if !self.step() {
                self.world.killed(self.way);
                return None;
            }
        }
        panic!("the run does not end");
    }

    fn check_end(&self, outcome: Outcome) {
        let world = &self.world;
        for (i, recorded) in world.recorded.iter().enumerate() {
            match recorded {
                Some(up) => assert_eq!(*up, world.truth[i], "{i} is not what is written down"),
                None => {
                    let lost = outcome == Outcome::TimedOut && self.begun.contains(&(i as Id));
                    assert!(lost || self.unsure[i], "{i} is not known");
                }
            }
        }
        if outcome == Outcome::Reached {
            assert!(self.failed.is_empty() && self.pass == self.sets.len());
            let (way, set) = &self.sets[self.pass - 1];
            let missed: Vec<usize> =
                (0..set.len()).filter(|&i| set[i] && world.truth[i] != (*way == Way::Up)).collect();
            // Essential services and what they depend on.
            let mut kept = vec![false; set.len()];
            self.refused.iter().for_each(|&id| kept[id as usize] = true);
            world.db.close(&mut kept, Way::Up);
            assert!(missed.iter().all(|&i| kept[i]), "{missed:?}");
        }
        if outcome == Outcome::Missed {
            assert!(!self.failed.is_empty() || self.interrupted);
        }
    }
}

fn life(seed: u64) -> [u32; 4] {
    let mut world = World::new(seed);
    let mut seen = [0; 4];
    for call in 0..8 {
        // The last call meets no trouble, and has to get there whatever was before.
        world.trouble = call < 7;
        let way = if world.dice.one_in(2) { Way::Up } else { Way::Down };
        let set = world.set(way);
        let sets = if world.dice.one_in(3) {
            let rest: Vec<bool> = set.iter().map(|is| !is).collect();
            let (down, up) = if way == Way::Up { (rest, set) } else { (set, rest) };
            vec![(Way::Down, down), (Way::Up, up)]
        } else {
            vec![(way, set)]
        };
        let hurry = world.trouble && world.dice.one_in(4);
        let until = hurry.then(|| world.now.plus_millis(world.dice.roll(600)));
        if !world.trouble {
            let quiet = world.db.services().map(|s| Service {
                name: s.name().to_bytes().to_vec(),
                kind: s.kind(),
                flags: s.flags(),
                timeouts: [0; 2],
                dependencies: s.needs(Way::Up).collect(),
                scripts: Default::default(),
                consumer: None,
            });
            world.db = open(quiet.collect());
        }
        let mut run = Run::new(world, sets, until);
        let outcome = run.run();
        if let Some(outcome) = outcome {
            run.check_end(outcome);
        }
        if !run.world.trouble {
            assert_eq!(outcome, Some(Outcome::Reached));
        }
        seen[outcome.map_or(3, |outcome| outcome.code() as usize)] += 1;
        world = run.world;
        if outcome == Some(Outcome::TimedOut) {
            world.flights.clear();
        }
    }
    seen
}

#[test]
fn random_lives_of_random_graphs() {
    let mut seen = [0; 4];
    for seed in 0..1000 {
        let one = life(seed);
        (0..4).for_each(|i| seen[i] += one[i]);
    }
    assert!(seen.iter().all(|&n| n > 100), "each way to end has to come up: {seen:?}");
}

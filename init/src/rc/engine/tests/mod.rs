mod random;

use super::*;
use crate::rc::compiled::build::{Service, Set, build};
use crate::rc::compiled::{ESSENTIAL, NOMINAL};

fn service(name: String, kind: Kind, dependencies: Vec<Id>) -> Service {
    let scripts = Default::default();
    let name = name.into_bytes();
    Service { name, kind, flags: 0, timeouts: [0; 2], dependencies, scripts, consumer: None }
}

fn open(services: Vec<Service>) -> Db {
    Db::read(build(&Set { services, ..Set::default() }).leak()).unwrap()
}

/// All actions of a run, in which everything succeeds at once.
fn actions(db: Db, up: &[bool], way: Way, names: &[&str], force: bool) -> Vec<String> {
    let mut set = vec![false; db.len()];
    for name in names {
        let found = db.find(name.as_bytes()).unwrap();
        db.atoms(found).into_iter().for_each(|id| set[id as usize] = true);
    }
    db.close(&mut set, way);
    let up = up.iter().map(|&up| Some(up)).collect();
    let mut engine = Engine::new(db, up, [(way, set)], force, None);
    let now = Time::default();
    engine.start(now);
    let mut all = Vec::new();
    while engine.outcome().is_none() || !engine.actions.is_empty() {
        let Some(action) = engine.next_action() else {
            let id = engine.running().next().unwrap();
            engine.done(id, now);
            continue;
        };
        let name = |id| db.service(id).name().to_str().unwrap();
        all.push(match action {
            Action::Already(id) => format!("{} is there", name(id)),
            Action::Refused(id) => format!("{} is kept", name(id)),
            Action::Begin(id) => format!("{} begins", name(id)),
            Action::Done(id) => format!("{} is done", name(id)),
            _ => continue,
        });
    }
    all.push(engine.outcome().unwrap().code().to_string());
    all
}

fn chain() -> Db {
    let one = |name: &str, dependencies| service(name.into(), Kind::Longrun, dependencies);
    let mut first = one("a", vec![]);
    first.flags = NOMINAL;
    let mut second = one("b", vec![0]);
    second.flags = ESSENTIAL;
    open(vec![first, second, one("c", vec![1]), one("d", vec![2])])
}

#[test]
fn the_way_up_and_the_way_down() {
    let db = chain();
    let none = [false; 4];
    let expected = ["a begins", "b begins", "a is done", "c begins", "b is done", "c is done", "0"];
    assert_eq!(actions(db, &none, Way::Up, &["c"], false), expected);
    let some = [true, true, false, false];
    let expected = ["a is there", "b is there", "c begins", "c is done", "0"];
    assert_eq!(actions(db, &some, Way::Up, &["c"], false), expected);
    let all = [true; 4];
    let expected = ["d begins", "c begins", "d is done", "b is kept", "c is done", "0"];
    assert_eq!(actions(db, &all, Way::Down, &["a"], false), expected);
    let expected =
        ["d begins", "c begins", "d is done", "b begins", "c is done", "a begins", "a is done"];
    assert_eq!(actions(db, &all, Way::Down, &["a"], true)[..7], expected);
}

#[test]
fn nothing_to_do_is_done() {
    assert_eq!(actions(chain(), &[false; 4], Way::Up, &[], false), ["0"]);
    let mut engine = Engine::new(open(vec![]), vec![], [], false, None);
    engine.start(Time::default());
    assert_eq!(engine.outcome(), Some(Outcome::Reached));
}

#[test]
fn events_of_services_that_nobody_waits_for_change_nothing() {
    let db = open(vec![service("a".into(), Kind::Oneshot, vec![])]);
    let mut engine = Engine::new(db, vec![Some(false)], [(Way::Up, vec![true])], false, None);
    let now = Time::default();
    engine.done(0, now);
    assert_eq!((engine.next_action(), engine.outcome()), (None, None));
    engine.start(now);
    engine.failed(7, Why::Exited(1), now);
    engine.failed(0, Why::Exited(1), now);
    engine.done(0, now);
    let all: Vec<Action> = std::iter::from_fn(|| engine.next_action()).collect();
    assert_eq!(all, [Action::Pass(Way::Up), Action::Begin(0), Action::Failed(0, Why::Exited(1))]);
    assert_eq!(engine.outcome(), Some(Outcome::Missed));
}

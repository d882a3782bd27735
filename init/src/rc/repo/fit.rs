//! What goes with what in a set: a service's dependencies are wanted at least as much as the
//! service itself, and of a pipeline all parts are masked or none is.

use super::is_internal;
use super::set::Rx;
use crate::rc::compiled::{Db, Id, Way};

/// Which services have to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Those that depend on the ones that are moved, where they want more.
    pub down: bool,
    /// Those that these depend on, where they want less.
    pub up: bool,
}

/// The services that have to follow if `moved` go to the state `new`, in ascending order. `Err`:
/// one of those that were looked at is not in the set.
pub fn followers(
    db: Db,
    rx: &[Option<Rx>],
    moved: &[Id],
    new: Rx,
    ways: Ways,
) -> Result<Vec<Id>, Id> {
    let mut roots = vec![false; db.len()];
    for &id in moved {
        roots[id as usize] = true;
    }
    let mut taken = roots.clone();
    let mut following = Vec::new();
    loop {
        let mut dependents = roots.clone();
        if ways.down && new < Rx::Always {
            db.close(&mut dependents, Way::Down);
        }
        let mut needed = roots.clone();
        if ways.up && new > Rx::Masked {
            db.close(&mut needed, Way::Up);
        }
        let mut more = Vec::new();
        let ids =
            || (0..db.len() as Id).filter(|&id| !is_internal(db.service(id).name().to_bytes()));
        for id in ids().filter(|&id| !roots[id as usize]) {
            let i = id as usize;
            if !(dependents[i] || needed[i]) {
                continue;
            }
            let old = rx[i].ok_or(id)?;
            if !taken[i] && (dependents[i] && old > new || needed[i] && old < new) {
                taken[i] = true;
                more.push(id);
            }
        }
        let mut widened = false;
        let pipelines = if new == Rx::Masked { ways.down } else { ways.up };
        for id in ids().filter(|_| pipelines) {
            let i = id as usize;
            let stays = !taken[i] && rx[i] == Some(Rx::Masked);
            if !(dependents[i] || needed[i]) || stays && new > Rx::Masked {
                continue;
            }
            for mate in pipeline(db, id) {
                let m = mate as usize;
                if !taken[m] && (rx[m].ok_or(mate)? == Rx::Masked) != (new == Rx::Masked) {
                    (taken[m], roots[m], widened) = (true, true, true);
                    more.push(mate);
                }
            }
        }
        following.extend(more);
        // What a pipeline has drawn in may have dependencies of its own.
        if !widened {
            sys::order::ascending(&mut following);
            return Ok(following);
        }
    }
}

/// The members of a service's pipeline, itself among them; none where it is in none.
fn pipeline(db: Db, id: Id) -> Vec<Id> {
    let mut last = id;
    // No longer than there are services: what is on disk may go round in a circle.
    for _ in 0..db.len() {
        match db.service(last).consumer() {
            Some(next) => last = next,
            None => break,
        }
    }
    if db.service(last).producers().len() == 0 {
        return Vec::new();
    }
    let mut members = vec![last];
    let mut found = vec![false; db.len()];
    found[last as usize] = true;
    let mut seen = 0;
    while let Some(&member) = members.get(seen) {
        seen += 1;
        for producer in db.service(member).producers() {
            if !std::mem::replace(&mut found[producer as usize], true) {
                members.push(producer);
            }
        }
    }
    members
}

/// Why two services don't go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The first needs the second, which is wanted less.
    Needs,
    /// They are in one pipeline, of which the second is masked.
    Pipeline,
}

/// All pairs that don't go together: what `s6-rc-set-commit` refuses. `Err`: a service of the
/// database is not in the set.
pub fn misfits(db: Db, rx: &[Option<Rx>]) -> Result<Vec<(Id, Why, Id)>, Id> {
    let mut misfits = Vec::new();
    for service in db.services().filter(|s| !is_internal(s.name().to_bytes())) {
        let id = service.id;
        let own = rx[id as usize].ok_or(id)?;
        for other in service.needs(Way::Up) {
            if rx[other as usize].is_some_and(|other| other < own) {
                misfits.push((id, Why::Needs, other));
            }
        }
        if own > Rx::Masked {
            let masked = |mate: &Id| rx[*mate as usize] == Some(Rx::Masked);
            misfits.extend(
                pipeline(db, id).into_iter().filter(masked).map(|m| (id, Why::Pipeline, m)),
            );
        }
    }
    Ok(misfits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rc::compiled::Kind;
    use crate::rc::compiled::build::{Service, Set, build};

    const BOTH: Ways = Ways { down: true, up: true };
    const DOWN: Ways = Ways { down: true, up: false };
    const UP: Ways = Ways { down: false, up: true };

    /// Services 0, 1 … named a, b …; who needs whom; who reads whose output.
    fn graph(count: usize, needs: &[(usize, usize)], pipes: &[(usize, usize)]) -> Db {
        let mut set = Set::default();
        for i in 0..count {
            let of = |pairs: &[(usize, usize)]| -> Vec<Id> {
                pairs.iter().filter(|(a, _)| *a == i).map(|(_, b)| *b as Id).collect()
            };
            set.services.push(Service {
                name: vec![b'a' + i as u8],
                kind: Kind::Longrun,
                flags: 0,
                timeouts: [0; 2],
                dependencies: [of(needs), of(pipes)].concat(),
                scripts: Default::default(),
                consumer: of(pipes).first().copied(),
            });
        }
        Db::read(Vec::leak(build(&set))).unwrap()
    }

    fn wants(text: &str) -> Vec<Option<Rx>> {
        text.chars().map(|c| Some(Rx::ALL["muax".find(c).unwrap()])).collect()
    }

    #[test]
    fn dependents_go_down_and_dependencies_up() {
        // a needs b needs c.
        let db = graph(3, &[(0, 1), (1, 2)], &[]);
        let told = |rx, moved: &[Id], new, ways| followers(db, &wants(rx), moved, new, ways);
        assert_eq!(told("aaa", &[1], Rx::Masked, BOTH), Ok(vec![0]));
        assert_eq!(told("aaa", &[2], Rx::Usable, BOTH), Ok(vec![0, 1]));
        assert_eq!(told("uaa", &[2], Rx::Usable, BOTH), Ok(vec![1]));
        assert_eq!(told("mmm", &[0], Rx::Active, BOTH), Ok(vec![1, 2]));
        assert_eq!(told("mmm", &[0], Rx::Active, DOWN), Ok(vec![]));
        assert_eq!(told("aaa", &[1], Rx::Masked, UP), Ok(vec![]));
        let mut rx = wants("aaa");
        rx[2] = None;
        assert_eq!(followers(db, &rx, &[0], Rx::Active, BOTH), Err(2));
    }

    #[test]
    fn a_pipeline_is_masked_whole_and_draws_in_what_depends_on_it() {
        // a writes to b, c too; d needs c, e is needed by c.
        let db = graph(5, &[(3, 2), (2, 4)], &[(0, 1), (2, 1)]);
        let told = |rx, moved: &[Id], new| followers(db, &wants(rx), moved, new, BOTH);
        assert_eq!(told("uuuuu", &[0], Rx::Masked), Ok(vec![1, 2, 3]));
        assert_eq!(told("mmmmm", &[0], Rx::Usable), Ok(vec![1, 2, 4]));
        assert_eq!(told("mmmmm", &[4], Rx::Usable), Ok(vec![]));
        assert_eq!(told("aaaaa", &[1], Rx::Usable), Ok(vec![0, 2, 3]));
        assert_eq!(misfits(db, &wants("muaua")), {
            let needs = |a, b| (a, Why::Needs, b);
            Ok(vec![(1, Why::Pipeline, 0), needs(2, 1), (2, Why::Pipeline, 0)])
        });
    }

    /// From a set in which everything fits, whatever is changed with all that has to follow leads
    /// to one, and nothing follows that need not.
    #[test]
    fn what_follows_is_enough_and_not_too_much() {
        let mut seed = 1u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        for _ in 0..2000 {
            let count = 2 + random(7);
            let needs: Vec<_> = (0..random(10))
                .map(|_| (random(count), random(count)))
                .filter(|(a, b)| a < b)
                .collect();
            let mut pipes: Vec<(usize, usize)> = Vec::new();
            for _ in 0..random(4) {
                let (a, b) = (random(count), random(count));
                if a < b && pipes.iter().all(|(from, _)| *from != a) {
                    pipes.push((a, b));
                }
            }
            let db = graph(count, &needs, &pipes);
            let mut rx = vec![Some(Rx::Usable); count];
            for _ in 0..6 {
                let moved = random(count) as Id;
                let new = Rx::ALL[random(4)];
                let following = followers(db, &rx, &[moved], new, BOTH).unwrap();
                let mut changed = rx.clone();
                for id in following.iter().chain([&moved]) {
                    changed[*id as usize] = Some(new);
                }
                let shown = || format!("{needs:?} {pipes:?} {rx:?} {moved} {new:?} {following:?}");
                assert_eq!(misfits(db, &changed), Ok(vec![]), "{}", shown());
                for id in &following {
                    let mut without = changed.clone();
                    without[*id as usize] = rx[*id as usize];
                    assert_ne!(misfits(db, &without), Ok(vec![]), "{}", shown());
                }
                rx = changed;
            }
        }
    }
}

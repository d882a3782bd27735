//! What an update does to each service, computed from two databases: which old ones go down, which
//! new ones go on where an old one was, and which come up afterwards. No file is touched.

use crate::rc::compiled::{Db, Entry, Id, Way};

/// What the conversion file says about an old service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Its new name, if it has another one.
    pub name: Option<Vec<u8>>,
    /// It is stopped and started, whatever else.
    pub restart: bool,
    /// The file speaks of it.
    pub named: bool,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// Nothing in the new database has the name that the conversion file gives.
    Undefined(Vec<u8>),
    /// Two old services would become this new one; the second of them.
    Twice(Id, Id),
}

/// The plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Old services that are asked to go down; all that depends on them goes, too.
    pub stop: Vec<bool>,
    /// Old services that are down then.
    pub gone: Vec<bool>,
    /// Which old service a new one goes on for, as the process that it is.
    pub kept: Vec<Option<Id>>,
    /// New services that are asked to come up.
    pub start: Vec<bool>,
    /// Which old service a new one stands for.
    pub from: Vec<Option<Id>>,
}

/// What the old services become.
struct Images {
    /// The new services that an old one becomes; one that goes on is one.
    of: Vec<Vec<Id>>,
    from: Vec<Option<Id>>,
    /// Old services that can go on as what they are.
    same: Vec<bool>,
}

fn images(old: &Db, new: &Db, wishes: &[Wish]) -> Result<Images, No> {
    let mut images = Images {
        of: vec![Vec::new(); old.len()],
        from: vec![None; new.len()],
        same: vec![false; old.len()],
    };
    for service in old.services() {
        let (id, at) = (service.id, service.id as usize);
        let wish = &wishes[at];
        let name = wish.name.as_deref().unwrap_or(service.name().to_bytes());
        let Some(entry) = new.find(name) else {
            match &wish.name {
                Some(name) => return Err(No::Undefined(name.clone())),
                None => continue,
            }
        };
        let all = new.atoms(entry);
        for &other in &all {
            let from = &mut images.from[other as usize];
            if from.replace(id).is_some() {
                return Err(No::Twice(other, id));
            }
        }
        let one = match entry {
            Entry::Service(other) => Some(other),
            Entry::Bundle(_) => all.first().copied().filter(|_| all.len() == 1),
        };
        let kind = one.map(|other| new.service(other).kind());
        images.same[at] = kind == Some(service.kind()) && !wish.restart;
        images.of[at] = all;
    }
    Ok(images)
}

/// Makes the plan, given which old services are up.
pub fn plan(old: &Db, new: &Db, up: &[bool], wishes: &[Wish]) -> Result<Plan, No> {
    let Images { of, from, mut same } = images(old, new, wishes)?;
    loop {
        let stop: Vec<bool> = up.iter().zip(&same).map(|(&up, &same)| up && !same).collect();
        let mut gone = stop.clone();
        old.close(&mut gone, Way::Down);
        let mut kept = vec![None; new.len()];
        let mut start = vec![false; new.len()];
        for (at, images) in of.iter().enumerate().filter(|(at, _)| up[*at]) {
            for &image in images {
                match gone[at] {
                    true => start[image as usize] = true,
                    false => kept[image as usize] = Some(at as Id),
                }
            }
        }
        // What goes on must not wait for anything: whoever has a dependency that is not up by then
        // is stopped too, and all that depends on it.
        let mut needed: Vec<bool> = kept.iter().map(Option::is_some).collect();
        new.close(&mut needed, Way::Up);
        let mut late: Vec<bool> =
            needed.iter().zip(&kept).map(|(&needed, kept)| needed && kept.is_none()).collect();
        if !late.contains(&true) {
            return Ok(Plan { stop, gone, kept, start, from });
        }
        new.close(&mut late, Way::Down);
        for id in kept.iter().zip(&late).filter_map(|(kept, late)| kept.filter(|_| *late)) {
            same[id as usize] = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rc::compiled::Kind;
    use crate::rc::compiled::build::{Bundle, Service, Set, build};

    /// Services by name, kind (`o` or `l`) and dependencies, and bundles.
    fn db(services: &[(&str, char, &[&str])], bundles: &[(&str, &[&str])]) -> Db {
        let place = |name: &str| services.iter().position(|s| s.0 == name).unwrap() as Id;
        let places = |names: &[&str]| names.iter().map(|name| place(name)).collect();
        let service = |&(name, kind, dependencies): &(&str, char, &[&str])| Service {
            name: name.into(),
            kind: if kind == 'o' { Kind::Oneshot } else { Kind::Longrun },
            flags: 0,
            timeouts: [0; 2],
            dependencies: places(dependencies),
            scripts: Default::default(),
            consumer: None,
        };
        let set = Set {
            services: services.iter().map(service).collect(),
            bundles: bundles
                .iter()
                .map(|(name, contents)| Bundle { name: (*name).into(), contents: places(contents) })
                .collect(),
            ranks: Vec::new(),
        };
        Db::read(build(&set).leak()).unwrap()
    }

    fn names(db: &Db, which: &[bool]) -> String {
        let chosen = db.services().filter(|s| which[s.id as usize]);
        chosen.map(|s| s.name().to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    /// What is stopped, what goes on (by its new name), what is started.
    fn outcome(old: &Db, new: &Db, up: &str, wishes: &[(&str, &str)]) -> [String; 3] {
        let is_up = |name: &str| up.split(' ').any(|n| n == name);
        let up: Vec<bool> = old.services().map(|s| is_up(s.name().to_str().unwrap())).collect();
        let wish = |name: &str| {
            let own = wishes.iter().find(|wish| wish.0 == name);
            let (name, restart) = match own.map(|wish| wish.1) {
                None => (None, false),
                Some("restart") => (None, true),
                Some(new) => (Some(new.as_bytes().to_vec()), false),
            };
            Wish { name, restart, named: own.is_some() }
        };
        let wishes: Vec<Wish> = old.services().map(|s| wish(s.name().to_str().unwrap())).collect();
        let plan = plan(old, new, &up, &wishes).unwrap();
        let kept: Vec<bool> = plan.kept.iter().map(Option::is_some).collect();
        [names(old, &plan.stop), names(new, &kept), names(new, &plan.start)]
    }

    #[test]
    fn the_same_again_is_nothing_to_do() {
        let one = db(&[("a", 'l', &[]), ("b", 'l', &["a"]), ("o", 'o', &["a"])], &[]);
        assert_eq!(outcome(&one, &one, "a b o", &[]), ["", "a b o", ""]);
        assert_eq!(outcome(&one, &one, "a", &[]), ["", "a", ""]);
    }

    #[test]
    fn who_gets_a_dependency_that_is_not_up_restarts() {
        let old = db(&[("a", 'l', &[]), ("b", 'l', &["a"]), ("c", 'l', &[])], &[]);
        let new = db(&[("a", 'l', &["d"]), ("b", 'l', &["a"]), ("d", 'l', &[])], &[]);
        assert_eq!(outcome(&old, &new, "a b c", &[]), ["a b c", "", "a b"]);
        let new = db(&[("a", 'l', &[]), ("b", 'l', &["a", "c"]), ("c", 'l', &[])], &[]);
        assert_eq!(outcome(&old, &new, "a b c", &[]), ["", "a b c", ""]);
        assert_eq!(outcome(&old, &new, "a b", &[]), ["b", "a", "b"]);
    }

    #[test]
    fn who_changes_type_restarts_with_its_dependents() {
        let old = db(&[("a", 'l', &[]), ("b", 'l', &["a"]), ("c", 'o', &[])], &[]);
        let new = db(&[("b", 'l', &["a"]), ("a", 'o', &[]), ("c", 'o', &[])], &[]);
        assert_eq!(outcome(&old, &new, "a b c", &[]), ["a", "c", "b a"]);
        let parts = [("b", 'l', &[][..]), ("x", 'l', &[]), ("y", 'l', &[]), ("c", 'o', &[])];
        let new = db(&parts, &[("a", &["x", "y"])]);
        assert_eq!(outcome(&old, &new, "a b c", &[]), ["a", "c", "b x y"]);
        // A bundle of one is that one.
        let new = db(&parts, &[("a", &["x"])]);
        assert_eq!(outcome(&old, &new, "a b c", &[]), ["", "b x c", ""]);
    }

    #[test]
    fn wishes() {
        let old = db(&[("a", 'l', &[]), ("b", 'l', &["a"]), ("c", 'l', &[])], &[]);
        let new = db(&[("b", 'l', &["x"]), ("c", 'l', &[]), ("x", 'l', &[])], &[]);
        assert_eq!(outcome(&old, &new, "a b c", &[("a", "x")]), ["", "b c x", ""]);
        assert_eq!(outcome(&old, &new, "a b c", &[("c", "restart")]), ["a c", "", "b c"]);
        let wishes = |name: &str| {
            let mut all = vec![Wish::default(); 3];
            all[0].name = Some(name.into());
            all
        };
        let no = |name: &str| plan(&old, &new, &[true; 3], &wishes(name)).unwrap_err();
        assert_eq!(no("nothing"), No::Undefined(b"nothing".to_vec()));
        assert_eq!(no("b"), No::Twice(0, 1));
    }
}

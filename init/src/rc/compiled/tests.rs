use super::build::{Bundle, Service, Set, build};
use super::*;

fn service(name: &str, kind: Kind, dependencies: &[Id]) -> Service {
    Service {
        name: name.into(),
        kind,
        flags: 0,
        timeouts: [0; 2],
        dependencies: dependencies.to_vec(),
        scripts: Default::default(),
        consumer: None,
    }
}

fn sample() -> Set {
    let mut mount = service("mount", Kind::Oneshot, &[]);
    mount.scripts = [vec![b"mount".to_vec(), b"".to_vec(), b"-a".to_vec()], vec![], vec![]];
    mount.timeouts = [100, 200];
    mount.flags = ESSENTIAL;
    let mut web = service("web", Kind::Longrun, &[0, 2]);
    web.consumer = Some(3);
    let db = service("db", Kind::Longrun, &[0]);
    let log = service("log", Kind::Longrun, &[]);
    let bundles = vec![
        Bundle { name: b"user".to_vec(), contents: vec![1, 2] },
        Bundle { name: b"empty".to_vec(), contents: vec![] },
    ];
    Set { services: vec![mount, web, db, log], bundles, ..Set::default() }
}

fn open(bytes: Vec<u8>) -> Result<Db, Damaged> {
    Db::read(bytes.leak())
}

fn names(db: &Db, ids: impl IntoIterator<Item = Id>) -> Vec<&'static str> {
    ids.into_iter().map(|id| db.service(id).name().to_str().unwrap()).collect()
}

#[test]
fn what_is_put_in_comes_out() {
    let db = open(build(&sample())).unwrap();
    assert_eq!(names(&db, 0..4), ["web", "db", "log", "mount"]);
    assert_eq!((db.len(), db.longruns(), db.bundles()), (4, 3, 2));
    let web = db.service(0);
    assert_eq!(db.find(b"web"), Some(Entry::Service(0)));
    assert_eq!(names(&db, web.needs(Way::Up)), ["db", "mount"]);
    assert_eq!(names(&db, db.service(3).needs(Way::Down)), ["web", "db"]);
    assert_eq!((web.consumer(), web.kind()), (Some(2), Kind::Longrun));
    assert_eq!(names(&db, db.service(2).producers()), ["web"]);
    let mount = db.service(3);
    assert_eq!(mount.script(Script::Up), [c"mount", c"", c"-a"]);
    assert_eq!(mount.script(Script::Down), [c""; 0]);
    assert_eq!([mount.timeout(Way::Up), mount.timeout(Way::Down)], [100, 200]);
    assert!(mount.is_essential() && !web.is_essential());
    let Some(Entry::Bundle(user)) = db.find(b"user") else { panic!("a bundle") };
    assert_eq!(names(&db, db.contents(user)), ["web", "db"]);
    assert_eq!(db.find(b"nothing"), None);
    let all: Vec<_> = db.entries().map(|entry| db.name(entry).to_str().unwrap()).collect();
    assert_eq!(all, ["db", "empty", "log", "mount", "user", "web"]);
}

#[test]
fn producers_keep_their_ranks() {
    let to = |name| Service { consumer: Some(2), ..service(name, Kind::Longrun, &[]) };
    let services = vec![to("a"), to("b"), service("c", Kind::Longrun, &[])];
    let set = Set { services, ranks: vec![2, 1, 0], ..Set::default() };
    let db = open(build(&set)).unwrap();
    assert_eq!(names(&db, db.service(2).producers()), ["b", "a"]);
}

#[test]
fn a_set_is_closed_both_ways() {
    let db = open(build(&sample())).unwrap();
    let close = |name: &[u8], way| {
        let mut set = vec![false; db.len()];
        for id in db.atoms(db.find(name).unwrap()) {
            set[id as usize] = true;
        }
        db.close(&mut set, way);
        names(&db, (0..4).filter(|&id| set[id as usize]))
    };
    assert_eq!(close(b"web", Way::Up), ["web", "db", "mount"]);
    assert_eq!(close(b"mount", Way::Down), ["web", "db", "mount"]);
    assert_eq!(close(b"log", Way::Down), ["log"]);
}

#[test]
fn nothing_makes_an_empty_database() {
    let db = open(build(&Set::default())).unwrap();
    assert!(db.is_empty() && db.entries().len() == 0);
}

#[test]
fn any_change_is_found_and_nothing_panics() {
    let whole = build(&sample());
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        assert!(open(bytes).is_err(), "byte {at}");
        assert!(open(whole[..at].to_vec()).is_err(), "cut at {at}");
    }
}

#[test]
fn lies_under_a_right_checksum_are_found_or_harmless() {
    let whole = build(&sample());
    for at in 32..whole.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            let right = sum(&bytes[32..]).to_le_bytes();
            bytes[24..32].copy_from_slice(&right);
            let Ok(db) = open(bytes) else { continue };
            for entry in db.entries() {
                let _ = (db.name(entry), db.atoms(entry).len());
            }
            for service in db.services() {
                let mut set = vec![false; db.len()];
                set[service.id as usize] = true;
                db.close(&mut set, Way::Up);
                let _ = (service.script(Script::Up).len(), service.producers().len());
            }
        }
    }
}

//! `s6-rc-update`.

use crate::lab::{is_up, ours, settled, soon};
use crate::room::{Room, said};
use std::process::Output;
use tests::harness::Outcome;

const SLEEP: &str = "exec sleep 1000";

fn pid(room: &Room, name: &str) -> String {
    ours().ask("s6-svstat", &["-o", "pid"], &room.s.service(name))
}

fn update(room: &Room, db: &str, options: &[&str]) -> Output {
    let mut command = room.command("s6-rc-update");
    command.args(options).arg("-l").arg(room.path("live")).arg(room.path(db)).output().unwrap()
}

fn change(room: &Room, words: &[&str]) {
    let mut command = room.command("s6-rc");
    let out = command.arg("-l").arg(room.path("live")).args(words).output().unwrap();
    assert!(out.status.success(), "{}{}", said(&out), room.s.text("stderr"));
}

fn up(room: &Room) -> String {
    let mut command = room.command("s6-rc");
    said(&command.arg("-l").arg(room.path("live")).args(["-a", "list"]).output().unwrap())
}

fn depends(room: &Room, name: &str, on: &str) {
    room.file(&format!("{name}/dependencies.d/{on}"), "");
}

fn remove(room: &Room, path: &str) {
    std::fs::remove_dir_all(room.path("src").join(path)).unwrap();
}

/// The live link, the scan directory's links and the database are those of the new live directory,
/// and there is no other.
fn is_whole(room: &Room, db: &str, names: &[&str]) {
    let target = std::fs::read_link(room.path("live")).unwrap().into_os_string();
    let target = target.into_string().unwrap();
    assert_eq!(room.lives(), [format!("live -> {target}"), target.clone()]);
    let dir = room.path(&target);
    let links = names.iter().map(|name| format!("{name} -> {}/servicedirs/{name}", dir.display()));
    assert_eq!(room.names(&room.s.scan()), links.collect::<Vec<_>>());
    assert_eq!(std::fs::read_link(dir.join("compiled")).unwrap(), room.path(db));
}

/// What is the same goes on; what has gone goes with its supervisor; the rest is as it is asked.
pub fn same() -> Outcome {
    let room = Room::new("update-same");
    for name in ["a", "b", "gone", "idle"] {
        room.longrun(name, SLEEP);
    }
    room.oneshot("o", "true\n");
    depends(&room, "b", "a");
    depends(&room, "a", "o");
    room.compile("one");
    let tree = room.tree();
    room.initialized("one");
    change(&room, &["-u", "change", "b", "gone"]);
    let (a, b, descriptors) = (pid(&room, "a"), pid(&room, "b"), settled(&tree));
    let whole = up(&room);
    assert_eq!(said(&update(&room, "one", &[])), "[0]");
    is_whole(&room, "one", &["a", "b", "gone", "idle"]);
    assert_eq!((pid(&room, "a"), pid(&room, "b"), up(&room)), (a.clone(), b.clone(), whole));
    assert_eq!(settled(&tree), descriptors);
    remove(&room, "gone");
    room.longrun("new", SLEEP);
    room.file("b/notification-fd", "3\n");
    room.longrun("b", "echo >&3\nexec sleep 1000");
    room.file("b/data/file", "text");
    room.compile("two");
    assert_eq!(said(&update(&room, "two", &[])), "[0]");
    is_whole(&room, "two", &["a", "b", "idle", "new"]);
    assert_eq!((pid(&room, "a"), pid(&room, "b")), (a, b));
    assert_eq!(up(&room), "s6rc-oneshot-runner\na\nb\no\n[0]");
    assert_eq!(
        ours().ask("s6-svstat", &["-o", "up,wantedup"], &room.s.service("new")),
        "false false\n[0]"
    );
    assert_eq!(std::fs::read(room.path("live/servicedirs/b/data/file")).unwrap(), b"text");
    // The new definition holds from the next start on.
    assert_eq!(ours().ask("s6-svc", &["-wR", "-T", "60000", "-r"], &room.s.service("b")), "[0]");
    assert_eq!(settled(&tree), descriptors);
    assert_eq!(room.s.text("stderr"), "");
    Outcome::Passed
}

/// A dependency that is not up yet restarts those who wait for it, in order; `-n` only says so.
pub fn restarts() -> Outcome {
    let room = Room::new("update-restart");
    for name in ["a", "b", "c", "x"] {
        room.longrun(name, SLEEP);
    }
    depends(&room, "b", "a");
    room.compile("one");
    let _tree = room.tree();
    room.initialized("one");
    change(&room, &["-u", "change", "b", "c", "x"]);
    let before: Vec<String> = ["a", "b", "c"].iter().map(|name| pid(&room, name)).collect();
    room.longrun("d", SLEEP);
    depends(&room, "a", "d");
    remove(&room, "x");
    room.oneshot("x", "true\n");
    room.compile("two");
    let live = room.path("live");
    let dry = said(&update(&room, "two", &["-n"]));
    let line = |rest: &str| format!("s6-rc-dryrun: s6-rc -v 1 -t 0 -l {} {rest}\n", live.display());
    assert_eq!(dry, line("-d -- change x b a") + &line("-u -- change x b a") + "[0]");
    is_whole(&room, "one", &["a", "b", "c", "x"]);
    let out = said(&update(&room, "two", &["-v2"]));
    let place = |words: &str| out.find(words).unwrap_or_else(|| panic!("{words}: {out}"));
    assert!(place("service b: stopping") < place("service a: stopping"));
    assert!(place("service a successfully stopped") < place("switched to new database"));
    assert!(place("service d: starting") < place("service a: starting"), "{out}");
    assert!(place("service a: starting") < place("service b: starting"), "{out}");
    place("service x successfully started");
    is_whole(&room, "two", &["a", "b", "c", "d"]);
    let after: Vec<String> = ["a", "b", "c"].iter().map(|name| pid(&room, name)).collect();
    assert!(before[0] != after[0] && before[1] != after[1] && before[2] == after[2]);
    Outcome::Passed
}

/// New names, wishes, and what can't be done.
pub fn conversion() -> Outcome {
    let room = Room::new("update-convert");
    for name in ["a", "b", "c"] {
        room.longrun(name, SLEEP);
    }
    room.file("all/type", "bundle\n");
    room.file("all/contents.d/a", "");
    room.compile("one");
    let tree = room.tree();
    room.initialized("one");
    change(&room, &["-u", "change", "a", "b", "c"]);
    remove(&room, "a");
    remove(&room, "all");
    room.longrun("new", SLEEP);
    room.compile("two");
    let convert = |text: &str| {
        std::fs::write(room.path("file"), text).unwrap();
        let file = room.path("file").display().to_string();
        said(&update(&room, "two", &["-f", &file]))
    };
    for (text, words, code) in [
        ("zz restart", "zz is not a known identifier", 3),
        ("a -> nothing", "bad conversion file: new service nothing is undefined in database", 4),
        ("all restart", "identifier all does not represent an atomic service in", 5),
        ("a\na restart", "service a appears more than once in conversion file", 6),
        ("a -> b", "new service b is a target for more than one conversion", 6),
        ("a restart soon", "unknown keyword in conversion file: soon", 100),
        ("a {", "syntax error in conversion file: a {", 100),
    ] {
        let out = convert(text);
        assert!(out.contains(words) && out.ends_with(&format!("[{code}]")), "{text}: {out}");
    }
    is_whole(&room, "one", &["a", "b", "c"]);
    let [a, b, c] = ["a", "b", "c"].map(|name| pid(&room, name));
    let descriptors = settled(&tree);
    assert_eq!(convert("# words\n\n a -> new # more\n\"b\" restart\n"), "[0]");
    is_whole(&room, "two", &["b", "c", "new"]);
    assert_eq!((pid(&room, "new"), pid(&room, "c")), (a, c));
    assert_ne!(pid(&room, "b"), b);
    // It is supervised under its new name.
    ours().run("s6-svc", &["-k"], &room.s.service("new"));
    soon("it is up again", || is_up(&ours(), &room.s.service("new")));
    assert_eq!(settled(&tree), descriptors);
    Outcome::Passed
}

/// Whenever it is killed, the next call finds one of the two databases, whole, and what is the same
/// in both has gone on.
pub fn killed() -> Outcome {
    const KEPT: usize = 30;
    let room = Room::new("update-killed");
    for i in 0..KEPT {
        room.longrun(&format!("k{i}"), SLEEP);
    }
    room.longrun("one", SLEEP);
    room.compile("db0");
    remove(&room, "one");
    room.longrun("two", SLEEP);
    room.compile("db1");
    let _tree = room.tree();
    room.initialized("db0");
    let all: Vec<String> = (0..KEPT).map(|i| format!("k{i}")).collect();
    let mut words = vec!["-u", "change"];
    words.extend(all.iter().map(String::as_str));
    change(&room, &words);
    let pids = || all.iter().map(|name| pid(&room, name)).collect::<Vec<_>>();
    let before = pids();
    let (mut cut, mut to, mut delay) = (0, 1, 0);
    while cut < 60 && delay < 3000 {
        let mut command = room.command("s6-rc-update");
        command.arg("-l").arg(room.path("live")).arg(room.path(&format!("db{to}")));
        let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_micros(delay * 37 % 20_000));
        child.kill().unwrap();
        cut += usize::from(!child.wait().unwrap().success());
        delay += 17;
        // Any change makes it whole, also one that changes nothing.
        change(&room, &["-u", "change", "k0"]);
        let dir = std::fs::canonicalize(room.path("live")).unwrap();
        let db = std::fs::read_link(dir.join("compiled")).unwrap();
        let own = if db == room.path("db0") { "one" } else { "two" };
        let mut names: Vec<&str> = all.iter().map(String::as_str).collect();
        names.push(own);
        names.sort_unstable();
        assert_eq!(room.names(&dir.join("servicedirs")), names, "after {delay}");
        let place = |name: &&str| format!("{name} -> {}/servicedirs/{name}", dir.display());
        assert_eq!(room.names(&room.s.scan()), names.iter().map(place).collect::<Vec<_>>());
        assert_eq!(pids(), before);
        to = if own == "one" { 1 } else { 0 };
    }
    assert!(cut >= 20, "only {cut} were killed in time");
    for db in ["db0", "db1"] {
        assert_eq!(said(&update(&room, db, &[])), "[0]");
    }
    let mut names: Vec<&str> = all.iter().map(String::as_str).chain(["two"]).collect();
    names.sort_unstable();
    is_whole(&room, "db1", &names);
    assert_eq!((pids(), room.s.text("stderr")), (before, String::new()));
    Outcome::Passed
}

/// Transitions that fail, before the switch and after it.
pub fn failures() -> Outcome {
    let room = Room::new("update-fails");
    room.oneshot("o", "true\n");
    room.file("o/down", "exit 3");
    room.longrun("a", SLEEP);
    room.compile("one");
    let _tree = room.tree();
    room.initialized("one");
    change(&room, &["-u", "change", "o", "a"]);
    remove(&room, "o");
    room.compile("two");
    let out = said(&update(&room, "two", &[]));
    assert!(out.contains("the database is still the old one") && out.ends_with("[9]"), "{out}");
    is_whole(&room, "one", &["a"]);
    // Somebody else's name.
    room.longrun("taken", SLEEP);
    room.oneshot("o", "true\n");
    room.compile("three");
    std::fs::create_dir(room.s.service("taken")).unwrap();
    let out = said(&update(&room, "three", &[]));
    assert!(out.contains("taken is another service's name") && out.ends_with("[9]"), "{out}");
    std::fs::remove_dir_all(room.s.service("taken")).unwrap();
    is_whole(&room, "one", &["a"]);
    // A type that changes, to a script that fails.
    remove(&room, "a");
    room.oneshot("a", "exit 7");
    room.compile("four");
    let out = said(&update(&room, "four", &[]));
    assert!(out.contains("unable to start service a") && out.ends_with("[1]"), "{out}");
    is_whole(&room, "four", &["taken"]);
    let out = said(&update(&room, "nowhere", &[]));
    assert!(out.contains("unable to take lock on") && out.ends_with("[111]"), "{out}");
    Outcome::Passed
}

/// A pipe goes on with its reader, whatever the names of both.
pub fn pipelines() -> Outcome {
    let room = Room::new("update-pipes");
    let define = |from: &str, to: &str| {
        room.longrun(from, "i=0; while :; do echo $i; i=$((i+1)); sleep 0.01; done");
        room.file(&format!("{from}/producer-for"), to);
        room.longrun(to, &format!("exec cat >> {}", room.path("got").display()));
        room.file(&format!("{to}/consumer-for"), from);
    };
    define("from", "to");
    room.compile("one");
    let tree = room.tree();
    room.initialized("one");
    change(&room, &["-u", "change", "from", "to"]);
    let lines = || room.s.text("got").lines().count();
    soon("it flows", || lines() > 3);
    remove(&room, "from");
    remove(&room, "to");
    define("source", "sink");
    // The old reader's name is a new one's now.
    room.longrun("from", SLEEP);
    room.longrun("to", "exec cat > /dev/null");
    room.file("from/producer-for", "to");
    room.file("to/consumer-for", "from");
    room.compile("two");
    std::fs::write(room.path("file"), "from -> source\nto -> sink\n").unwrap();
    let file = room.path("file").display().to_string();
    assert_eq!(said(&update(&room, "two", &["-f", &file])), "[0]");
    is_whole(&room, "two", &["from", "sink", "source", "to"]);
    change(&room, &["-u", "change", "from"]);
    let before = lines();
    soon("it still flows", || lines() > before + 3);
    ours().run("s6-svc", &["-wd", "-d"], &room.s.service("sink"));
    ours().run("s6-svc", &["-wu", "-u"], &room.s.service("sink"));
    let before = lines();
    soon("to the reader's next life, too", || lines() > before + 3);
    ours().run("s6-svc", &["-wd", "-d"], &room.s.service("source"));
    // A reader in its last moments may still have had a line.
    let text = room.s.text("got");
    let numbers: Vec<usize> = text.lines().filter_map(|line| line.parse().ok()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    drop(tree);
    Outcome::Passed
}

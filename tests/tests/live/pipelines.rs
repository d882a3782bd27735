//! Pipelines: what is in their pipes outlives those who write and those who read.

use crate::lab::{Svscan, is_up, ours, settled, within};
use crate::room::{Room, said};
use std::io::{Read, Write};
use std::path::Path;
use tests::harness::Outcome;

const LONG: u64 = 30_000;

fn change(room: &Room, live: &str, words: &[&str]) {
    let mut command = room.command("s6-rc");
    let out = command.arg("-l").arg(room.path(live)).args(words).output().unwrap();
    assert!(out.status.success(), "{}{}", said(&out), room.s.text("stderr"));
}

fn upgrade(tree: &Svscan) {
    let mut chainit = ours().command("chainit");
    let out = chainit.args(["upgrade", "--scandir"]).arg(&tree.scan).output().unwrap();
    assert!(out.status.success(), "{}", said(&out));
}

/// Three members that move bytes, `first` to `last`; what goes in at the fifo `in` comes out at `out`.
fn relays(room: &Room) {
    let relay = env!("CARGO_BIN_EXE_relay");
    let names = ["first", "middle", "last"];
    for (i, name) in names.iter().enumerate() {
        let input = if i == 0 { format!("<>{}", room.path("in").display()) } else { "".into() };
        let output = if i == 2 { format!("1<>{}", room.path("out").display()) } else { "".into() };
        room.longrun(name, &format!("exec {relay} {input} {output}"));
        if i < 2 {
            room.file(&format!("{name}/producer-for"), names[i + 1]);
        }
        if i > 0 {
            room.file(&format!("{name}/consumer-for"), names[i - 1]);
        }
    }
    room.file("last/pipeline-name", "all");
    for fifo in ["in", "out"] {
        nix::unistd::mkfifo(&room.path(fifo), nix::sys::stat::Mode::S_IRWXU).unwrap();
    }
}

fn open(path: &Path) -> std::fs::File {
    std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap()
}

/// A hundred thousand lines, and a member killed after every two thousand: the same lines come out.
pub fn killed() -> Outcome {
    const LINES: usize = 100_000;
    const KILLS: usize = 50;
    let room = Room::new("pipe-killed");
    relays(&room);
    room.compile("db");
    let tree = room.tree();
    room.initialized("db");
    change(&room, "live", &["-u", "change", "all"]);
    let descriptors = settled(&tree);
    let text: String = (0..LINES).map(|i| format!("{i}\n")).collect();
    let (mut input, mut output) = (open(&room.path("in")), open(&room.path("out")));
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let mut random = u64::from(seed.subsec_nanos()) | 1;
    let mut came = vec![0; text.len()];
    std::thread::scope(|scope| {
        scope.spawn(|| input.write_all(text.as_bytes()).unwrap());
        // All pipes are full, and what is in them is larger than what one of them holds.
        for (round, part) in came.chunks_mut(text.len().div_ceil(KILLS)).enumerate() {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let name = ["first", "middle", "last"][(random % 3) as usize];
            ours().run("s6-svc", &["-k"], &room.s.service(name));
            if round % 10 == 5 {
                upgrade(&tree);
            }
            // Told to, it does not wait for the second to be over.
            ours().run("s6-svc", &["-wd", "-T", "200", "-d"], &room.s.service(name));
            ours().run("s6-svc", &["-u"], &room.s.service(name));
            output.read_exact(part).unwrap();
        }
    });
    assert!(came == text.as_bytes(), "it is not what went in");
    for name in ["first", "middle", "last"] {
        within(name, LONG, || is_up(&ours(), &room.s.service(name)));
    }
    assert_eq!(settled(&tree), descriptors);
    Outcome::Passed
}

/// Two who write to one, and the finish script of one of them.
pub fn fan_in() -> Outcome {
    let room = Room::new("pipe-fan-in");
    for name in ["a", "b"] {
        room.longrun(
            name,
            &format!(
                "i=0; while test $i -lt 500; do echo {name} $i; i=$((i+1)); done\nexec sleep 99"
            ),
        );
        room.file(&format!("{name}/producer-for"), "c");
    }
    room.file("a/finish", "#!/bin/sh\necho a finish\n");
    room.longrun("c", &format!("exec cat >> {}", room.path("got").display()));
    room.file("c/consumer-for", "a\nb\n");
    room.compile("db");
    let tree = room.tree();
    room.initialized("db");
    change(&room, "live", &["-u", "change", "a", "b"]);
    let lines = |name: &str| -> Vec<String> {
        let text = room.s.text("got");
        let own = text.lines().filter(|line| line.starts_with(name));
        own.map(|line| line[2..].to_owned()).collect()
    };
    let all: Vec<String> = (0..500).map(|i| i.to_string()).collect();
    for name in ["a", "b"] {
        within(name, LONG, || lines(name) == all);
    }
    // It reads nothing while it is down; what its writer says meanwhile waits for it.
    ours().run("s6-svc", &["-wD", "-d"], &room.s.service("c"));
    ours().run("s6-svc", &["-wD", "-d"], &room.s.service("a"));
    assert_eq!(lines("a"), all);
    ours().run("s6-svc", &["-u"], &room.s.service("c"));
    within("the last words", LONG, || lines("a").last().is_some_and(|line| line == "finish"));
    drop(tree);
    Outcome::Passed
}

/// Whoever reads ends with its input when the tree is stopped, however long that takes.
pub fn stop() -> Outcome {
    let room = Room::new("pipe-stop");
    room.longrun(
        "a",
        "trap 'i=0; while test $i -lt 3000; do echo $i; i=$((i+1)); done; exit' TERM\n\
         echo up\nwhile :; do sleep 0.02; done",
    );
    room.file("a/producer-for", "b");
    // A reader that would die of a SIGTERM with all that is in the pipe.
    room.longrun("b", "while read -r line; do echo \"$line\"; done");
    room.file("b/consumer-for", "a");
    room.file("b/producer-for", "c");
    let got = room.path("got");
    room.longrun(
        "c",
        &format!("exec >> {}\nread -r up; echo $up\nsleep 0.2\nexec cat", got.display()),
    );
    room.file("c/consumer-for", "b");
    room.compile("db");
    let mut tree = room.tree();
    room.initialized("db");
    change(&room, "live", &["-u", "change", "a", "b", "c"]);
    within("it flows", LONG, || room.s.text("got") == "up\n");
    assert_eq!(tree.stop().code(), Some(0));
    let all: String = (0..3000).map(|i| format!("{i}\n")).collect();
    assert_eq!(room.s.text("got"), format!("up\n{all}"));
    assert_eq!(room.s.text("stderr"), "");
    Outcome::Passed
}

/// One that takes no notice of the end of its input is told to end all the same.
pub fn deaf() -> Outcome {
    let room = Room::new("pipe-deaf");
    room.longrun("a", "echo up\nexec sleep 1000");
    room.file("a/producer-for", "b");
    let got = room.path("got");
    let got = got.display();
    room.longrun(
        "b",
        &format!(
            "trap 'echo told >> {got}; exit' TERM\nread -r up; echo $up > {got}\n\
         while :; do sleep 0.02; done"
        ),
    );
    room.file("b/consumer-for", "a");
    room.compile("db");
    let mut tree = room.tree();
    room.initialized("db");
    change(&room, "live", &["-u", "change", "a", "b"]);
    within("it flows", LONG, || room.s.text("got") == "up\n");
    assert_eq!(tree.stop().code(), Some(0));
    assert_eq!(room.s.text("got"), "up\ntold\n");
    Outcome::Passed
}

/// How many descriptors there are once a service has been: the first one makes the tree keep some free.
fn begun(tree: &Svscan, room: &Room) -> usize {
    let (before, after) = (room.s.service("first"), room.path("first"));
    room.s.script("first/run", "exec sleep 99");
    ours().run("s6-svscanctl", &["-a"], &room.s.scan());
    within("a service is up", LONG, || is_up(&ours(), &before));
    std::fs::rename(&before, &after).unwrap();
    ours().run("s6-svscanctl", &["-an"], &room.s.scan());
    within("it is gone", LONG, || !ours().run("s6-svok", &[], &after).status.success());
    settled(tree)
}

/// Two live states of one database in one tree have pipes of their own; they go with their services.
pub fn prefixes() -> Outcome {
    let room = Room::new("pipe-prefix");
    room.longrun("a", "pwd\nexec sleep 99");
    room.file("a/producer-for", "b");
    room.longrun("b", "exec cat > ../got");
    room.file("b/consumer-for", "a");
    room.compile("db");
    let tree = room.tree();
    let descriptors = begun(&tree, &room);
    for live in ["one", "two"] {
        let mut init = room.command("s6-rc-init");
        init.arg("-c").arg(room.path("db")).arg("-l").arg(room.path(live)).args(["-p", live]);
        let out = init.arg(room.s.scan()).output().unwrap();
        assert_eq!(said(&out), "[0]");
        change(&room, live, &["-u", "change", "a"]);
    }
    for live in ["one", "two"] {
        let place = std::fs::canonicalize(room.path(live)).unwrap().join("servicedirs");
        let got = || std::fs::read_to_string(place.join("got")).unwrap_or_default();
        within("it says where it is", LONG, || got().ends_with("/a\n"));
        assert_eq!(got(), format!("{}\n", place.join("a").display()));
        let named = |file: &str| std::fs::read_to_string(place.join(file)).unwrap();
        assert_eq!(
            (named("a/stdout-to"), named("b/stdin-from")),
            (format!("{live}b\n"), format!("{live}b\n"))
        );
    }
    for live in ["one", "two"] {
        change(&room, live, &["-d", "change", "a", "b"]);
        for name in ["a", "b"] {
            std::fs::remove_file(room.s.scan().join(format!("{live}{name}"))).unwrap();
        }
    }
    ours().run("s6-svscanctl", &["-an"], &room.s.scan());
    within("nothing is left open", LONG, || tree.descriptors() == descriptors);
    Outcome::Passed
}

//! Changes of a live state, with real processes.

use crate::lab::{soon, within};
use crate::room::{Room, said};
use std::io::{BufRead, BufReader};
use std::process::{Child, Output, Stdio};
use tests::harness::Outcome;

/// Far more than anything takes.
const LONG: u64 = 30_000;

impl Room {
    /// Compiles all, starts a tree, and makes a live state.
    fn lives_on(&self) -> crate::lab::Svscan {
        self.compile("db");
        let tree = self.tree();
        self.initialized("db");
        tree
    }

    fn rc_command(&self, words: &str) -> std::process::Command {
        let mut command = self.command("s6-rc");
        command.arg("-l").arg(self.path("live")).args(words.split_whitespace());
        command
    }

    fn rc(&self, words: &str) -> Output {
        self.rc_command(words).output().unwrap()
    }

    fn says(&self, words: &str) -> String {
        let here = format!("{}/", self.s.0.display());
        said(&self.rc(words)).replace(&here, "")
    }

    fn begin(&self, words: &str) -> Child {
        let mut command = self.rc_command(words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn state(&self) -> Vec<u8> {
        std::fs::read(self.path("live/state")).unwrap()
    }

    fn here(&self) -> String {
        self.s.0.display().to_string()
    }
}

/// A change makes no fifo for a service that it waits for, and still goes on when the tree begins anew:
/// then each service is listened to.
pub fn upgraded() -> Outcome {
    let room = Room::new("rc-upgraded");
    room.longrun(
        "late",
        "until test -e ../../../go; do sleep 0.02; done; echo >&3; exec sleep 1000",
    );
    room.file("late/notification-fd", "3\n");
    room.longrun("next", "exec sleep 1000");
    room.file("next/dependencies.d/late", "");
    let tree = room.lives_on();
    let listeners = || room.names(&room.path("live/servicedirs/late/event")).len();
    let change = room.begin("start next");
    soon("it runs", || {
        let late = room.path("live/servicedirs/late");
        said(&room.command("s6-svstat").arg(late).output().unwrap()).contains("up (pid")
    });
    assert_eq!(listeners(), 0);
    let mut chainit = room.command("chainit");
    let out = chainit.args(["upgrade", "--scandir"]).arg(&tree.scan).output().unwrap();
    assert!(out.status.success(), "{out:?}");
    soon("it is listened to", || listeners() == 1);
    std::fs::write(room.path("go"), "").unwrap();
    let out = change.wait_with_output().unwrap();
    assert_eq!(said(&out), "[0]");
    assert_eq!(room.says("-a list"), "late\nnext\n[0]");
    assert_eq!(room.says("stop late"), "[0]");
    assert_eq!(room.says("-a list"), "[0]");
    Outcome::Passed
}

/// The transitions in their order, in the original's words.
pub fn order() -> Outcome {
    let room = Room::new("rc-order");
    room.longrun("a", "sleep 0.05; echo >&3; exec sleep 1000");
    room.file("a/notification-fd", "3\n");
    room.longrun("b", "exec sleep 1000");
    room.file("b/dependencies.d/a", "");
    let say = |way: &str| format!("sh -c \"echo {way} $RC_NAME >>{}/said\"\n", room.here());
    room.oneshot("o", &say("up"));
    room.file("o/dependencies.d/b", "");
    room.file("o/down", &say("down"));
    let _tree = room.lives_on();
    let line = |text: &str| format!("s6-rc: info: service {text}\n");
    let way = |first: &str, second: &str, third: &str, doing: &str, done: &str| {
        [
            line(&format!("{first}: {doing}")),
            line(&format!("{second}: {doing}")),
            line(&format!("{first} successfully {done}")),
            line(&format!("{third}: {doing}")),
            line(&format!("{second} successfully {done}")),
            line(&format!("{third} successfully {done}")),
        ]
        .concat()
    };
    let down_file = |name: &str| room.path("live/servicedirs").join(name).join("down").exists();
    let started = way("a", "b", "o", "starting", "started");
    let said = room.says("-v2 start o");
    let said = said.split_inclusive('\n').filter(|line| !line.contains("s6rc-"));
    assert_eq!(said.collect::<String>(), format!("{started}[0]"));
    assert_eq!(
        (room.says("-a list"), room.says("diff")),
        ("s6rc-oneshot-runner\na\nb\no\n[0]".to_owned(), "[0]".into())
    );
    assert!(!down_file("a") && !down_file("b"));
    let stopped = way("o", "b", "a", "stopping", "stopped");
    assert_eq!(room.says("-v2 stop a"), format!("{stopped}[0]"));
    assert!(down_file("a") && down_file("b"));
    assert_eq!(room.says("-v3 -d change a").matches("already down").count(), 3);
    assert_eq!(room.s.text("said"), "up o\ndown o\n");
    Outcome::Passed
}

/// Who fails is named, with the cause, and with what it has printed last.
pub fn failures() -> Outcome {
    let room = Room::new("rc-failures");
    room.oneshot("coded", "sh -c \"exit 3\"");
    room.oneshot("killed", "sh -c \"kill -9 $$\"");
    room.oneshot("missing", "/nowhere/at-all");
    room.oneshot("after", "true");
    room.file("after/dependencies.d/coded", "");
    room.oneshot("slow", "sleep 1000");
    room.file("slow/timeout-up", "50");
    room.longrun("mute", "echo only this; exec sleep 1000");
    room.file("mute/notification-fd", "4");
    room.file("mute/timeout-up", "400");
    room.file("mute/producer-for", "logger");
    room.longrun("logger", &format!("exec s6-log {}/log", room.here()));
    room.file("logger/consumer-for", "mute");
    room.longrun("broken", "exit 125");
    room.file("broken/notification-fd", "3");
    room.file("broken/finish", "#!/bin/sh\nexit 125\n");
    // It ends with the directory that it is in.
    room.longrun("stubborn", "trap '' TERM; echo >&3; while test -e run; do sleep 0.1; done");
    room.file("stubborn/notification-fd", "3");
    room.file("stubborn/timeout-down", "100");
    let _tree = room.lives_on();
    let failed = |words: &str, ends: &[&str]| {
        let text = room.says(words);
        for end in ends {
            assert!(text.contains(end), "{end} in: {text}");
        }
    };
    let one = |name: &str| format!("s6-rc: warning: unable to start service {name}: command ");
    assert_eq!(room.says("start coded"), format!("{}exited 3\n[1]", one("coded")));
    assert_eq!(room.says("-v0 start coded"), "[1]");
    assert_eq!(room.says("start after"), format!("{}exited 3\n[1]", one("coded")));
    failed(
        "start killed",
        &["killed: command exited 137: its script was ended by signal 9", "[1]"],
    );
    failed("start missing", &["command exited 127: unable to exec /nowhere/at-all: ", "[1]"]);
    failed("start slow", &["exited 111: timed out after 50 ms, waiting for the end of its script"]);
    failed("start broken", &["exited 1: it has failed for good; its last run ended with 125"]);
    let fd = "exited 99: timed out after 400 ms, waiting for readiness on descriptor 4 (process";
    failed("start mute", &[fd, "[1]"]);
    // Its time may be over before it has said anything.
    let help = "help: the last line of log/current is: only this\n";
    within("its last line is told", LONG, || room.says("start mute").contains(help));
    // It has been told to be down.
    within("it is down", LONG, || room.says("diff") == "[0]" && !is_up(&room, "mute"));
    assert_eq!(room.says("start stubborn"), "[0]");
    let end = "unable to stop service stubborn: command exited 99: timed out after 100 ms, \
               waiting for the end of process ";
    failed("stop stubborn", &[end, "[1]"]);
    assert_eq!(room.says("diff"), "-stubborn\n[1]");
    assert_eq!(
        room.says("start nothing").matches("nothing is not a recognized identifier").count(),
        1
    );
    assert!(room.says("start stubbron").ends_with("help: is it stubborn that is meant?\n[3]"));
    Outcome::Passed
}

fn is_up(room: &Room, name: &str) -> bool {
    crate::lab::is_up(&crate::lab::ours(), &room.path("live/servicedirs").join(name))
}

/// The time for the whole: who has kept it waiting is said, and the next call knows.
pub fn whole() -> Outcome {
    let room = Room::new("rc-whole");
    room.longrun("mute", "exec sleep 1000");
    room.file("mute/notification-fd", "3");
    room.oneshot("slow", "sleep 1000");
    room.oneshot("quick", "true");
    let _tree = room.lives_on();
    let text = room.says("-t 3000 start mute slow quick");
    for part in [
        "s6-rc: warning: service mute is not up yet: it lacks readiness on descriptor 3",
        "s6-rc: warning: service slow is not up yet: it lacks the end of its script, process",
        "s6-rc: fatal: timed out\n[2]",
    ] {
        assert!(text.contains(part), "{part} in: {text}");
    }
    assert_eq!(room.says("-a list"), "s6rc-oneshot-runner\nquick\n[0]");
    assert_eq!(room.says("-v2 stop mute").matches("service mute successfully stopped").count(), 1);
    assert!(!is_up(&room, "mute"));
    Outcome::Passed
}

/// Down without a limit: who keeps it waiting is named before a container's manager loses patience.
pub fn patience() -> Outcome {
    let room = Room::new("rc-patience");
    // It ends with the directory that it is in.
    room.longrun("stubborn", "trap '' TERM; echo >&3; while test -e run; do sleep 0.1; done");
    room.file("stubborn/notification-fd", "3");
    let _tree = room.lives_on();
    assert_eq!(room.says("start stubborn"), "[0]");
    let mut stop = room.begin("stop stubborn");
    let mut told = String::new();
    BufReader::new(stop.stderr.take().unwrap()).read_line(&mut told).unwrap();
    let what = "s6-rc: warning: service stubborn is not down yet: it lacks the end of process ";
    let pid = told.trim_end().strip_prefix(what).map(str::parse::<i32>);
    assert!(matches!(pid, Some(Ok(1..))), "{told}");
    let dir = room.path("live/servicedirs/stubborn");
    assert_eq!(crate::lab::ours().ask("s6-svc", &["-k"], &dir), "[0]");
    assert_eq!(stop.wait().unwrap().code(), Some(0));
    Outcome::Passed
}

/// One at a time; the others are told who it is, or wait.
pub fn locks() -> Outcome {
    let room = Room::new("rc-locks");
    room.longrun("a", "exec sleep 1000");
    room.oneshot(
        "slow",
        &format!("sh -c \"until test -e {}/go; do sleep 0.01; done\"", room.here()),
    );
    let _tree = room.lives_on();
    let mut first = room.begin("-v2 start slow");
    soon("it is at work", || room.state().iter().any(|byte| byte & 4 != 0));
    let busy = format!(
        "s6-rc: fatal: unable to take locks: Device or resource busy (live/lock)\n\
         help: process {} is using it; with -b its end is waited for\n[111]",
        first.id()
    );
    let told = |words: &str| room.says(words).replace("Resource busy", "Device or resource busy");
    assert_eq!(told("start a"), busy);
    assert_eq!(told("list"), busy);
    assert_eq!(room.says("--no-lock list a"), "a\n[0]");
    // Its time begins when it is its turn.
    let second = room.begin("-b -t 60000 start a");
    let third = room.begin("-b list a");
    std::fs::write(room.path("go"), "").unwrap();
    for child in [second, third] {
        let out = child.wait_with_output().unwrap();
        assert!(out.status.success(), "{}", said(&out));
    }
    assert!(first.wait().unwrap().success());
    assert_eq!(room.says("-a list"), "s6rc-oneshot-runner\na\nslow\n[0]");
    Outcome::Passed
}

/// SIGTERM: longruns fail and are down, scripts are waited for, nothing begins.
pub fn terminated() -> Outcome {
    let room = Room::new("rc-term");
    room.longrun("mute", "exec sleep 1000");
    room.file("mute/notification-fd", "3");
    let wait = format!("sh -c \"until test -e {}/go; do sleep 0.01; done\"", room.here());
    room.oneshot("slow", &wait);
    room.oneshot("after", "true");
    room.file("after/dependencies.d/slow", "");
    let _tree = room.lives_on();
    let child = room.begin("-v2 start mute after");
    soon("both are on their way", || {
        let unsure = room.state().iter().filter(|byte| **byte & 4 != 0).count();
        unsure == 2 && is_up(&room, "mute")
    });
    let pid = nix::unistd::Pid::from_raw(child.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    within("the longrun is given up", LONG, || !is_up(&room, "mute"));
    std::fs::write(room.path("go"), "").unwrap();
    let text = said(&child.wait_with_output().unwrap());
    for part in [
        "warning: received TERM, aborting pending processes and exiting asap",
        "unable to start service mute: command crashed with signal 15: it was waiting for readiness",
        "service slow successfully started",
        "[1]",
    ] {
        assert!(text.contains(part), "{part} in: {text}");
    }
    assert!(!text.contains("after"), "{text}");
    assert_eq!(room.says("-a list"), "s6rc-oneshot-runner\nslow\n[0]");
    Outcome::Passed
}

/// Nobody supervises it: that is said at once.
pub fn unsupervised() -> Outcome {
    let room = Room::new("rc-nobody");
    room.longrun("a", "exec sleep 1000");
    room.oneshot("o", "true");
    let mut tree = room.lives_on();
    tree.stop();
    let text = room.says("start a o");
    for part in [
        "unable to start service a: command exited 102: unable to control live/servicedirs/a: \
         supervisor not listening",
        "unable to start service o: command exited 111: no supervision tree of chainit's can be \
         asked on live/scandir: ",
        "[1]",
    ] {
        assert!(text.contains(part), "{part} in: {text}");
    }
    Outcome::Passed
}

/// More services than a process may have descriptors, all at the same time.
pub fn many() -> Outcome {
    const COUNT: usize = 300;
    let room = Room::new("rc-many");
    for i in 0..COUNT {
        room.longrun(&format!("s{i}"), "exec sleep 1000");
        room.file(&format!("all/contents.d/s{i}"), "");
    }
    room.file("all/type", "bundle");
    let _tree = room.lives_on();
    let limited = |words: &str| {
        let mut sh = room.command("s6-softlimit");
        sh.args(["-o", "64"]).arg(crate::lab::ours().0.join("s6-rc"));
        sh.arg("-l").arg(room.path("live")).args(words.split(' '));
        said(&sh.output().unwrap())
    };
    assert_eq!(limited("start all"), "[0]");
    assert_eq!(
        (room.says("-a list").lines().count(), room.says("diff")),
        (COUNT + 1, "[0]".into())
    );
    assert_eq!(limited("stop all"), "[0]");
    assert_eq!((room.says("-a list"), room.says("diff")), ("[0]".into(), "[0]".into()));
    let timeline = room.s.text("live/timeline");
    let count =
        |event: &str| timeline.lines().filter(|l| l.split(' ').nth(1) == Some(event)).count();
    assert_eq!(["start", "ready", "stop", "stopped"].map(count), [COUNT; 4]);
    assert_eq!(["begin-up", "begin-down", "end"].map(count), [1, 1, 2]);
    let times =
        timeline.lines().map(|line| line.split(' ').next().unwrap().parse::<u64>().unwrap());
    assert!(times.is_sorted());
    Outcome::Passed
}

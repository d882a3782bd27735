//! `s6-svscanctl -b` and SIGABRT: s6-svscan goes at once, and its services stay supervised. What ours
//! and the real one leave behind tells the same.

use crate::faults::{LONG, number, signal};
use crate::lab::{Scratch, Tools, debian, is_up, ours, within};
use std::os::unix::fs::OpenOptionsExt;
use tests::harness::Outcome;

/// What is told after a way to leave at once.
fn left(tools: &Tools, way: &str) -> Vec<String> {
    let s = Scratch::new("behind-b");
    s.script("a/run", "echo line\nexec sleep 99");
    s.script("a/finish", "echo finish $1 $2; exit 0");
    s.script("a/log/run", "exec cat >>../../../log");
    s.script("slow/run", "trap '' TERM\necho >&3\nwhile :; do sleep 0.05; done");
    s.file("slow/notification-fd", "3\n");
    s.script(".s6-svscan/finish", "echo gone >>../finish; exit 7");
    let mut svscan = tools.svscan(&s);
    let (a, log, slow) = (s.service("a"), s.service("a/log"), s.service("slow"));
    within("ready", LONG, || tools.ask("s6-svwait", &["-U", "-t", "99"], &slow) == "[0]");
    within("up", LONG, || is_up(tools, &a) && is_up(tools, &log) && s.text("log") == "line\n");
    let pid = number(tools, "pid", &a);
    match way {
        "ABRT" => assert!(signal(way, svscan.child.id().into())),
        letters => {
            assert_eq!(tools.ask("s6-svscanctl", &[&format!("-{letters}")], &s.scan()), "[0]")
        }
    }
    let mut told =
        vec![format!("{way}: {:?}, {}", svscan.child.wait().unwrap().code(), s.text("finish"))];
    if way.starts_with('t') {
        // The real one's supervisors get their signal, and may have yet to look at it.
        let told = || tools.ask("s6-svstat", &["-o", "wantedup"], &slow) == "false\n[0]";
        within("it is told to go", LONG, told);
    }
    let mut step = |program: &str, args: &[&str], name: &str| {
        let said = tools.ask(program, args, &s.service(name));
        told.push(format!("{way}: {program} {} {name}: {said}", args.join(" ")));
    };
    let fields = "up,wantedup,ready,exitcode,signum";
    step("s6-svstat", &["-o", fields], "slow");
    if way.starts_with('t') {
        step("s6-svwait", &["-D", "-t", "60000"], "a");
        // The logger was told to end with its input.
        within("a is left", LONG, || tools.ask("s6-svok", &[], &log) == "[1]");
    } else {
        assert_eq!(number(tools, "pid", &a), pid, "nothing has happened to it");
        step("s6-svc", &["-wr", "-T", "60000", "-k"], "a");
        within("its log", LONG, || s.text("log") == "line\nfinish 256 9\nline\n");
        step("s6-svc", &["-wD", "-T", "60000", "-xd"], "a");
        within("a is left", LONG, || tools.ask("s6-svok", &[], &a) == "[1]");
        step("s6-svok", &[], "a/log");
    }
    step("s6-svc", &["-wD", "-T", "60000", "-xk"], "slow");
    within("the last one is left", LONG, || tools.ask("s6-svok", &[], &slow) == "[1]");
    // A logger whose service is gone reads to the end, and starts again unless it is told to go.
    tools.run("s6-svc", &["-xd"], &log);
    within("no logger", LONG, || tools.ask("s6-svok", &[], &log) == "[1]");
    told.push(format!("{way}: {}", s.text("log")));
    told
}

pub fn left_at_once() -> Outcome {
    for way in ["b", "ABRT", "tb"] {
        let mine = left(&ours(), way);
        let Some(debian) = debian() else {
            return Outcome::Skipped(
                "no s6 of Debian's to compare with; ours alone went well".into(),
            );
        };
        assert_eq!(mine, left(&debian, way));
    }
    Outcome::Passed
}

/// The scan directory is free at once: another s6-svscan begins on it, and takes up each service as
/// soon as that is left.
pub fn begun_again() -> Outcome {
    let (s, ours) = (Scratch::new("behind-again"), ours());
    s.script("a/run", "exec sleep 99");
    let mut first = ours.svscan(&s);
    let a = s.service("a");
    within("up", LONG, || is_up(&ours, &a));
    let pid = number(&ours, "pid", &a);
    assert_eq!(ours.ask("s6-svscanctl", &["-b"], &s.scan()), "[0]");
    assert_eq!(first.child.wait().unwrap().code(), Some(0));
    let mut second = ours.svscan(&s);
    within("it is named", LONG, || s.text("stderr").contains("another instance"));
    assert_eq!(number(&ours, "pid", &a), pid);
    assert_eq!(ours.ask("s6-svc", &["-wD", "-T", "60000", "-xd"], &a), "[0]");
    within("the new one's", LONG, || crate::faults::truly_up(&second, &a));
    assert_eq!(second.stop().code(), Some(0));
    Outcome::Passed
}

/// The logger of everything that the supervisor says has not opened its fifo yet when all has to end,
/// and does not tell when it has.
pub fn late_logger() -> Outcome {
    let (s, ours) = (Scratch::new("late-logger"), ours());
    s.script(
        "s6-svscan-log/run",
        "exec >>../../log 2>&1\necho >../../began\nsleep 0.5\nexec cat <fifo",
    );
    let fifo = s.service("s6-svscan-log/fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut options = std::fs::OpenOptions::new();
    options.custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits());
    let reader = options.clone().read(true).open(&fifo).unwrap();
    let writer = options.write(true).open(&fifo).unwrap();
    let mut svscan = ours.command("s6-svscan");
    svscan.arg(s.scan()).stdout(writer.try_clone().unwrap()).stderr(writer);
    let child = svscan.spawn().unwrap();
    // What was handed over is closed here.
    drop((reader, svscan));
    let mut svscan = crate::lab::Svscan { child, tools: ours.clone(), scan: s.scan() };
    within("it begins", LONG, || !s.text("began").is_empty());
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

//! Neither processes nor descriptors to be had.

use super::{LONG, number, signal, truly_up, well};
use crate::lab::{Scratch, Svscan, ours, settled, within};
use std::os::unix::process::CommandExt;
use std::process::Command;
use tests::harness::Outcome;

/// A user of whom there is no other process.
const NOBODY: u32 = 61_372;

fn limit(svscan: &Svscan, user: u32, what: &str) -> bool {
    let mut prlimit = Command::new("prlimit");
    if nix::unistd::geteuid().as_raw() != user {
        prlimit.uid(user).gid(user);
    }
    prlimit.arg("--pid").arg(svscan.child.id().to_string()).arg(what);
    prlimit.status().is_ok_and(|status| status.success())
}

/// A service that can't be forked is named, tried again, and comes when it is told to.
pub fn no_processes() -> Outcome {
    if !nix::unistd::geteuid().is_root() {
        return Outcome::Skipped("only root can become a user without processes".into());
    }
    let (s, ours) = (Scratch::new("nproc"), ours());
    s.script("a/run", "exec sleep 99");
    s.script("a/finish", "exit 0");
    s.script("b/run", "exec sleep 99");
    for path in [s.0.clone(), s.scan(), s.service("a"), s.service("b")] {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let stderr = std::fs::File::create(s.0.join("stderr")).unwrap();
    let path = format!("{}:{}", ours.0.display(), std::env::var("PATH").unwrap());
    let mut command = ours.command("s6-applyuidgid");
    command.args(["-u", &NOBODY.to_string(), "-g", &NOBODY.to_string()]);
    let child = command.arg("s6-svscan").arg(s.scan()).env("PATH", path).stderr(stderr).spawn();
    let mut svscan = Svscan { child: child.unwrap(), tools: ours.clone(), scan: s.scan() };
    for name in ["a", "b"] {
        within(name, LONG, || truly_up(&svscan, &s.service(name)));
    }
    let descriptors = settled(&svscan);
    if !limit(&svscan, NOBODY, "--nproc=1:1000") {
        return Outcome::Skipped("no prlimit here".into());
    }
    assert!(signal("KILL", number(&ours, "pid", &s.service("a"))));
    within("it is named", LONG, || s.text("stderr").contains("unable to spawn ./run"));
    let told = s.text("stderr");
    assert!(told.contains("Resource temporarily unavailable"), "{told}");
    assert_eq!(ours.ask("s6-svstat", &["-o", "up,wantedup"], &s.service("a")), "false true\n[0]");
    assert!(truly_up(&svscan, &s.service("b")));
    assert!(limit(&svscan, NOBODY, "--nproc=1000:1000"));
    assert_eq!(ours.ask("s6-svc", &["-wu", "-T", "60000", "-u"], &s.service("a")), "[0]");
    well(&s, &svscan, &["a", "b"], descriptors);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// With no descriptor left for more services the others stay what they were: they are started
/// again, their state is written, and who waits for them is told.
pub fn no_descriptors() -> Outcome {
    let (s, ours) = (Scratch::new("nofile"), ours());
    let me = nix::unistd::geteuid().as_raw();
    s.script("a/run", "echo >&3\nexec sleep 99");
    s.file("a/notification-fd", "3\n");
    s.script("a/finish", "exit 0");
    s.script("a/log/run", "exec cat");
    let mut svscan = ours.svscan(&s);
    let a = s.service("a");
    within("up", LONG, || ours.ask("s6-svstat", &["-o", "ready"], &a) == "true\n[0]");
    let descriptors = settled(&svscan);
    if !limit(&svscan, me, &format!("--nofile={}:4096", descriptors + 70)) {
        return Outcome::Skipped("no prlimit here".into());
    }
    for i in 0..30 {
        s.script(&format!("more{i}/run"), "exec sleep 99");
        s.script(&format!("more{i}/log/run"), "exec cat");
    }
    ours.run("s6-svscanctl", &["-a"], &s.scan());
    // glibc's words and musl's.
    let words = ["Too many open files", "No file descriptors available"];
    within("it is named", LONG, || words.iter().any(|w| s.text("stderr").contains(w)));
    for _ in 0..2 {
        assert_eq!(ours.ask("s6-svc", &["-wr", "-T", "60000", "-r"], &a), "[0]");
        assert_eq!(ours.ask("s6-svc", &["-wU", "-T", "60000", "-u"], &a), "[0]");
        assert!(truly_up(&svscan, &a), "{}", s.text("stderr"));
    }
    assert!(limit(&svscan, me, "--nofile=4096:4096"));
    // A pipe has two ends, each service a directory, a lock and a fifo.
    let names: Vec<String> = (0..30).map(|i| format!("more{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    well(&s, &svscan, &names, descriptors + 30 * 8);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// Where a process may have few descriptors at all, a few services get along with them.
pub fn few_descriptors() -> Outcome {
    let (s, ours) = (Scratch::new("few"), ours());
    s.script("a/run", "echo >&3\nexec sleep 99");
    s.file("a/notification-fd", "3\n");
    s.script("a/log/run", "exec cat");
    s.script("b/run", "exec sleep 99");
    let stderr = std::fs::File::create(s.0.join("stderr")).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 64; exec \"$0\" \"$1\""]).stderr(stderr);
    let child = shell.arg(ours.command("s6-svscan").get_program()).arg(s.scan()).spawn().unwrap();
    let mut svscan = Svscan { child, tools: ours.clone(), scan: s.scan() };
    let a = s.service("a");
    within("ready", LONG, || ours.ask("s6-svstat", &["-o", "ready"], &a) == "true\n[0]");
    well(&s, &svscan, &["a", "a/log", "b"], settled(&svscan));
    assert_eq!(ours.ask("s6-svc", &["-wR", "-T", "20000", "-r"], &a), "[0]");
    assert_eq!(s.text("stderr"), "");
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

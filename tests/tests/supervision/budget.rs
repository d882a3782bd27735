//! What a supervisor may take: no wake-up while nothing happens, and descriptors of its own.

use crate::faults::{LONG, truly_up};
use crate::lab::{Scratch, Svscan, ours, settled, within};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tests::cgroup::Cgroup;
use tests::harness::Outcome;

/// Nothing happens, and nothing is done.
pub fn idle() -> Outcome {
    let (s, ours) = (Scratch::new("idle"), ours());
    s.script("a/run", "echo >&3\nexec sleep 99");
    s.file("a/notification-fd", "3\n");
    s.script("a/log/run", "exec cat");
    s.script("b/run", "exec sleep 99");
    let mut svscan = ours.svscan(&s);
    for name in ["a", "a/log", "b"] {
        within(name, LONG, || truly_up(&svscan, &s.service(name)));
    }
    settled(&svscan);
    let woken = || {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", svscan.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches"));
        line.unwrap().to_owned()
    };
    // A while after the last event it forgets what it has in memory of its program, and then sleeps.
    within("it sleeps", LONG, || {
        let before = woken();
        std::thread::sleep(Duration::from_secs(2));
        woken() == before
    });
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// Far more descriptors than the soft limit allows, which the services have all the same.
pub fn descriptors() -> Outcome {
    const SERVICES: usize = 300;
    let (s, ours) = (Scratch::new("limit"), ours());
    for i in 0..SERVICES {
        s.script(&format!("s{i}/run"), "ulimit -Sn > limit\nexec sleep 99");
    }
    let mut limited = Command::new("prlimit");
    limited.arg("--nofile=64:2048").arg(ours.command("s6-svscan").get_program()).arg(s.scan());
    let Ok(child) = limited.spawn() else { return Outcome::Skipped("no prlimit here".into()) };
    let mut svscan = Svscan { child, tools: ours.clone(), scan: s.scan() };
    let limits = || (0..SERVICES).map(|i| s.text(&format!("scan/s{i}/limit")));
    within("all are up", 2 * LONG, || limits().all(|limit| limit.ends_with('\n')));
    assert!(limits().all(|limit| limit == "64\n"));
    assert!(svscan.descriptors() > 3 * SERVICES);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// A supervisor that waits keeps little of a large program in memory, however much it has done.
pub fn resident() -> Outcome {
    const SERVICES: usize = 10;
    const KILOBYTES: usize = 250;
    let (s, ours) = (Scratch::new("resident"), ours());
    for i in 0..SERVICES {
        s.script(&format!("s{i}/run"), "exec sleep 99");
    }
    let mut svscan = ours.svscan(&s);
    for i in 0..SERVICES {
        within("up", LONG, || truly_up(&svscan, &s.service(&format!("s{i}"))));
    }
    settled(&svscan);
    let of_files = || {
        let status = format!("/proc/{}/status", svscan.child.id());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssFile:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
    };
    within("it has forgotten most of its program", LONG, || of_files() < KILOBYTES);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// Files, open files, locks and pipes of a service, and what the supervisor knows of it: by the
/// difference of many services and few, all of them down, because a process of their own is theirs.
pub fn charged() -> Outcome {
    const BYTES: u64 = 12_000;
    const FEW: u64 = 200;
    const MANY: u64 = 1000;
    let memory = Path::new("/dev/shm");
    if !memory.is_dir() {
        return Outcome::Skipped("no file system in memory here".into());
    }
    let with = |services: u64| {
        let s = Scratch::below(memory, "charged");
        for i in 0..services {
            s.script(&format!("s{i}/run"), "exec sleep 99");
            s.file(&format!("s{i}/down"), "");
        }
        let cgroup = Cgroup::new("charged")?;
        let ours = ours();
        let program = ours.command("s6-svscan");
        let mut command = cgroup.command(program.get_program());
        let child = command.args(["-c", "2000"]).arg(s.scan()).spawn().unwrap();
        let mut svscan = Svscan { child, tools: ours, scan: s.scan() };
        let state = |i: u64| s.service(&format!("s{i}/supervise/status")).exists();
        within("all are supervised", LONG, || (0..services).all(state));
        settled(&svscan);
        let bytes = cgroup.bytes();
        assert_eq!(svscan.stop().code(), Some(0));
        bytes
    };
    let (Some(many), Some(few)) = (with(MANY), with(FEW)) else {
        return Outcome::Skipped("no memory cgroup to be had here".into());
    };
    let each = many.saturating_sub(few) / (MANY - FEW);
    assert!(each < BYTES, "{each} bytes a service");
    Outcome::Passed
}

//! Services that are waited for: before anybody supervises them, and while their news come in heaps.

use crate::lab::{Scratch, Tools, debian, is_up, ours};
use std::os::unix::fs::symlink;
use std::process::Stdio;
use tests::harness::Outcome;

/// A service is linked, its scan directory told, and it is waited for at once: the scan may not
/// have begun, and the service not have a status.
pub fn waited_for() -> Outcome {
    for supervisor in [Some(ours()), debian()].into_iter().flatten() {
        at_once(&supervisor);
        before_the_scan(&supervisor);
    }
    Outcome::Passed
}

fn at_once(supervisor: &Tools) {
    const SERVICES: usize = 100;
    let (s, ours) = (Scratch::new("linked"), ours());
    for i in 0..SERVICES {
        s.script(&format!("../s{i}/run"), "exec sleep 99");
    }
    let _svscan = supervisor.svscan(&s);
    let told = || ours.run("s6-svscanctl", &["-a"], &s.scan()).status.success();
    crate::lab::soon("the scan directory is scanned", told);
    for i in 0..SERVICES {
        let service = s.service(&format!("s{i}"));
        symlink(s.0.join(format!("s{i}")), &service).unwrap();
        assert!(told());
        let out = ours.run("s6-svwait", &["-u", "-t", "60000"], &service);
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(0), "service {i}: {said}");
    }
}

/// The wait has begun when the scan is asked for, and says what it waits for.
fn before_the_scan(supervisor: &Tools) {
    let (s, ours) = (Scratch::new("unscanned"), ours());
    s.script("../late/run", "exec sleep 99");
    s.script("early/run", "exec sleep 99");
    let _svscan = supervisor.svscan(&s);
    // Not by s6-svscanctl: a scan that was asked for might still be to come, and find the link.
    crate::lab::soon("the first scan", || is_up(&ours, &s.service("early")));
    let service = s.service("late");
    symlink(s.0.join("late"), &service).unwrap();
    let mut wait = ours.command("s6-svwait");
    wait.args(["-u", "-t", "60000"]).arg(&service).stderr(Stdio::piped());
    let wait = wait.spawn().unwrap();
    crate::lab::soon("it listens", || {
        std::fs::read_dir(service.join("event")).is_ok_and(|mut fifos| {
            fifos.any(|fifo| fifo.unwrap().file_name().to_string_lossy().starts_with("ftrig1:"))
        })
    });
    assert!(ours.run("s6-svscanctl", &["-a"], &s.scan()).status.success());
    let out = wait.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(0), "{said}");
    assert!(said.contains("is not supervised yet"), "{said}");
}

/// What came up and is down again has been up, though a waiter hears of both at once. 2.15.1 does
/// so; the older client of Debian's sometimes hears the last only.
pub fn heaped_news() -> Outcome {
    let (s, ours) = (Scratch::new("heaped"), ours());
    std::fs::create_dir_all(s.service("a/supervise")).unwrap();
    // Down, and nobody's.
    std::fs::write(s.service("a/supervise/status"), [0; 43]).unwrap();
    let events = s.service("a/event");
    assert!(ours.run("s6-mkfifodir", &[], &events).status.success());
    for (goal, news, code) in
        [("-u", "ud", 0), ("-U", "dDuUd", 0), ("-r", "uduD", 0), ("-u", "O", 1), ("-u", "x", 1)]
    {
        let mut wait = ours.command("s6-svwait");
        let mut wait = wait.args([goal, "-t", "30000"]).arg(s.service("a")).spawn().unwrap();
        crate::lab::soon("it listens", || {
            std::fs::read_dir(&events)
                .unwrap()
                .any(|fifo| fifo.unwrap().file_name().to_string_lossy().starts_with("ftrig1:"))
        });
        let mut notify = ours.command("s6-ftrig-notify");
        assert!(notify.arg(&events).arg(news).status().unwrap().success());
        assert_eq!(wait.wait().unwrap().code(), Some(code), "{goal} {news}");
    }
    Outcome::Passed
}

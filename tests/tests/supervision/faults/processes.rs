//! Processes that end, stop, or are left behind.

use super::{LONG, number, parent_and_state, signal, truly_up, well};
use crate::lab::{Scratch, is_ready, ours, settled, within};
use std::process::Command;
use std::time::Instant;
use tests::harness::Outcome;

/// SIGKILL to a service, its logger and its finish script.
pub fn killed() -> Outcome {
    let (s, ours) = (Scratch::new("killed"), ours());
    s.script("a/run", "i=0; while :; do echo line $i; i=$((i+1)); sleep 0.02; done");
    s.script("a/finish", "echo $$ >> ../../finish\ntest -e ../../end || exec sleep 99");
    s.file("a/timeout-finish", "0\n");
    s.script("a/log/run", "while read -r line; do echo \"$line\" >> ../../../log; done");
    let mut svscan = ours.svscan(&s);
    let (a, log) = (s.service("a"), s.service("a/log"));
    within("up", LONG, || truly_up(&svscan, &a) && truly_up(&svscan, &log));
    let descriptors = settled(&svscan);
    for round in 1..=2 {
        let pid = number(&ours, "pid", &log);
        assert!(signal("KILL", pid));
        within("another logger", LONG, || {
            truly_up(&svscan, &log) && number(&ours, "pid", &log) != pid
        });
        assert!(signal("KILL", number(&ours, "pid", &a)));
        within("the finish script", LONG, || s.text("finish").lines().count() == round);
        let finish = s.text("finish").lines().last().unwrap().parse().unwrap();
        assert!(signal("KILL", finish));
        well(&s, &svscan, &["a", "a/log"], descriptors);
        let lines = s.text("log").lines().count();
        within("lines go on", LONG, || s.text("log").lines().count() > lines + 3);
    }
    std::fs::write(s.0.join("end"), "").unwrap();
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// Fifty services that end as soon as they begin.
pub fn quick_deaths() -> Outcome {
    const SERVICES: usize = 50;
    const ROUNDS: usize = 6;
    /// The block that a process takes memory from first, and gives little of back, in pages.
    const ARENA: usize = 192 / 4;
    let (s, ours) = (Scratch::new("quick"), ours());
    for i in 0..SERVICES {
        s.script(&format!("s{i}/run"), &format!("echo >> ../../s{i}\nexit 1"));
        s.script(&format!("s{i}/finish"), "exit 0");
    }
    s.script("good/run", "exec sleep 99");
    let begun = Instant::now();
    let mut svscan = ours.svscan(&s);
    let starts = |i: usize| s.text(&format!("s{i}")).lines().count();
    let all = |least: usize| (0..SERVICES).all(|i| starts(i) >= least);
    within("some rounds", 2 * LONG, || all(2));
    let pages = || {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", svscan.child.id())).unwrap();
        statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap()
    };
    let before = pages();
    within("more rounds", 2 * LONG, || all(ROUNDS));
    let counts: Vec<usize> = (0..SERVICES).map(starts).collect();
    let most = begun.elapsed().as_secs() as usize + 1;
    assert!(counts.iter().all(|count| *count <= most), "{counts:?} starts in {most} seconds");
    // Death tallies grow on disk, not in memory.
    assert!(pages() <= before + ARENA + 16, "{before} pages, then {}", pages());
    for i in 0..SERVICES {
        ours.run("s6-svc", &["-d"], &s.service(&format!("s{i}")));
    }
    // Of each its directory, its lock and its fifo; of the tree what it has without services, and
    // the numbers that it keeps for children.
    let wanted = 3 * (SERVICES + 1);
    within("all at rest", LONG, || svscan.descriptors() < wanted + 12 + 7);
    well(&s, &svscan, &["good"], svscan.descriptors());
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// Ten thousand orphans end at once below a supervisor that is PID 1.
pub fn orphans() -> Outcome {
    let (s, ours) = (Scratch::new("orphans"), ours());
    s.script(
        "many/run",
        "mkfifo ../../gate\n\
         sh -c 'exec 8<>../../gate; i=0; while [ $i -lt 10000 ]; do read -r x <&8 & \
         i=$((i+1)); done'\n\
         ls -d /proc/[0-9]* 2>/dev/null | wc -l > ../../alive\n\
         : <>../../gate\n\
         yes | head -n 10000 > ../../gate\n\
         touch ../../released\n\
         exec sleep 99",
    );
    s.script("good/run", "exec sleep 99");
    s.script(
        "look/run",
        "while :; do grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l > ../../zombies.new\n\
         ls -d /proc/[0-9]* 2>/dev/null | wc -l > ../../left.new\n\
         mv ../../zombies.new ../../zombies; mv ../../left.new ../../left; sleep 0.1; done",
    );
    s.file("look/down", "");
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    let mut child = unshare.arg(ours.command("s6-svscan").get_program()).arg(s.scan()).spawn();
    let child = child.as_mut().unwrap();
    let supervised = || ours.ask("s6-svok", &[], &s.service("good")) == "[0]";
    let begun = Instant::now();
    while !supervised() {
        if let Some(status) = child.try_wait().unwrap() {
            return Outcome::Skipped(format!("no namespaces here: {status}"));
        }
        assert!(begun.elapsed().as_millis() < u128::from(LONG), "it does not begin");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    within("the orphans are released", 4 * LONG, || s.0.join("released").exists());
    let alive: usize = s.text("alive").trim().parse().unwrap();
    assert!(alive >= 10_000, "only {alive} processes");
    // While they end it does what it is told.
    assert_eq!(ours.ask("s6-svc", &["-wu", "-T", "60000", "-u"], &s.service("look")), "[0]");
    within("all of them are reaped", 2 * LONG, || {
        s.text("zombies").trim() == "0" && s.text("left").trim().parse().is_ok_and(|n: u32| n < 30)
    });
    assert_eq!(ours.ask("s6-svstat", &["-o", "up"], &s.service("good")), "true\n[0]");
    ours.run("s6-svscanctl", &["-t"], &s.scan());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    Outcome::Passed
}

/// Services that are stopped end all the same: by the CONT that goes with a down-signal, or by
/// the KILL of `timeout-kill`.
pub fn stopped() -> Outcome {
    let (s, ours) = (Scratch::new("stopped"), ours());
    s.script("polite/run", "exec sleep 99");
    s.script("stubborn/run", "trap '' TERM\necho >&3\nwhile :; do sleep 1; done");
    s.file("stubborn/notification-fd", "3\n");
    s.file("stubborn/timeout-kill", "100\n");
    let mut svscan = ours.svscan(&s);
    let names = ["polite", "stubborn"];
    for name in names {
        within(name, LONG, || truly_up(&svscan, &s.service(name)));
    }
    within("it is deaf", LONG, || is_ready(&ours, &s.service("stubborn")));
    let descriptors = settled(&svscan);
    let stop = |name: &str| {
        let pid = number(&ours, "pid", &s.service(name));
        assert!(signal("STOP", pid));
        within("it is stopped", LONG, || parent_and_state(pid).is_some_and(|p| p.1 == 'T'));
    };
    for (name, how) in names.into_iter().zip(["SIGTERM", "SIGKILL"]) {
        stop(name);
        assert_eq!(ours.ask("s6-svc", &["-wd", "-T", "60000", "-d"], &s.service(name)), "[0]");
        assert_eq!(
            ours.ask("s6-svstat", &["-o", "signal"], &s.service(name)),
            format!("{how}\n[0]")
        );
        ours.run("s6-svc", &["-u"], &s.service(name));
    }
    well(&s, &svscan, &names, descriptors);
    names.into_iter().for_each(stop);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

//! A supervisor that is killed: what it has started runs on, and the next supervisor takes it over.

use super::{LONG, number, parent_and_state, signal};
use crate::lab::{Scratch, Svscan, Tools, is_up, ours, soon, within};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use tests::harness::Outcome;

/// Nobody but its parent can wait for it, and that is whoever takes orphans in.
fn is_gone(pid: i64) -> bool {
    parent_and_state(pid).is_none_or(|(_, state)| state == 'Z')
}

fn kill(svscan: &mut Svscan) {
    svscan.child.kill().unwrap();
    svscan.child.wait().unwrap();
}

fn state(tools: &Tools, dir: &Path) -> (i64, String) {
    (number(tools, "pid", dir), tools.ask("s6-svstat", &["-o", "up,wantedup,ready,paused"], dir))
}

/// SIGKILL to s6-svscan. The next one has every service as it was, starts none beside it, and no line
/// between a service and its logger is lost.
pub fn svscan_killed() -> Outcome {
    let (s, ours) = (Scratch::new("survivors"), ours());
    s.script("a/run", "echo $$ >> ../../starts\necho >&3\nexec sleep 99");
    s.file("a/notification-fd", "3\n");
    s.script("a/finish", "echo $1 $2 >> ../../finish");
    s.script("once/run", "exec sleep 99");
    s.file("once/down", "");
    s.script("b/run", "i=0; while :; do echo $i; i=$((i+1)); sleep 0.01; done");
    s.script("b/log/run", "while read -r line; do echo \"$line\" >> ../../../log; done");
    s.script("ends/run", "echo >> ../../ends\nexit 1");
    s.script("ends/finish", "while [ -e ../../ends ] && ! [ -e ../../end ]; do sleep 0.02; done");
    s.file("ends/timeout-finish", "0\n");
    let mut svscan = ours.svscan(&s);
    let names = ["a", "once", "b", "b/log"];
    let dirs = names.map(|name| s.service(name));
    soon("ready", || ours.ask("s6-svwait", &["-U", "-t", "99"], &dirs[0]) == "[0]");
    assert_eq!(ours.ask("s6-svc", &["-wu", "-T", "20000", "-o"], &dirs[1]), "[0]");
    soon("the finish script", || {
        ours.ask("s6-svstat", &["-o", "up,ready"], &s.service("ends")) == "false false\n[0]"
            && s.text("ends") == "\n"
    });
    soon("lines", || s.text("log").lines().count() > 5);
    assert_eq!(ours.ask("s6-svc", &["-p"], &dirs[0]), "[0]");
    soon("paused", || ours.ask("s6-svstat", &["-o", "paused"], &dirs[0]) == "true\n[0]");
    let before = dirs.each_ref().map(|dir| state(&ours, dir));
    kill(&mut svscan);
    // A copy has the same status file; what that tells of is not the copy's.
    let copied = Command::new("cp").arg("-a").arg(&dirs[1]).arg(s.service("copy")).status();
    assert!(copied.unwrap().success());
    std::fs::remove_file(s.service("copy/down")).unwrap();
    let mut svscan = ours.svscan(&s);
    soon("the copy", || is_up(&ours, &s.service("copy")));
    assert_ne!(number(&ours, "pid", &s.service("copy")), before[1].0);
    soon("all", || dirs.iter().all(|dir| ours.ask("s6-svok", &[], dir) == "[0]"));
    assert_eq!(dirs.each_ref().map(|dir| state(&ours, dir)), before);
    assert_eq!((s.text("starts").lines().count(), s.text("ends").as_str()), (1, "\n"));
    std::fs::write(s.0.join("end"), "").unwrap();
    soon("its next start", || s.text("ends").lines().count() > 1);
    // What is said to it reaches it.
    assert_eq!(ours.ask("s6-svc", &["-wD", "-T", "20000", "-d"], &dirs[0]), "[0]");
    assert!(is_gone(before[0].0));
    assert_eq!(s.text("finish").lines().count(), 1);
    // The pipe between the two is still theirs, whichever of them begins anew.
    assert!(signal("KILL", before[3].0));
    soon("another logger", || {
        is_up(&ours, &dirs[3]) && number(&ours, "pid", &dirs[3]) != before[3].0
    });
    let last = || s.text("log").lines().last().and_then(|line| line.parse::<usize>().ok()).unwrap();
    let seen = last();
    soon("lines go on", || last() > seen + 5);
    assert_eq!(number(&ours, "pid", &dirs[2]), before[2].0);
    assert_eq!(svscan.stop().code(), Some(0));
    within("all have ended", LONG, || before.iter().all(|(pid, _)| is_gone(*pid)));
    // The shell that was killed may have read a line, or its beginning, that it had no time to write.
    let lines: Vec<usize> = s.text("log").lines().map(|line| line.parse().unwrap()).collect();
    let most = lines.iter().max().copied().unwrap();
    let lost = (0..=most).filter(|number| !lines.contains(number)).count();
    assert!(lost <= 1, "{lost} lines are lost");
    Outcome::Passed
}

/// SIGKILL while it starts services: what it was starting has its locks up to its exec, and the next
/// one takes them then.
pub fn killed_at_a_start() -> Outcome {
    const SERVICES: usize = 20;
    const ROUNDS: usize = 30;
    let (s, ours) = (Scratch::new("killed-at-a-start"), ours());
    (0..SERVICES).for_each(|n| s.script(&format!("a{n}/run"), "echo"));
    for round in 0..ROUNDS {
        let mut command = ours.command("s6-svscan");
        let mut svscan = command.arg(s.scan()).stdout(Stdio::piped()).spawn().unwrap();
        let started = svscan.stdout.take().unwrap().read_exact(&mut [0]);
        svscan.kill().unwrap();
        let ended = svscan.wait().unwrap();
        assert!(started.is_ok(), "round {round}: {ended}");
    }
    Outcome::Passed
}

/// The same for an s6-supervise.
pub fn supervise_killed() -> Outcome {
    let (s, ours) = (Scratch::new("survivor"), ours());
    s.script("a/run", "exec sleep 99");
    let a = s.service("a");
    let mut first = ours.command("s6-supervise").arg(&a).spawn().unwrap();
    soon("up", || is_up(&ours, &a));
    let pid = number(&ours, "pid", &a);
    first.kill().unwrap();
    first.wait().unwrap();
    let mut second = ours.command("s6-supervise").arg(&a).spawn().unwrap();
    soon("supervised", || is_up(&ours, &a));
    assert_eq!(number(&ours, "pid", &a), pid);
    assert!(signal("KILL", pid));
    soon("another one", || is_up(&ours, &a) && number(&ours, "pid", &a) != pid);
    assert_eq!(ours.ask("s6-svc", &["-wD", "-T", "20000", "-xd"], &a), "[0]");
    assert_eq!(second.wait().unwrap().code(), Some(0));
    Outcome::Passed
}

/// A service waits for the lock of its last instance, of which nothing is known any more. Where its
/// supervisor is killed, the one that waits does not keep the next supervisor out.
pub fn waits_for_lock() -> Outcome {
    let (s, ours) = (Scratch::new("lock-waits"), ours());
    s.script("a/run", "echo $$ >> ../../starts\nexec sleep 99");
    s.file("a/lock-fd", "5\n");
    s.script("b/run", "exec sleep 99");
    let starts = || s.text("starts").lines().map(|line| line.parse::<i64>().unwrap()).collect();
    let mut svscan = ours.svscan(&s);
    let (a, b) = (s.service("a"), s.service("b"));
    within("up", LONG, || is_up(&ours, &b) && s.text("starts").lines().count() == 1);
    kill(&mut svscan);
    std::fs::write(a.join("supervise/status"), "").unwrap();
    let mut svscan = ours.svscan(&s);
    within("another one", LONG, || is_up(&ours, &a) && is_up(&ours, &b));
    assert_eq!(s.text("starts").lines().count(), 1, "it waits");
    assert!(s.text("stderr").contains("another instance of the service is already running"));
    let waits = number(&ours, "pid", &a);
    kill(&mut svscan);
    let mut svscan = ours.svscan(&s);
    within("the third", LONG, || is_up(&ours, &a) && is_up(&ours, &b));
    assert_eq!(number(&ours, "pid", &a), waits);
    let first: Vec<i64> = starts();
    assert!(signal("KILL", first[0]));
    within("it has the lock", LONG, || starts() == [first[0], waits]);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

//! Supervision, our programs and Debian's s6 in every pairing: one drives the other's services,
//! and what each pairing tells has to be what the real pair tells.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::process::Command;
use std::time::{Duration, Instant};
mod behind;
mod budget;
mod faults;
mod lab;
mod linked;
mod oneshots;
mod upgrade;

use lab::{Scratch, Svscan, Tools, debian, is_ready, is_up, ours, settled, soon};
use tests::harness::{Outcome, run};

fn main() {
    if oneshots::as_stranger() {
        return;
    }
    run(&[
        ("every pairing tells the same", pairings),
        ("a second between two starts", restart_rule),
        ("no line is lost when a logger is stopped, nor at the end", no_line_lost),
        ("a service that can't be started is named, the others go on", bad_services),
        ("the script finish takes over, in the scan directory", svscan_finish),
        ("services that come and go", rescans),
        ("garbage in the fifos, and no descriptor leaks", garbage_and_leaks),
        ("a service is told what a real one is told", child_state),
        ("waiting wakes up by itself, and in time", waits),
        ("a service is waited for that nobody supervises yet", linked::waited_for),
        ("news that come together are heard one by one", linked::heaped_news),
        ("s6-svscan leaves at once, its services stay supervised", behind::left_at_once),
        ("another s6-svscan follows one that left at once", behind::begun_again),
        ("a logger of everything that is late holds nothing up", behind::late_logger),
        ("one service alone", single),
        ("fault: killed services, loggers and finish scripts", faults::killed),
        ("fault: a killed s6-svscan", faults::svscan_killed),
        ("fault: a killed s6-supervise", faults::supervise_killed),
        ("fault: an s6-svscan killed while it starts services", faults::killed_at_a_start),
        (
            "fault: a killed supervisor, and a service that waits for its lock",
            faults::waits_for_lock,
        ),
        ("fault: killed clients", faults::killed_clients),
        ("fault: full control fifos", faults::full_fifo),
        ("fault: garbage through a control fifo", faults::garbage),
        ("fault: services that end at once", faults::quick_deaths),
        ("fault: ten thousand orphans", faults::orphans),
        ("fault: stopped services", faults::stopped),
        ("fault: no process to be had", faults::no_processes),
        ("fault: no descriptor to be had", faults::no_descriptors),
        ("fault: few descriptors", faults::few_descriptors),
        ("fault: fifos where files are wanted", faults::fifos),
        ("fault: no room for the states", faults::no_room),
        ("fault: states become read-only", faults::read_only),
        ("fault: no room for the logs", faults::no_room_for_logs),
        ("fault: logs become read-only", faults::read_only_logs),
        ("fault: a logger is killed in a flood", faults::killed_in_a_flood),
        ("fault: state files cut short", faults::cut_short),
        ("budget: no wake-up while nothing happens", budget::idle),
        ("budget: little of the program in memory", budget::resident),
        ("budget: what the kernel keeps for a service", budget::charged),
        ("budget: more descriptors than the soft limit", budget::descriptors),
        ("upgrade: under load", upgrade::under_load),
        ("upgrade: what is pending", upgrade::pending),
        ("upgrade: a program that is replaced", upgrade::replaced),
        ("upgrade: faults are survived", upgrade::faults),
        ("oneshot: the state that its script is in", oneshots::state),
        ("oneshot: how it ends", oneshots::answers),
        ("oneshot: one at a time", oneshots::one_at_a_time),
        ("oneshot: upgrades and stops", oneshots::upgrades),
        ("oneshot: others may not ask", oneshots::strangers),
        ("upgrade: one service alone", upgrade::one_service),
        ("a child that ended before the start is reaped", inherited_zombie),
    ]);
}

/// Everything that a session of commands tells, numbers that differ by nature taken out.
fn session(supervisor: &Tools, tools: &Tools) -> Vec<String> {
    let s = Scratch::new("pair");
    s.script("a/run", "exec sleep 1000");
    s.script("a/finish", "exit 0");
    s.script("ready/run", "echo >&3\nexec sleep 1000");
    s.file("ready/notification-fd", "3\n");
    s.script("fails/run", "exit 9");
    s.script("fails/finish", "exit 125");
    s.script("downed/run", "exec sleep 1000");
    s.file("downed/down", "");
    s.script("stubborn/run", "trap '' TERM\necho >&3\nwhile :; do sleep 1; done");
    s.file("stubborn/notification-fd", "3\n");
    s.file("stubborn/timeout-kill", "100\n");
    s.script("signal/run", "trap 'exit 4' USR1\necho >&3\nwhile :; do sleep 0.02; done");
    s.file("signal/notification-fd", "3\n");
    s.file("signal/down-signal", "USR1\n");
    let mut svscan = supervisor.svscan(&s);
    soon("a", || is_up(tools, &s.service("a")));
    for name in ["ready", "stubborn", "signal"] {
        soon(name, || is_ready(tools, &s.service(name)));
    }
    soon("fails", || {
        tools.ask("s6-svstat", &["-o", "wantedup"], &s.service("fails")) == "false\n[0]"
    });
    let fields = "up,wantedup,normallyup,ready,paused,exitcode,signal,signum";
    let mut told = Vec::new();
    let mut step = |program: &str, args: &[&str], name: &str| {
        let ask = || tools.ask(program, args, &s.service(name));
        let mut said = ask();
        // Of events that come together Debian's clients sometimes hear the last only, and go on waiting.
        let deaf = tools.0 != ours().0 && args.iter().any(|arg| ["-wr", "-wR"].contains(arg));
        for _ in 0..5 {
            if deaf && said == "[99]" {
                said = ask();
            }
        }
        told.push(format!("{program} {} {name}: {said}", args.join(" ")));
    };
    step("s6-svok", &[], "a");
    step("s6-svwait", &["-U", "-t", "30000"], "ready");
    step("s6-svstat", &["-o", fields], "ready");
    step("s6-svwait", &["-D", "-t", "30000"], "fails");
    step("s6-svstat", &["-o", fields], "fails");
    step("s6-svwait", &["-u", "-t", "100"], "downed");
    step("s6-svc", &["-wu", "-T", "30000", "-o"], "downed");
    step("s6-svstat", &["-o", fields], "downed");
    step("s6-svc", &["-wD", "-T", "30000", "-k"], "downed");
    step("s6-svstat", &["-o", fields], "downed");
    step("s6-svc", &["-wD", "-T", "30000", "-d"], "a");
    step("s6-svstat", &["-o", fields], "a");
    step("s6-svc", &["-wu", "-T", "30000", "-u"], "a");
    step("s6-svc", &["-wr", "-T", "10000", "-r"], "a");
    step("s6-svc", &["-wR", "-T", "10000", "-t"], "ready");
    step("s6-svc", &["-wd", "-T", "30000", "-d"], "stubborn");
    step("s6-svstat", &["-o", fields], "stubborn");
    step("s6-svc", &["-wd", "-T", "30000", "-d"], "signal");
    step("s6-svstat", &["-o", fields], "signal");
    step("s6-svc", &["-p"], "a");
    soon("paused", || tools.ask("s6-svstat", &["-o", "paused"], &s.service("a")) == "true\n[0]");
    step("s6-svstat", &["-o", fields], "a");
    step("s6-svc", &["-c"], "a");
    step("s6-svc", &["-wD", "-T", "30000", "-D"], "a");
    step("s6-svstat", &["-o", fields], "a");
    step("s6-svok", &[], "nothing");
    step("s6-svstat", &[], "nothing");
    told.push(format!("down file: {}", s.service("a/down").exists()));
    told.push(format!("end: {:?}", svscan.stop().code()));
    told.push(format!("afterwards: {}", tools.ask("s6-svok", &[], &s.service("a"))));
    told
}

fn pairings() -> Outcome {
    let ours = ours();
    let mine = session(&ours, &ours);
    let Some(debian) = debian() else {
        return Outcome::Skipped("no s6 of Debian's to compare with; ours alone went well".into());
    };
    let real = session(&debian, &debian);
    for (who, told) in [
        ("ours with ours", mine),
        ("our supervisor, real tools", session(&ours, &debian)),
        ("real supervisor, our tools", session(&debian, &ours)),
    ] {
        for (a, b) in told.iter().zip(&real) {
            assert_eq!(a, b, "{who}");
        }
        assert_eq!(told.len(), real.len());
    }
    Outcome::Passed
}

fn restart_rule() -> Outcome {
    let (s, ours) = (Scratch::new("rule"), ours());
    // When the kernel says that it began, in ticks: the script's own clock may be late.
    let log = "cut -d ' ' -f 22 /proc/$$/stat >> ../../NAME";
    s.script("quick/run", &log.replace("NAME", "quick"));
    s.script("ready/run", &format!("echo >&3\n{}\nsleep 0.4", log.replace("NAME", "ready")));
    s.file("ready/notification-fd", "3\n");
    let _svscan = ours.svscan(&s);
    let starts = |name: &str| -> Vec<u64> {
        s.text(name).lines().map(|line| line.parse::<u64>().unwrap() * 10).collect()
    };
    soon("four starts", || starts("quick").len() > 3 && starts("ready").len() > 3);
    for name in ["quick", "ready"] {
        for pair in starts(name).windows(2) {
            let gap = pair[1] - pair[0];
            assert!(gap >= 980, "{name}: {gap} ms between two starts");
        }
    }
    Outcome::Passed
}

fn no_line_lost() -> Outcome {
    let (s, ours) = (Scratch::new("log"), ours());
    s.script(
        "a/run",
        "i=0\nwhile [ $i -lt 400 ]; do echo line $i; i=$((i+1)); done\nexec sleep 99",
    );
    s.script("a/finish", "echo the end");
    // Reads a line at a time, so that a kill loses none that it has read.
    s.script("a/log/run", "while read -r line; do echo \"$line\" >> ../../../log; done");
    let mut svscan = ours.svscan(&s);
    let log = s.service("a/log");
    soon("some lines", || s.text("log").lines().count() > 5);
    ours.run("s6-svc", &["-p"], &log);
    ours.run("s6-svc", &["-d"], &log);
    soon("the logger is down", || !is_up(&ours, &log));
    ours.run("s6-svc", &["-u"], &log);
    assert_eq!(svscan.stop().code(), Some(0));
    let got = s.text("log");
    // The shell that read the lines may have read one that it had no time to write.
    let lines: Vec<&str> = got.lines().collect();
    assert!(lines.len() >= 400, "only {} lines", lines.len());
    assert_eq!(lines.last(), Some(&"the end"));
    Outcome::Passed
}

fn bad_services() -> Outcome {
    let (s, ours) = (Scratch::new("bad"), ours());
    std::fs::create_dir_all(s.service("empty")).unwrap();
    s.file("empty/notification-fd", "none\n");
    s.script("noexec/run", "exec sleep 99");
    let mode = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(s.service("noexec/run"), mode).unwrap();
    s.script("good/run", "exec sleep 99");
    s.script("zero-fd/run", "exec sleep 99");
    s.file("zero-fd/notification-fd", "zero\n");
    s.file("just-a-file", "");
    std::fs::create_dir_all(s.service("blocked")).unwrap();
    s.file("blocked/supervise", "in the way");
    let mut svscan = ours.svscan(&s);
    soon("the good one", || is_up(&ours, &s.service("good")));
    soon("the one with a bad number", || is_up(&ours, &s.service("zero-fd")));
    for words in [
        ["s6-supervise empty: warning: unable to spawn ./run", "empty/run"],
        ["s6-supervise noexec: warning: unable to spawn ./run", "Permission denied"],
        ["s6-supervise zero-fd: warning: invalid notification-fd", "zero"],
        ["blocked", "supervise"],
    ] {
        let named = |line: &str| words.iter().all(|word| line.contains(word));
        soon(words[0], || s.text("stderr").lines().any(named));
    }
    assert!(!s.text("stderr").contains("just-a-file"));
    for once in
        ["invalid notification-fd: \"none\"", "invalid notification-fd: \"zero\"", "empty/run"]
    {
        assert_eq!(s.text("stderr").matches(once).count(), 1, "{once}");
    }
    // What is missing is put there, and the service is told to try.
    s.script("empty/run", "exec sleep 99");
    assert_eq!(ours.ask("s6-svc", &["-wu", "-T", "30000", "-u"], &s.service("empty")), "[0]");
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

fn svscan_finish() -> Outcome {
    let (s, ours) = (Scratch::new("finish"), ours());
    s.script("a/run", "exec sleep 99");
    s.script(".s6-svscan/SIGUSR1", "echo \"$0 in $(pwd)\" > ../usr1");
    s.script(".s6-svscan/finish", "echo \"$0 $$ in $(pwd)\" > ../finish\nexit 7");
    let mut svscan = ours.svscan(&s);
    soon("up", || is_up(&ours, &s.service("a")));
    let pid = svscan.child.id();
    let signal = |name: &str| {
        let line = format!("kill {name} {pid}");
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
    };
    signal("-USR1");
    let scan = s.scan().display().to_string();
    soon("the signal's script", || s.text("usr1") == format!(".s6-svscan/SIGUSR1 in {scan}\n"));
    assert_eq!(svscan.stop().code(), Some(7));
    assert_eq!(s.text("finish"), format!(".s6-svscan/finish {pid} in {scan}\n"));
    Outcome::Passed
}

fn rescans() -> Outcome {
    let (s, ours) = (Scratch::new("rescan"), ours());
    s.script("old/run", "exec sleep 99");
    let mut svscan = ours.svscan(&s);
    soon("the old one", || is_up(&ours, &s.service("old")));
    s.script("new/run", "echo hello\nexec sleep 99");
    s.script("new/log/run", "exec cat > ../../../new-log");
    ours.run("s6-svscanctl", &["-a"], &s.scan());
    soon("the new one", || is_up(&ours, &s.service("new")));
    soon("its log", || s.text("new-log") == "hello\n");
    let away = s.0.join("away");
    std::fs::rename(s.service("new"), &away).unwrap();
    s.script("newer/run", "exec sleep 99");
    ours.run("s6-svscanctl", &["-a"], &s.scan());
    soon("the scan is over", || is_up(&ours, &s.service("newer")));
    assert!(is_up(&ours, &away), "not told to go yet");
    ours.run("s6-svscanctl", &["-n"], &s.scan());
    soon("it goes", || ours.ask("s6-svok", &[], &away) == "[1]");
    soon("its logger too", || ours.ask("s6-svok", &[], &away.join("log")) == "[1]");
    std::fs::rename(&away, s.service("new")).unwrap();
    ours.run("s6-svscanctl", &["-h"], &s.scan());
    soon("it comes again", || is_up(&ours, &s.service("new")));
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

fn garbage_and_leaks() -> Outcome {
    let (s, ours) = (Scratch::new("garbage"), ours());
    s.script("a/run", "echo >&9\nexec sleep 99");
    s.file("a/notification-fd", "9\n");
    s.script("a/log/run", "exec cat >/dev/null");
    let mut svscan = ours.svscan(&s);
    let a = s.service("a");
    soon("up", || ours.ask("s6-svstat", &["-o", "ready"], &a) == "true\n[0]");
    let before = settled(&svscan);
    let open = |path: &str| {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits());
        options.open(s.scan().join(path)).unwrap()
    };
    // No letter that means something, but every other byte.
    let harmless: Vec<u8> =
        (0..=255).filter(|b| !b"abqhkti12pcyrlPCKoduDUxOQ".contains(b)).collect();
    for _ in 0..50 {
        let _ = open("a/supervise/control").write(&harmless);
    }
    let unknown: Vec<u8> = (0..=255).filter(|b| !b"zabhitqnN".contains(b)).collect();
    let _ = open(".s6-svscan/control").write(&unknown);
    for _ in 0..5 {
        assert_eq!(ours.ask("s6-svc", &["-wD", "-T", "30000", "-d"], &a), "[0]");
        assert_eq!(ours.ask("s6-svc", &["-wU", "-T", "30000", "-u"], &a), "[0]");
    }
    // Whoever has just told of an event still has the fifo open that it told it through.
    soon("no descriptor is left open", || svscan.descriptors() == before);
    let events = std::fs::read_dir(a.join("event")).unwrap().count();
    assert_eq!(events, 0, "fifos of listeners are left");
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// The words, the place, the session and the signals of a run script and its finish script.
fn told_to_children(tools: &Tools) -> Vec<String> {
    let s = Scratch::new("state");
    let tell = "{ echo \"$0\" \"$@\"; grep -E '^(SigIgn|Umask)' /proc/$$/status; \
                awk '{print ($1==$5), ($1==$6)}' /proc/$$/stat; pwd; ulimit -Sn; \
                env | sort | grep -v ^_=; echo end; } > ../../";
    s.script("a/run", &format!("{tell}run\nexec sleep 99"));
    s.script("a/finish", &format!("set -- \"$1\" \"$2\" \"$3\"\n{tell}finish"));
    let mut svscan = tools.svscan(&s);
    soon("run", || s.text("run").ends_with("\nend\n") && is_up(tools, &s.service("a")));
    tools.run("s6-svc", &["-wD", "-T", "30000", "-d"], &s.service("a"));
    svscan.stop();
    vec![s.text("run"), s.text("finish")]
}

fn child_state() -> Outcome {
    let mine = told_to_children(&ours());
    assert!(mine[0].starts_with("./run a\n") && mine[1].starts_with("./finish 256 15 a\n"));
    let Some(debian) = debian() else {
        return Outcome::Skipped("no s6 of Debian's to compare with".into());
    };
    let real = told_to_children(&debian);
    assert_eq!(mine, real);
    Outcome::Passed
}

fn waits() -> Outcome {
    let (s, ours) = (Scratch::new("wait"), ours());
    s.script("late/run", "until test -e ../../go; do sleep 0.02; done\necho >&3\nexec sleep 99");
    s.file("late/notification-fd", "3\n");
    let _svscan = ours.svscan(&s);
    soon("supervised", || ours.ask("s6-svok", &[], &s.service("late")) == "[0]");
    let begun = Instant::now();
    assert_eq!(ours.ask("s6-svwait", &["-U", "-t", "100"], &s.service("late")), "[99]");
    assert!(begun.elapsed() >= Duration::from_millis(100));
    std::fs::write(s.0.join("go"), "").unwrap();
    assert_eq!(ours.ask("s6-svwait", &["-U", "-t", "30000"], &s.service("late")), "[0]");
    // Of two, one is enough.
    s.script("never/run", "exec sleep 99");
    s.file("never/down", "");
    ours.run("s6-svscanctl", &["-a"], &s.scan());
    soon("the other", || ours.ask("s6-svok", &[], &s.service("never")) == "[0]");
    let both = |how: &str, time: &str| {
        let mut command = ours.command("s6-svwait");
        command.args(["-u", how, "-t", time]).arg(s.service("never")).arg(s.service("late"));
        command.output().unwrap().status.code()
    };
    assert_eq!((both("-o", "30000"), both("-a", "200")), (Some(0), Some(99)));
    Outcome::Passed
}

fn single() -> Outcome {
    let (s, ours) = (Scratch::new("single"), ours());
    s.script("a/run", "exec sleep 99");
    let dir = s.service("a");
    let mut child = ours.command("s6-supervise").arg(&dir).spawn().unwrap();
    soon("up", || is_up(&ours, &dir));
    let second = ours.run("s6-supervise", &[], &dir);
    assert_eq!(second.status.code(), Some(100));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another instance"));
    assert_eq!(ours.ask("s6-svc", &["-wD", "-T", "30000", "-dx"], &dir), "[0]");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(ours.ask("s6-svok", &[], &dir), "[1]");
    Outcome::Passed
}

/// PID 1 of a container whose CMD ends while the tree is being set up finds itself like this.
/// `foreground` waits for its own child alone, and leaves the shell's as a zombie.
fn inherited_zombie() -> Outcome {
    let tools = ours();
    let scratch = Scratch::new("zombie");
    let [svscan, foreground] =
        ["s6-svscan", "foreground"].map(|name| tools.command(name).get_program().to_owned());
    let child = Command::new("sh")
        .args(["-c", "true & exec \"$1\" ' sleep' ' 0.2' '' \"$0\" \"$2\""])
        .args([svscan, foreground])
        .arg(scratch.scan())
        .spawn()
        .unwrap();
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    let svscan = Svscan { child, tools, scan: scratch.scan() };
    soon("the scan directory is taken", || scratch.scan().join(".s6-svscan/control").exists());
    soon("no child is left", || std::fs::read_to_string(&children).unwrap().is_empty());
    drop(svscan);
    Outcome::Passed
}

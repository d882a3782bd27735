//! Supervisors that become their program anew while services run.

use crate::faults::{LONG, number, signal, truly_up, well};
use crate::lab::{Scratch, Svscan, Tools, is_ready, ours, settled, within};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Output};
use tests::build::fused;
use tests::harness::Outcome;

fn upgrade(tools: &Tools, s: &Scratch) -> Output {
    let mut chainit = tools.command("chainit");
    chainit.args(["upgrade", "--scandir"]).arg(s.scan()).output().unwrap()
}

fn pids(tools: &Tools, s: &Scratch, names: &[String]) -> Vec<i64> {
    names.iter().map(|name| number(tools, "pid", &s.service(name))).collect()
}

/// Twenty services that write to loggers, twenty upgrades: the same processes afterwards, and
/// every line in its place.
pub fn under_load() -> Outcome {
    const SERVICES: usize = 20;
    let (s, ours) = (Scratch::new("upgrade"), ours());
    for i in 0..SERVICES {
        // The last line is written only when the loggers' pipes have outlived all upgrades.
        s.script(
            &format!("s{i}/run"),
            "i=0; until test -e ../../enough; do echo $i; i=$((i+1)); sleep 0.01; done\n\
             echo end\nexec sleep 99",
        );
        s.script(&format!("s{i}/log/run"), &format!("exec cat >> ../../../log{i}"));
    }
    let mut svscan = ours.svscan(&s);
    let names = (0..SERVICES).flat_map(|i| [format!("s{i}"), format!("s{i}/log")]);
    let names: Vec<String> = names.collect();
    for name in &names {
        within(name, LONG, || truly_up(&svscan, &s.service(name)));
    }
    let (descriptors, before) = (settled(&svscan), pids(&ours, &s, &names));
    for round in 0..20 {
        let out = upgrade(&ours, &s);
        assert!(out.status.success(), "round {round}: {out:?}{}", s.text("stderr"));
    }
    std::fs::write(s.0.join("enough"), "").unwrap();
    for i in 0..SERVICES {
        within("the end", LONG, || s.text(&format!("log{i}")).ends_with("end\n"));
        let text = s.text(&format!("log{i}"));
        let lines = text.lines().filter(|line| *line != "end");
        let numbers: Vec<usize> = lines.map(|line| line.parse().unwrap()).collect();
        assert_eq!(numbers, (0..numbers.len()).collect::<Vec<_>>(), "log{i}");
    }
    assert_eq!(pids(&ours, &s, &names), before);
    assert_eq!(s.text("stderr"), "");
    // What happens afterwards is seen: a death, a logger's death, a scan, the end.
    assert!(signal("KILL", before[0]) && signal("KILL", before[1]));
    s.script("new/run", "exec sleep 99");
    ours.run("s6-svscanctl", &["-a"], &s.scan());
    well(&s, &svscan, &["s0", "s0/log", "new"], descriptors + 3);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// What is pending goes on: a readiness that has not come, a time to die that is not over, a
/// death that nobody has seen.
pub fn pending() -> Outcome {
    let (s, ours) = (Scratch::new("pending"), ours());
    s.script("late/run", "until test -e ../../go; do sleep 0.02; done\necho >&3\nexec sleep 99");
    s.file("late/notification-fd", "3\n");
    s.script("stubborn/run", "trap '' TERM\necho >&3\nwhile :; do sleep 1; done");
    s.file("stubborn/notification-fd", "3\n");
    s.file("stubborn/timeout-kill", "1500\n");
    s.script("dies/run", "exec sleep 99");
    s.script("dies/finish", "echo \"$1 $2\" > ../../finish");
    let mut svscan = ours.svscan(&s);
    for name in ["late", "stubborn", "dies"] {
        within(name, LONG, || truly_up(&svscan, &s.service(name)));
    }
    within("it is deaf", LONG, || is_ready(&ours, &s.service("stubborn")));
    ours.run("s6-svc", &["-d"], &s.service("stubborn"));
    assert!(upgrade(&ours, &s).status.success());
    assert_eq!(ours.ask("s6-svstat", &["-o", "ready"], &s.service("late")), "false\n[0]");
    std::fs::write(s.0.join("go"), "").unwrap();
    assert_eq!(ours.ask("s6-svwait", &["-U", "-t", "60000"], &s.service("late")), "[0]");
    assert_eq!(ours.ask("s6-svwait", &["-d", "-t", "60000"], &s.service("stubborn")), "[0]");
    let signals = ["-o", "signal,wantedup"];
    assert_eq!(ours.ask("s6-svstat", &signals, &s.service("stubborn")), "SIGKILL false\n[0]");
    // While the supervisor stands still, its program and a service's death are both due.
    let pid = i64::from(svscan.child.id());
    assert!(signal("STOP", pid));
    let upgraded = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| upgrade(&ours, &s));
        assert!(signal("TERM", number(&ours, "pid", &s.service("dies"))));
        assert!(signal("CONT", pid));
        waiting.join().unwrap()
    });
    assert!(upgraded.status.success());
    within("the death is seen", LONG, || s.text("finish") == "256 15\n");
    within("and mended", LONG, || truly_up(&svscan, &s.service("dies")));
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// A supervisor whose program is a file of its own, to be replaced.
fn own_program(s: &Scratch) -> Svscan {
    let bin = s.0.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::copy(fused().unwrap(), bin.join("chainit")).unwrap();
    symlink("chainit", bin.join("s6-svscan")).unwrap();
    let mut svscan = Tools(bin).svscan(s);
    svscan.tools = ours();
    svscan
}

/// The installed program is replaced: by itself, by what is no program, and by one that does not
/// know the state.
pub fn replaced() -> Outcome {
    let (s, ours) = (Scratch::new("replaced"), ours());
    s.script("a/run", "exec sleep 99");
    let mut svscan = own_program(&s);
    let a = s.service("a");
    within("up", LONG, || truly_up(&svscan, &a));
    let (descriptors, pid) = (settled(&svscan), number(&ours, "pid", &a));
    let (program, new) = (s.0.join("bin/chainit"), s.0.join("bin/new"));
    let running = || {
        let path = std::fs::read_link(format!("/proc/{}/exe", svscan.child.id())).unwrap();
        path.display().to_string()
    };
    let replace = |text: Option<&str>, wanted: bool| {
        match text {
            Some(text) => std::fs::write(&new, text).map(drop).unwrap(),
            None => std::fs::copy(fused().unwrap(), &new).map(drop).unwrap(),
        }
        std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::rename(&new, &program).unwrap();
        let out = upgrade(&ours, &s);
        let code = if wanted { 0 } else { 111 };
        assert_eq!(out.status.code(), Some(code), "{out:?}{}", s.text("stderr"));
        assert_eq!(running().ends_with("(deleted)"), !wanted);
        well(&s, &svscan, &["a"], descriptors);
        assert_eq!(number(&ours, "pid", &a), pid);
    };
    replace(None, true);
    replace(Some("#!/no/such/interpreter\n"), false);
    replace(None, true);
    // Where the state's version is, behind its name, the pid and a descriptor.
    let future = format!(
        "#!/bin/sh\nprintf '\\143' | dd of=/proc/self/fd/$2 bs=1 seek=40 conv=notrunc 2>/dev/null\n\
         exec {} \"$@\"\n",
        fused().unwrap().display()
    );
    replace(Some(&future), false);
    replace(None, true);
    let told = s.text("stderr");
    for part in ["unable to exec", "does not know this one's state"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// Faults: a signal that somebody sends, an instruction that goes wrong, a panic. Too many of
/// them are the end, in `.s6-svscan/crash`.
pub fn faults() -> Outcome {
    let (s, ours) = (Scratch::new("crash"), ours());
    s.script("a/run", "exec sleep 99");
    s.script(".s6-svscan/crash", "echo \"$0 $$ in $(pwd)\" > ../crash\nexit 9");
    let mut svscan = ours.svscan(&s);
    let a = s.service("a");
    within("up", LONG, || truly_up(&svscan, &a));
    let (descriptors, service) = (settled(&svscan), number(&ours, "pid", &a));
    let pid = i64::from(svscan.child.id());
    let survived = || s.text("stderr").matches("beginning anew").count();
    let mut wanted = 0;
    let mut check = |what: &str, done: bool| {
        wanted += usize::from(done);
        within(what, LONG, || survived() == wanted);
        well(&s, &svscan, &["a"], descriptors);
        assert_eq!(number(&ours, "pid", &a), service, "{what}");
    };
    for name in ["SEGV", "BUS"] {
        check(name, signal(name, pid));
    }
    let mut gdb = Command::new("gdb");
    gdb.args(["-q", "-batch", "-ex", "set $pc = 0", "-ex", "detach", "-p", &pid.to_string()]);
    check("a fault", gdb.output().is_ok_and(|out| out.status.success()));
    if cfg!(debug_assertions) && std::env::var_os("CHAINIT_BIN").is_none() {
        std::fs::write(s.scan().join(".s6-svscan/control"), "!").unwrap();
        check("a panic", true);
    }
    for _ in survived()..5 {
        check("another one", signal("SEGV", pid));
    }
    assert!(signal("SEGV", pid));
    assert_eq!(svscan.child.wait().unwrap().code(), Some(9));
    let scan = s.scan().display().to_string();
    assert_eq!(s.text("crash"), format!(".s6-svscan/crash {pid} in {scan}\n"));
    assert!(s.text("stderr").contains("too many faults"));
    assert!(signal("KILL", service));
    Outcome::Passed
}

/// One service's supervisor survives, too.
pub fn one_service() -> Outcome {
    let (s, ours) = (Scratch::new("one"), ours());
    s.script("a/run", "exec sleep 99");
    let a = s.service("a");
    let stderr = std::fs::File::create(s.0.join("stderr")).unwrap();
    let mut command = ours.command("s6-supervise");
    let child = command.arg(&a).stderr(stderr).spawn().unwrap();
    let mut svscan = Svscan { child, tools: ours.clone(), scan: s.scan() };
    within("up", LONG, || truly_up(&svscan, &a));
    let (descriptors, service) = (settled(&svscan), number(&ours, "pid", &a));
    assert!(signal("SEGV", svscan.child.id().into()));
    within("it begins anew", LONG, || s.text("stderr").contains("beginning anew"));
    well(&s, &svscan, &["a"], descriptors);
    assert_eq!(number(&ours, "pid", &a), service);
    assert_eq!(ours.ask("s6-svc", &["-wD", "-T", "60000", "-dx"], &a), "[0]");
    assert_eq!(svscan.child.wait().unwrap().code(), Some(0));
    Outcome::Passed
}

//! The same image as any user, with any privilege, under any pid, on any file system.

use super::engine;
use tests::docker::{Container, Image, docker, texts};
use tests::harness::{Outcome, assert_order};

/// Services of all kinds, whose scripts need no shell.
const TREE: [(&str, &str); 8] = [
    ("etc/cont-init.d/a!", "#!/command/with-contenv sh\necho init sees $COLOUR\n"),
    (
        "etc/services.d/old/run!",
        "#!/command/execlineb -P\nfdmove -c 2 1\nforeground { s6-echo old runs }\nforeground { fdmove 1 3 s6-echo }\ns6-pause\n",
    ),
    ("etc/services.d/old/notification-fd", "3\n"),
    ("etc/services.d/old/finish!", "#!/command/execlineb -S2\ns6-echo old ends ${2}\n"),
    ("etc/s6-overlay/s6-rc.d/web/type", "longrun\n"),
    ("etc/s6-overlay/s6-rc.d/web/run", "#!/command/execlineb -P\ns6-pause\n"),
    ("etc/s6-overlay/user-bundles.d/user/contents.d/web", ""),
    ("etc/cont-finish.d/z!", "#!/bin/sh\necho finish\n"),
];

/// The services' states, and a way to stop that scripts use: code 9.
const CMD: [&str; 3] = [
    "execlineb",
    "-Pc",
    "foreground { s6-svstat -o up,ready /run/service/old } foreground { s6-rc list web } foreground { redirfd -w 1 /run/s6-linux-init-container-results/exitcode s6-echo 9 } foreground { /run/s6/basedir/bin/halt } s6-pause",
];

const SAID: [&str; 4] = ["true true\n", "web\n", "old ends 15\n", "finish\n"];

fn image(name: &str) -> Image {
    Image::build(name, &TREE, "ENV COLOUR=green S6_CMD_WAIT_FOR_SERVICES=1\n")
}

pub fn anywhere() -> Outcome {
    engine!();
    let image = image("anywhere");
    let places: &[&[&str]] = &[
        &["--init"],
        &["--pid=host"],
        &["--cap-drop=ALL"],
        &["--security-opt=no-new-privileges"],
        &["--read-only"],
        &["--tmpfs=/run:noexec"],
        &["--user=1000"],
        &["--user=1000", "--init"],
        &["--user=1000:1000", "--security-opt=seccomp=unconfined"],
        &["--user=12345:0", "--read-only", "-e", "S6_LOGGING=1"],
        &["--user=1000", "--read-only", "--security-opt=no-new-privileges", "--cap-drop=ALL"],
    ];
    for place in places {
        let out = docker(&[&["run", "--rm"], *place, &[image.tag()], &CMD].concat());
        let (stdout, stderr) = texts(&out);
        assert_eq!(out.status.code(), Some(9), "{place:?}: {stdout}{stderr}");
        // A logger of everything hands it all to standard error.
        let said = if stdout.is_empty() { stderr } else { stdout };
        assert!(said.contains("init sees green\n"), "{place:?}: {said}");
        assert_order(&said, &SAID);
    }
    Outcome::Passed
}

/// In the host's pid namespace and in another container's.
pub fn others() -> Outcome {
    engine!();
    let image = image("others");
    let mut bystander = std::process::Command::new("sleep").arg("1000000").spawn().unwrap();
    let neighbour = Container::start(&image, &["--entrypoint", "sleep"], &["1000000"]);
    let id = neighbour.ask(&["inspect", "--format", "{{.Id}}"]);
    let shared = format!("--pid=container:{}", id.trim());
    // A process that ignores TERM has to be found and killed, too.
    let cmd = ["sh", "-c", "(trap '' TERM; while :; do sleep 1; done) & (sleep 1000000 &); exit 5"];
    for pid in ["--pid=host", &shared] {
        let grace = ["-e", "S6_KILL_GRACETIME=100"];
        let out = docker(&[&["run", "--rm", pid], &grace[..], &[image.tag()], &cmd].concat());
        let (stdout, stderr) = texts(&out);
        assert_eq!(out.status.code(), Some(5), "{pid}: {stdout}{stderr}");
        assert!(bystander.try_wait().unwrap().is_none(), "{pid}: killed a process of the host");
        let state = ["inspect", "--format", "{{.State.Running}}"];
        assert_eq!(neighbour.ask(&state), "true\n", "{pid}: killed its neighbour");
        let left = neighbour.exec(&["ps", "-o", "args"]);
        assert!(!left.contains("trap"), "{pid}: has left processes behind: {left}");
    }
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    Outcome::Passed
}

const RUNS: &str = "old runs\n";

pub fn exec() -> Outcome {
    engine!();
    let image = image("exec");
    let container = Container::start(&image, &["--user=1000"], &[]);
    container.eventually("the start", |c| c.logs().contains(RUNS));
    let stat = ["/command/s6-svstat", "-o", "up", "/run/service/old"];
    assert_eq!(container.exec(&stat), "true\n");
    container.exec(&["/command/s6-svc", "-r", "/run/service/old"]);
    container.eventually("another start", |c| c.logs().matches(RUNS).count() == 2);
    assert_eq!(container.exec(&["/command/s6-rc", "list", "web"]), "web\n");
    let colour = ["/command/printcontenv", "COLOUR"];
    assert_eq!(container.exec(&colour), "green\n");
    let as_root = ["exec", "--user=0"];
    let second = container.try_exec(&["/init", "true"]);
    assert_eq!(second.status.code(), Some(100), "{}", texts(&second).1);
    let tag = container.ask(&["inspect", "--format", "{{.Id}}"]);
    let root = docker(&[&as_root[..], &[tag.trim()], &stat].concat());
    assert_eq!(texts(&root).0, "true\n");
    container.ask(&["stop"]);
    assert_eq!(container.wait(), 0);
    Outcome::Passed
}

pub fn restart() -> Outcome {
    engine!();
    let image = image("again");
    let container = Container::start(&image, &["--user=1000"], &[]);
    let runs = |n: usize| move |c: &Container| c.logs().matches(RUNS).count() == n;
    container.eventually("the first start", runs(1));
    // The second time what is left of the first is still there.
    container.ask(&["kill"]);
    container.ask(&["start"]);
    container.eventually("the second start", runs(2));
    container.ask(&["stop"]);
    assert_eq!(container.wait(), 0);
    Outcome::Passed
}

/// Types ^C until the container begins to end: what it has shown, and its code.
fn typed(image: &Image, options: &str, cmd: &str, after: &str) -> Option<(String, Option<i32>)> {
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};
    let line = format!("exec docker run --rm -it {options} {} {cmd}", image.tag());
    let mut child = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let (mut stdin, mut stdout) = (child.stdin.take()?, child.stdout.take()?);
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = stdout.read(&mut buffer) {
            let _ = tell.send(String::from_utf8_lossy(&buffer[..n]).into_owned());
        }
    });
    let mut shown = String::new();
    loop {
        match told.recv_timeout(std::time::Duration::from_millis(500)) {
            Ok(text) => shown.push_str(&text),
            // Once the container ends, docker would take the key for its own.
            Err(std::sync::mpsc::RecvTimeoutError::Timeout)
                if shown.contains(after) && !shown.contains("stopping") =>
            {
                let _ = stdin.write_all(b"\x03");
            }
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    Some((shown, child.wait().unwrap().code()))
}

/// What shells do below `/run`, as a user who owns nothing there.
pub fn scripts_of_any_user() -> Outcome {
    engine!();
    let files = [
        ("etc/services.d/web/run!", "#!/command/with-contenv sh\necho $COLOUR; exit 6\n"),
        (
            "etc/services.d/web/finish!",
            "#!/bin/sh\necho $1 > /run/s6-linux-init-container-results/exitcode\n\
             ls /run/service; exec /run/s6/basedir/bin/halt\n",
        ),
    ];
    let image = Image::build("scripts", &files, "ENV COLOUR=green\n");
    for user in ["--user=1000", "--user=12345:0", "--user=1000 --cap-add=SYS_TIME --cap-drop=KILL"]
    {
        let options: Vec<&str> = user.split(' ').collect();
        let out = docker(&[&["run", "--rm"], &options[..], &[image.tag()]].concat());
        let (stdout, stderr) = texts(&out);
        assert_eq!(out.status.code(), Some(6), "{user}: {stdout}{stderr}");
        assert_order(&stdout, &["green\n", "web\n"]);
        let uid = user.split([' ', ':', '=']).nth(1).unwrap_or_default();
        let line = format!("info: /run belongs to uid 0 instead of {uid} - fixing it\n");
        assert_order(&stderr, &[" euid=0, ", "/run permissions: uid=0 (root), ", &line]);
    }
    // Nobody but PID 1 gets anything from the program that may do it.
    let helper = "/package/admin/s6-overlay/libexec/take-run";
    let line =
        format!("id -u; {helper} init-0:0:493 id; stat -c %u /run; (exec {helper} x); id -u");
    let out = docker(&["run", "--rm", "--user=1000", "--init", image.tag(), "sh", "-c", &line]);
    assert_order(&texts(&out).0, &["1000\n", "0\n", "1000\n"]);
    Outcome::Passed
}

/// A script of `cont-init.d`, a oneshot, and a hook that would take for ever.
pub fn interrupted_early() -> Outcome {
    engine!();
    const SLOW: &str =
        "#!/bin/sh\ntrap 'echo told; exit 1' TERM\necho it begins\nsleep 1000000 & wait\n";
    let images = [
        Image::build("early-script", &[("etc/cont-init.d/slow!", SLOW)], ""),
        Image::build("early-hook", &[("slow!", SLOW)], "ENV S6_STAGE2_HOOK=/slow\n"),
        Image::build(
            "early-oneshot",
            &[
                ("slow!", SLOW),
                ("etc/s6-overlay/s6-rc.d/slow/type", "oneshot\n"),
                ("etc/s6-overlay/s6-rc.d/slow/up", "/slow\n"),
                ("etc/s6-overlay/user-bundles.d/user/contents.d/slow", ""),
            ],
            "",
        ),
    ];
    for image in &images {
        for options in ["", "--init", "--user=1000", "-e S6_LOGGING=1"] {
            let Some((shown, code)) = typed(image, options, "echo the CMD", "it begins") else {
                return Outcome::Skipped("needs script, of Debian's bsdutils".into());
            };
            let ended = if options == "--init" { Some(0) } else { Some(130) };
            assert_eq!(code, ended, "{} {options}: {shown}", image.tag());
            assert!(shown.contains("told"), "{} {options}: {shown}", image.tag());
            assert!(!shown.contains("the CMD"), "{} {options}: {shown}", image.tag());
        }
    }
    Outcome::Passed
}

pub fn interrupted() -> Outcome {
    engine!();
    let image = image("interrupted");
    let up = "service legacy-services successfully started";
    let cmd = "sh -c 'trap \"exit 5\" INT; echo cmd runs; while :; do sleep 0.1; done'";
    for options in ["", "--init", "--user=1000", "-e S6_LOGGING=1"] {
        let Some((shown, code)) = typed(&image, options, "", up) else {
            return Outcome::Skipped("needs script, of Debian's bsdutils".into());
        };
        assert_eq!(code, Some(0), "{options}: {shown}");
        assert!(shown.contains("old ends 15"), "{options}: {shown}");
        let (shown, code) = typed(&image, options, cmd, "cmd runs").unwrap();
        assert_eq!(code, Some(5), "{options}: {shown}");
    }
    Outcome::Passed
}

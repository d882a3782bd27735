//! `s6-rc-init`.

use crate::lab::{debian, ours, soon};
use crate::room::{Room, said};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use tests::harness::Outcome;

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Two longruns, one of them with a data directory, and a oneshot.
fn some(name: &str) -> Room {
    let room = Room::new(name);
    room.longrun("a", "exec sleep 1000");
    room.longrun("b", "exec sleep 1000");
    room.file("b/data/file", "text");
    room.file("b/notification-fd", "3\n");
    room.oneshot("o", "true\n");
    room.compile("db");
    room
}

pub fn layout() -> Outcome {
    let room = some("init-layout");
    let _tree = room.tree();
    let mut sh = Command::new("sh");
    let init = room.init_command("db", &["-p", "x-"]);
    sh.args(["-c", "umask 077; exec \"$@\"", "sh"]).arg(init.get_program()).args(init.get_args());
    let out = sh.output().unwrap();
    assert_eq!(said(&out), "[0]");
    let target = std::fs::read_link(room.path("live")).unwrap().into_os_string();
    let target = target.into_string().unwrap();
    let suffix = target.strip_prefix("live:s6-rc-init:").unwrap();
    assert_eq!(suffix.len(), 6);
    let (live, root) = (room.path(&target), room.s.0.display());
    let compiled = format!("compiled -> {root}/db");
    let scandir = format!("scandir -> {root}/scan");
    let names = [&compiled, "lock", "prefix", &scandir, "servicedirs", "state"];
    assert_eq!(room.names(&live), names);
    assert_eq!(mode(&live), 0o755);
    for name in ["lock", "prefix", "state"] {
        assert_eq!(mode(&live.join(name)), 0o644, "{name}");
    }
    assert_eq!(std::fs::read(live.join("prefix")).unwrap(), b"x-");
    // Four services, the runner of oneshots among them, and the holder of pipes as the original's.
    let state = std::fs::read(live.join("state")).unwrap();
    assert!(state.len() >= 4 && state.iter().all(|&b| b == 0), "{state:?}");
    assert_eq!(room.names(&live.join("servicedirs")), ["a", "b"]);
    let b = live.join("servicedirs/b");
    let names = ["data", "down", "event", "notification-fd", "run", "supervise"];
    assert_eq!(room.names(&b), names);
    assert_eq!((mode(&b), mode(&b.join("run")), mode(&b.join("down"))), (0o755, 0o755, 0o644));
    let links = ["a", "b"].map(|name| format!("x-{name} -> {}/servicedirs/{name}", live.display()));
    assert_eq!(room.names(&room.s.scan()), links);
    let told = ours().ask("s6-svstat", &["-o", "up,wantedup"], &room.s.service("x-a"));
    assert_eq!(told, "false false\n[0]");
    Outcome::Passed
}

pub fn again() -> Outcome {
    let room = some("init-again");
    let _tree = room.tree();
    room.initialized("db");
    let lives = room.lives();
    let live = std::fs::canonicalize(room.path("live")).unwrap();
    let live = live.display();
    let running = format!("s6-rc-init: info: s6-rc already running on {live}");
    assert_eq!(said(&room.init("db", &[])), format!("{running}\n[0]"));
    std::fs::remove_file(room.path("live")).unwrap();
    assert_eq!(said(&room.init("db", &[])), format!("{running} - recovering it\n[0]"));
    assert_eq!(room.lives(), lives);
    // A supervisor that has gone is there again afterwards.
    let a = room.s.service("a");
    std::fs::remove_file(&a).unwrap();
    ours().run("s6-svscanctl", &["-an"], &room.s.scan());
    soon("nobody supervises it", || {
        ours().ask("s6-svok", &[], &room.path("live/servicedirs/a")) == "[1]"
    });
    assert_eq!(said(&room.init("db", &[])), format!("{running} - recovering it\n[0]"));
    assert_eq!(ours().ask("s6-svok", &[], &a), "[0]");
    // Others are others.
    let mismatch = "s6-rc-init: fatal: prefix mismatch with the existing livedir at";
    assert_eq!(said(&room.init("db", &["-p", "x"])), format!("{mismatch} {live}\n[102]"));
    symlink("db", room.path("db2")).unwrap();
    let root = room.s.0.display();
    let other = format!(
        "s6-rc-init: fatal: existing livedir at {live} uses bootdb at {root}/db rather than {root}/db2\n[102]"
    );
    assert_eq!(said(&room.init("db2", &[])), other);
    assert_eq!(said(&room.init("db2", &["-d"])), format!("{running}\n[0]"));
    Outcome::Passed
}

/// A tree that begins anew takes the links up that the one before has left, and the live state goes
/// on, as under the original. What has no supervisors then is not taken for a live state.
pub fn left_over() -> Outcome {
    for (longruns, links) in [(true, true), (true, false), (false, false)] {
        let room = Room::new("init-left");
        room.oneshot("o", "true\n");
        if longruns {
            room.longrun("a", "exec sleep 1000");
        }
        room.compile("db");
        let mut tree = room.tree();
        room.initialized("db");
        let old = std::fs::read_link(room.path("live")).unwrap();
        tree.stop();
        if !links {
            let _ = std::fs::remove_file(room.s.service("a"));
        }
        let _tree = room.tree();
        if links {
            soon("it is taken up", || ours().ask("s6-svok", &[], &room.s.service("a")) == "[0]");
        }
        let out = said(&room.init("db", &[]));
        let dir = std::fs::canonicalize(&room.s.0).unwrap().join(&old);
        let dir = dir.display();
        let running = format!("s6-rc-init: info: s6-rc already running on {dir}\n[0]");
        let warning = format!(
            "s6-rc-init: warning: directory {dir} looks like a live directory but has no \
             supervisors running\n[0]"
        );
        assert_eq!(out, if links { running } else { warning });
        assert_eq!(std::fs::read_link(room.path("live")).unwrap() == old, links);
        if longruns {
            assert_eq!(ours().ask("s6-svok", &[], &room.s.service("a")), "[0]");
        }
    }
    Outcome::Passed
}

/// Whenever it is killed, the next one makes it whole.
pub fn killed() -> Outcome {
    let room = Room::new("init-killed");
    for i in 0..40 {
        room.longrun(&format!("s{i}"), "exec sleep 1000");
    }
    room.compile("db");
    let _tree = room.tree();
    let (mut cut, mut delay) = (0, 0);
    while cut < 12 && delay < 400 {
        let mut child = room.init_command("db", &[]).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_micros(delay * 100));
        child.kill().unwrap();
        cut += usize::from(!child.wait().unwrap().success());
        delay += 5;
        if delay % 25 == 0 {
            let out = room.init("db", &[]);
            assert_eq!(out.status.code(), Some(0), "{}{}", said(&out), room.s.text("stderr"));
            for i in 0..40 {
                assert_eq!(ours().ask("s6-svok", &[], &room.s.service(&format!("s{i}"))), "[0]");
            }
            // From the beginning again.
            for i in 0..40 {
                let _ = std::fs::remove_file(room.s.service(&format!("s{i}")));
            }
            let dir = std::fs::canonicalize(room.path("live")).unwrap();
            ours().run("s6-svscanctl", &["-an"], &room.s.scan());
            soon("all are gone", || {
                (0..40).all(|i| {
                    ours().ask("s6-svok", &[], &dir.join(format!("servicedirs/s{i}"))) == "[1]"
                })
            });
        }
    }
    assert!(cut >= 5, "only {cut} were killed in time");
    Outcome::Passed
}

/// The calls that a thousand services cost are counted: no listener for each, one question.
pub fn thousand() -> Outcome {
    const SERVICES: usize = 1000;
    let room = Room::new("init-thousand");
    for i in 0..SERVICES {
        room.longrun(&format!("s{i}"), "exec sleep 1000");
    }
    room.compile("db");
    let tree = room.tree();
    let log = room.path("trace");
    let init = room.init_command("db", &[]);
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o"]).arg(&log).arg(init.get_program()).args(init.get_args());
    let out = match strace.output() {
        Ok(out) => out,
        Err(why) => return Outcome::Skipped(format!("strace: {why}")),
    };
    assert_eq!(said(&out), "[0]");
    let trace = std::fs::read_to_string(log).unwrap();
    let count = |name: &str| trace.lines().filter(|line| line.starts_with(name)).count();
    let fifos = trace.matches("S_IFIFO").count();
    assert_eq!((count("connect("), fifos, count("poll")), (1, 0, 0));
    let all = trace.lines().count();
    assert!(all < SERVICES * 40, "{all} calls");
    let last = room.s.service(&format!("s{}", SERVICES - 1));
    assert_eq!(ours().ask("s6-svok", &[], &last), "[0]");
    drop(tree);
    Outcome::Passed
}

pub fn failures() -> Outcome {
    let room = some("init-fails");
    let (root, scan) = (room.s.0.display().to_string(), room.s.scan());
    let absent = format!("s6-rc-init: fatal: s6-svscan is not running on {root}/scan\n[100]");
    assert_eq!(said(&room.init("db", &[])), absent);
    let mut tree = room.tree();
    let failed = |db: &str, options: &[&str], words: &str, code: i32| {
        let out = said(&room.init(db, options));
        assert!(out.contains(words) && out.ends_with(&format!("[{code}]")), "{out}");
        assert_eq!(room.lives(), Vec::<String>::new());
        assert_eq!(room.names(&scan), Vec::<String>::new());
    };
    failed("nothing", &[], &format!("unable to open {root}/nothing: No such file"), 111);
    std::fs::create_dir(room.path("empty")).unwrap();
    failed("empty", &[], "invalid service database", 4);
    std::fs::write(room.path("empty/lock"), "").unwrap();
    std::fs::write(room.path("empty/db"), "not one").unwrap();
    failed("empty", &[], "invalid service database", 4);
    failed("db", &["-p", "a/b"], "prefix cannot contain a / or a newline", 100);
    // Half of the names are taken.
    std::fs::create_dir(scan.join("x-b")).unwrap();
    let out = said(&room.init("db", &["-p", "x-"]));
    assert!(out.contains("x-b is another service") && out.ends_with("[111]"), "{out}");
    assert_eq!(room.names(&scan), ["x-b"]);
    assert_eq!(room.lives(), Vec::<String>::new());
    // The tree may just be writing into it.
    soon("the other service is gone", || {
        let _ = std::fs::remove_dir_all(scan.join("x-b"));
        !scan.join("x-b").exists()
    });
    // The tree stands still: the time is over, and nothing is left.
    let pid = nix::unistd::Pid::from_raw(tree.child.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::SIGSTOP).unwrap();
    failed("db", &["-t", "50"], "unable to supervise service directories in", 111);
    nix::sys::signal::kill(pid, nix::sys::signal::SIGCONT).unwrap();
    room.initialized("db");
    tree.stop();
    Outcome::Passed
}

pub fn noexec() -> Outcome {
    if !nix::unistd::geteuid().is_root() {
        return Outcome::Skipped("only root can mount".into());
    }
    let room = some("init-noexec");
    let live = room.path("mnt");
    std::fs::create_dir(&live).unwrap();
    let flags = nix::mount::MsFlags::MS_NOEXEC;
    if let Err(why) = nix::mount::mount(Some("none"), &live, Some("tmpfs"), flags, None::<&str>) {
        return Outcome::Skipped(format!("mount: {why}"));
    }
    let tree = room.tree();
    let mut init = room.command("s6-rc-init");
    // A link to the database may lead elsewhere tomorrow.
    symlink("db", room.path("current")).unwrap();
    init.arg("-c").arg(room.path("current")).arg("-l").arg(live.join("live")).arg(room.s.scan());
    let out = said(&init.output().unwrap());
    let run = std::fs::read_link(live.join("live/servicedirs/a/run"));
    std::fs::remove_file(room.path("current")).unwrap();
    let started = ours().ask("s6-svc", &["-u", "-wu", "-T", "60000"], &room.s.service("a"));
    drop(tree);
    nix::mount::umount(&live).unwrap();
    assert_eq!(out, "[0]");
    assert_eq!(run.unwrap(), room.path("db/servicedirs/a/run"));
    assert_eq!(started, "[0]", "{}", room.s.text("stderr"));
    Outcome::Passed
}

/// A user's own tree with the user's own live state.
pub fn other_user() -> Outcome {
    if !nix::unistd::geteuid().is_root() {
        return Outcome::Skipped("only root can become somebody else".into());
    }
    let room = some("init-user");
    let nobody = nix::unistd::Uid::from_raw(65534);
    for dir in [room.s.0.clone(), room.s.scan()] {
        nix::unistd::chown(&dir, Some(nobody), None).unwrap();
    }
    let bin = room.path("bin");
    std::fs::create_dir(&bin).unwrap();
    std::fs::copy(tests::build::fused().unwrap(), bin.join("chainit")).unwrap();
    for name in ["s6-svscan", "s6-rc-init", "s6-svscanctl"] {
        symlink("chainit", bin.join(name)).unwrap();
    }
    let as_nobody = |name: &str| {
        let mut command = ours().command("s6-applyuidgid");
        command.args(["-u", "65534", "-g", "65534", "-G", ""]).arg(bin.join(name));
        command
    };
    let stderr = std::fs::File::create(room.path("stderr")).unwrap();
    let child = as_nobody("s6-svscan").arg(room.s.scan()).stderr(stderr).spawn().unwrap();
    let tree = crate::lab::Svscan { child, tools: ours(), scan: room.s.scan() };
    soon("the tree listens", || ours().ask("s6-svscanctl", &[], &room.s.scan()) == "[0]");
    let mut init = as_nobody("s6-rc-init");
    init.arg("-c").arg(room.path("db")).arg("-l").arg(room.path("live")).arg(room.s.scan());
    assert_eq!(said(&init.output().unwrap()), "[0]", "{}", room.s.text("stderr"));
    assert_eq!(std::fs::metadata(room.path("live/servicedirs/a/run")).unwrap().uid(), 65534);
    assert_eq!(ours().ask("s6-svok", &[], &room.s.service("a")), "[0]");
    drop(tree);
    Outcome::Passed
}

/// Longruns alone can be given to a real s6-svscan; a oneshot needs a tree that runs it.
pub fn elsewhere() -> Outcome {
    let Some(real) = debian() else { return Outcome::Skipped("no real s6 here".into()) };
    let room = some("init-real");
    let tree = real.svscan(&room.s);
    soon("it listens", || ours().ask("s6-svscanctl", &[], &room.s.scan()) == "[0]");
    let out = said(&room.init("db", &[]));
    assert!(out.contains("the oneshot o needs one") && out.ends_with("[111]"), "{out}");
    assert_eq!(room.names(&room.s.scan()), Vec::<String>::new());
    std::fs::remove_dir_all(room.path("src/o")).unwrap();
    room.compile("db2");
    let out = said(&room.init("db2", &["-t", "60000"]));
    assert_eq!(out, "[0]");
    for name in ["a", "b"] {
        assert_eq!(real.ask("s6-svok", &[], &room.s.service(name)), "[0]");
    }
    drop(tree);
    Outcome::Passed
}

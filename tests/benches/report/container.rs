//! Containers: who boots them, and the tables of their times.

use crate::child::run;
use crate::lab::Lab;
use crate::race::{About, Runner, race, table};
use crate::room::{Mode, Room, SETTINGS};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tests::bench::model::{Better, Role, Table};

pub struct Init {
    pub name: &'static str,
    pub role: Role,
    /// The init's command line, in front of the CMD.
    pub argv: &'static [&'static str],
    pub room: Room,
    /// Whether it knows of services.
    pub services: bool,
}

pub const OURS: &str = "chainit's /init";
/// The same program under another name. Tables compare their first row.
pub const SMALL: &str = "chainit as tini";
pub const OVERLAY: &str = "s6-overlay's /init";

/// Ours first.
pub fn inits(lab: &Lab) -> Result<Vec<Init>, String> {
    if !lab.root {
        return Err("only root can make containers here".into());
    }
    let mut all = Vec::new();
    let room = Room::new(lab, "root-chainit")?;
    let mut install = Command::new(&lab.chainit);
    run(install.arg("install").arg("--root").arg(&room.root))?;
    let argv: &[&str] = &["/init"];
    all.push(Init { name: OURS, role: Role::Ours, argv, room, services: true });
    let room = Room::new(lab, "root-small")?;
    std::fs::copy(&lab.chainit, room.root.join("tini")).map_err(|e| format!("tini: {e}"))?;
    let small: &[&str] = &["/tini", "--"];
    all.push(Init { name: SMALL, role: Role::Ours, argv: small, room, services: false });
    if let Some(overlay) = &lab.overlay {
        let room = Room::new(lab, "root-overlay")?;
        // It takes what it finds of these; theirs wins, so that they come first.
        busybox(&room.root);
        let mut copy = Command::new("cp");
        run(copy.arg("-a").arg("--").arg(overlay.join(".")).arg(&room.root))?;
        all.push(Init { name: OVERLAY, role: Role::Peer, argv, room, services: true });
    }
    for (name, file, argv) in [
        ("tini-static", "/usr/bin/tini-static", &["/tini-static", "--"] as &[&str]),
        ("tini", "/usr/bin/tini", &["/tini", "--"]),
        ("dumb-init", "/usr/bin/dumb-init", &["/dumb-init", "--"]),
    ] {
        if !Path::new(file).exists() {
            continue;
        }
        let room = Room::new(lab, &format!("root-{name}"))?;
        std::fs::copy(file, room.root.join(name)).map_err(|e| format!("{file}: {e}"))?;
        libraries(Path::new(file), &room.root);
        all.push(Init { name, role: Role::Peer, argv, room, services: false });
    }
    let room = Room::new(lab, "root-none")?;
    all.push(Init { name: "no init", role: Role::Floor, argv: &[], room, services: false });
    Ok(all)
}

/// Who starts the services one after the other, supervises none of them, and ends them all at once: what
/// their processes cost by themselves.
fn bare(lab: &Lab) -> Result<Init, String> {
    let room = Room::new(lab, "root-loop")?;
    lab.compile("loop", &room.root.join("loop"), Path::new("/stamps"))?;
    let name = "a bare loop of spawns";
    Ok(Init { name, role: Role::Floor, argv: &["/loop"], room, services: true })
}

/// A shell and its like, where s6-overlay's scripts need them and the folder has none.
fn busybox(root: &Path) {
    if std::fs::copy("/bin/busybox", root.join("bin/busybox")).is_ok() {
        for name in ["sh", "mkdir", "ls", "grep", "sed", "cat", "ln", "rm", "chmod"] {
            let _ = std::os::unix::fs::symlink("busybox", root.join("bin").join(name));
        }
    }
}

/// What a dynamic program needs, at the same paths.
fn libraries(program: &Path, root: &Path) {
    let Ok(out) = run(Command::new("ldd").arg(program)) else { return };
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    for path in said.split_whitespace().filter(|word| word.starts_with('/')) {
        let to = root.join(&path[1..]);
        let _ = to.parent().map(std::fs::create_dir_all);
        let _ = std::fs::copy(path.trim_end_matches(':'), to);
    }
}

pub fn about(anchor: &str, title: &str, how: &str) -> About {
    About {
        anchor: format!("container-{anchor}"),
        section: "container",
        title: title.into(),
        unit: "ms",
        better: Better::Less,
        curve: None,
        how: how.into(),
    }
}

/// A runner for each init that boots so.
fn boots<'a>(
    inits: &'a [Init],
    mode: Mode,
    services: usize,
    cmd: &'a str,
    settings: &'a [(&'a str, &'a str)],
) -> Vec<Runner<'a>> {
    let wanted = inits.iter().filter(move |i| {
        let fits = services == 0 || i.services;
        // As PID 1 a program without a handler does not hear SIGTERM.
        fits && !(mode == Mode::Stop && i.role == Role::Floor)
    });
    let runner = |init: &'a Init| {
        let mut argv = init.argv.to_vec();
        argv.push(cmd);
        Runner::new(init.name, init.role, move || {
            let t = init.room.boot(mode, services, &argv, settings)?;
            Ok(vec![t.up, t.down, t.up + t.down, t.services, t.reaped])
        })
    };
    wanted.map(runner).collect()
}

pub fn measure(lab: &Lab) -> Result<Vec<Table>, String> {
    let inits = inits(lab)?;
    for init in &inits {
        init.room.plant(true, 0)?;
    }
    let mut all = empty(lab, &inits);
    all.extend(stops(lab, &inits)?);
    let mut inits = inits;
    inits.push(bare(lab)?);
    for (name, legacy, curves) in [
        ("legacy", true, ["N of services.d: to the CMD", "N of services.d: from the CMD's end"]),
        ("rc", false, ["N of s6-rc: to the CMD", "N of s6-rc: from the CMD's end"]),
    ] {
        for (count, rounds) in [(10, 15), (100, 8), (1000, 3)] {
            for init in inits.iter().filter(|i| i.services) {
                init.room.plant(legacy, count)?;
            }
            let mut runners = boots(&inits, Mode::Run, count, "/cmd", &SETTINGS);
            race(&mut runners, lab.rounds(rounds), Duration::from_secs(12));
            let kind = if legacy { "services.d" } else { "s6-rc longruns" };
            let n = Some(count as f64);
            let mut add = |part: &str, title: String, how: &str, figure, curve| {
                let mut about = about(&format!("{name}-{count}-{part}"), &title, how);
                about.curve = n.map(|n| (curve, n));
                all.push(table(about, &runners, figure));
            };
            let how = "`/init /cmd` with services that say when they are ready; \
                       S6_KILL_GRACETIME=0, S6_CMD_WAIT_FOR_SERVICES=1.";
            let title = |rest: &str| format!("{count} of {kind}, {rest}");
            add("up", title("from /init's exec to the CMD"), how, 0, curves[0]);
            add("down", title("from the CMD's end to the container's"), how, 1, curves[1]);
        }
    }
    Ok(all)
}

fn empty(lab: &Lab, inits: &[Init]) -> Vec<Table> {
    let mut runners = boots(inits, Mode::Run, 0, "/cmd", &SETTINGS);
    race(&mut runners, lab.rounds(100), Duration::from_secs(40));
    let how = "`/init /cmd`, `tini -- /cmd` …, where /cmd stamps the time and exits; \
               S6_KILL_GRACETIME=0.";
    let mut all = Vec::new();
    for (figure, part, title) in [
        (0, "up", "empty container, from the init's exec to the CMD's first instruction"),
        (1, "down", "empty container, from the CMD's end to the container's"),
        (2, "whole", "empty container, the whole"),
    ] {
        all.push(table(about(&format!("empty-{part}"), title, how), &runners, figure));
    }
    let mut runners = boots(inits, Mode::Run, 0, "/cmd", &[]);
    race(&mut runners, lab.rounds(5), Duration::from_secs(15));
    let how = "`/init /cmd` without any setting, with every default wait.";
    let title = "empty container with all defaults, the whole";
    all.push(table(about("empty-defaults", title, how), &runners, 2));
    all
}

fn stops(lab: &Lab, inits: &[Init]) -> Result<Vec<Table>, String> {
    let mut all = Vec::new();
    for (count, rounds) in [(0, 20), (10, 10), (100, 6), (1000, 3)] {
        for init in inits {
            init.room.plant(false, count)?;
        }
        let mut runners = boots(inits, Mode::Stop, count, "/service", &SETTINGS);
        race(&mut runners, lab.rounds(rounds), Duration::from_secs(10));
        let title = format!("`docker stop` of {count} s6-rc longruns and a CMD, to the end");
        let how = "SIGTERM to PID 1 when everything is up; S6_KILL_GRACETIME=0.";
        let mut about = about(&format!("stop-{count}"), &title, how);
        about.curve = Some(("N of s6-rc: from SIGTERM to the end", count as f64));
        all.push(table(about, &runners, 1));
    }
    Ok(all)
}

/// Ten thousand orphans at a time, for the section on supervision.
pub fn orphans(lab: &Lab) -> Result<Table, String> {
    let inits = inits(lab)?;
    // The roots of an earlier section still have its services: a wait4(2) looks at each child until it
    // finds a dead one, and services are the oldest children.
    for init in &inits {
        init.room.plant(true, 0)?;
    }
    let mut runners = boots(&inits, Mode::Run, 0, "/orphans", &SETTINGS);
    runners.retain(|r| r.role != Role::Floor);
    // Whose orphans are not reaped hangs until it is killed, and who comes behind it would wait for a
    // processor while the kernel still removes 10,000 processes.
    let (mut slow, mut runners): (Vec<_>, Vec<_>) =
        runners.into_iter().partition(|r| r.name == OVERLAY);
    race(&mut runners, lab.rounds(8), Duration::from_secs(25));
    race(&mut slow, lab.rounds(8), Duration::from_secs(25));
    runners.append(&mut slow);
    let how = "A CMD's child has 10,000 dead children and ends; from there until none of them is a \
               zombie any more.";
    let mut about = about("", "10,000 orphans reaped by PID 1", how);
    about.anchor = "supervision-orphans".into();
    about.section = "supervision";
    Ok(table(about, &runners, 4))
}

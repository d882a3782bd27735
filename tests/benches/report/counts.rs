//! Processes, execs and system calls of a boot, counted by strace.

use crate::child::run;
use crate::container::{Init, inits};
use crate::lab::Lab;
use crate::race::{About, Runner, race, table};
use crate::room::SETTINGS;
use std::process::Command;
use std::time::Duration;
use tests::bench::model::{Better, Table};

/// Processes, execs, system calls, from the exec of the init to the end.
fn count(lab: &Lab, init: &Init) -> Result<Vec<f64>, String> {
    let log = lab.dir.join("strace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-s", "16", "-e", "signal=none", "-o"]).arg(&log);
    strace.args(["--", "unshare", "--pid", "--fork", "--kill-child=KILL", "--mount", "--"]);
    strace.args(["sh", "-c"]);
    strace.arg(
        "mount -t tmpfs run \"$0/run\" && mount -t proc proc \"$0/proc\" && \
         mount --bind /dev \"$0/dev\" && exec chroot \"$0\" \"$@\"",
    );
    strace.arg(&init.room.root).args(init.argv).arg("/floor");
    strace.env_clear().env("PATH", "/command:/usr/sbin:/usr/bin:/sbin:/bin");
    run(strace.envs(SETTINGS))?;
    let text = std::fs::read(&log).map_err(|e| format!("strace's log: {e}"))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let first = format!("execve(\"{}\"", init.argv.first().unwrap_or(&"/floor"));
    let lines: Vec<&str> = text.lines().collect();
    let begin = lines.iter().position(|l| l.contains(&first)).ok_or("no exec of the init")?;
    let lines = &lines[begin..];
    let (mut calls, mut execs, mut forks) = (0.0, 0.0, 0.0);
    let init_pid = lines[0].split(' ').next().unwrap_or_default();
    let outer = text.split(' ').next().unwrap_or_default();
    for line in lines.iter().filter(|l| !l.starts_with(outer)) {
        let Some(call) = name(line) else { continue };
        calls += 1.0;
        let torn = line.ends_with("<unfinished ...>");
        match call {
            "execve" if line.ends_with("= 0") || torn => execs += 1.0,
            "fork" | "vfork" | "clone" | "clone3" => forks += 1.0,
            _ => {}
        }
    }
    debug_assert!(!init_pid.is_empty());
    Ok(vec![forks, execs, calls])
}

/// The call that begins in a line of strace's.
fn name(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(' ')?;
    let (name, _) = rest.trim_start().split_once('(')?;
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_').then_some(name)
}

pub fn measure(lab: &Lab) -> Result<Vec<Table>, String> {
    let inits = inits(lab)?;
    let mut all = Vec::new();
    for services in [0, 10, 100] {
        let fits = |i: &&Init| services == 0 || i.services;
        for init in inits.iter().filter(fits) {
            init.room.plant(false, services)?;
        }
        let runner = |init| -> Runner {
            let init: &Init = init;
            Runner::new(init.name, init.role, move || count(lab, init))
        };
        let mut runners: Vec<Runner> = inits.iter().filter(fits).map(runner).collect();
        race(&mut runners, lab.rounds(3), Duration::from_secs(20));
        for (figure, part, unit) in
            [(0, "forks", "processes made"), (1, "execs", "execs"), (2, "syscalls", "system calls")]
        {
            let about = About {
                anchor: format!("counts-{part}-{services}"),
                section: "counts",
                title: format!("{unit} of a boot with {services} s6-rc longruns, to its end"),
                unit,
                better: Better::Less,
                curve: (figure == 2).then_some(("system calls of a boot with N", services as f64)),
                how: "Counted by `strace -f` from the init's exec on; the CMD only ends.".into(),
            };
            all.push(table(about, &runners, figure));
        }
    }
    Ok(all)
}

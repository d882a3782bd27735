//! A script's start, and scripts that do something, beside shells that do the same.

use crate::child::timed;
use crate::lab::Lab;
use crate::race::{About, Runner, race, table};
use crate::snippets::{Snippet, all};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tests::bench::model::{Better, Role, Table};

const SHELLS: [(&str, &[&str]); 2] =
    [("dash", &["/bin/dash"]), ("busybox sh", &["/bin/busybox", "sh"])];

/// Whoever can run it: its name, its command line, its PATH.
fn contestants(lab: &Lab, snippet: &Snippet) -> Vec<(String, Role, Vec<PathBuf>, String)> {
    let file = |name: &str, text: &str| {
        let path = lab.installed.join(format!("{}-{name}", snippet.anchor));
        let _ = std::fs::write(&path, text);
        path
    };
    let execline = file("execline", &snippet.execline);
    let shell = file("shell", &snippet.shell);
    let mut list = Vec::new();
    for suite in &lab.suites {
        if let Some(execlineb) = suite.find("execlineb") {
            let argv = vec![execlineb, "-P".into(), execline.clone()];
            list.push((format!("{}: execlineb", suite.name), suite.role, argv, suite.path()));
        }
    }
    for (name, argv) in SHELLS {
        let mut argv: Vec<PathBuf> = argv.iter().map(PathBuf::from).collect();
        if argv[0].exists() {
            argv.push(shell.clone());
            list.push((name.to_owned(), Role::Peer, argv, "/usr/bin:/bin".into()));
        }
    }
    let floor = vec![lab.started("floor")];
    list.push(("the last program alone".into(), Role::Floor, floor, "/bin".into()));
    if snippet.words == Some(0.0) {
        let least = vec![lab.started("interpreter"), execline];
        list.push(("the least interpreter".into(), Role::Floor, least, "/bin".into()));
    }
    list
}

/// The snippets of one section, all on one processor: how long another one takes to wake up for a new
/// process is a multiple of what tells the contestants apart.
pub fn measure(lab: &Lab, section: &'static str) -> Vec<Table> {
    let snippets = all(lab);
    let before = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
    let here = (0..CpuSet::count()).find(|cpu| before.is_set(*cpu).unwrap_or(false));
    let mut one_cpu = CpuSet::new();
    let pinned = here.is_some_and(|cpu| {
        one_cpu.set(cpu).is_ok() && sched_setaffinity(Pid::from_raw(0), &one_cpu).is_ok()
    });
    let tables = snippets.iter().filter(|s| s.section == section).map(|s| one(lab, s)).collect();
    if pinned {
        let _ = sched_setaffinity(Pid::from_raw(0), &before);
    }
    tables
}

fn one(lab: &Lab, snippet: &Snippet) -> Table {
    let contestants = contestants(lab, snippet);
    let runner = |(name, role, argv, path): &(String, Role, Vec<PathBuf>, String)| {
        let (argv, path) = (argv.clone(), path.clone());
        Runner::new(name, *role, move || {
            let mut command = Command::new(&argv[0]);
            command.args(&argv[1..]).env_clear().env("PATH", &path);
            Ok(vec![timed(&mut command)? * 1e3])
        })
    };
    let mut runners: Vec<Runner> = contestants.iter().map(runner).collect();
    race(&mut runners, lab.rounds(snippet.rounds), Duration::from_secs(5));
    let about = About {
        anchor: snippet.anchor.clone(),
        section: snippet.section,
        title: snippet.title.clone(),
        unit: "µs",
        better: Better::Less,
        curve: snippet.words.map(|n| ("a chain of N words", n)),
        how: snippet.how(lab),
    };
    table(about, &runners, 0)
}

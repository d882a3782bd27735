//! A script's start, and scripts that do something, beside shells that do the same.

use crate::child::turn;
use crate::lab::Lab;
use crate::race::{About, Runner, race, table, without};
use crate::snippets::{Snippet, Way, all};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tests::bench::model::{Better, Role, Table};

const SHELLS: [(&str, &[&str]); 2] =
    [("dash", &["/bin/dash"]), ("busybox sh", &["/bin/busybox", "sh"])];

const WHOLE: &str = "a chain of N words";
const TO_EXEC: &str = "a chain of N words, to its last exec";

/// The floor of every snippet.
const ALONE: &str = "the last program alone";

/// Whoever can run it: its name, its command line, its PATH.
fn contestants(lab: &Lab, snippet: &Snippet) -> Vec<(String, Role, Vec<PathBuf>, String)> {
    let mut files = 0;
    let mut file = |text: &str| {
        let path = lab.installed.join(format!("{}-{files}", snippet.anchor));
        files += 1;
        let _ = std::fs::write(&path, text);
        let _ = std::fs::set_permissions(&path, Permissions::from_mode(0o755));
        path
    };
    let mut by = |interpreter: PathBuf, options: &str| match snippet.way {
        Way::Itself => {
            let line = format!("#!{} {options}", interpreter.display());
            vec![file(&format!("{}\n{}", line.trim_end(), snippet.execline))]
        }
        Way::Word => vec![interpreter, format!("{options}c").into(), (&snippet.execline).into()],
        Way::Chain | Way::File => {
            let script = file(&snippet.execline);
            let options = (!options.is_empty()).then(|| options.into());
            [interpreter].into_iter().chain(options).chain([script]).collect()
        }
    };
    let mut list = Vec::new();
    for suite in &lab.suites {
        if let Some(execlineb) = suite.find("execlineb") {
            let argv = by(execlineb, "-P");
            list.push((format!("{}: execlineb", suite.name), suite.role, argv, suite.path()));
        }
    }
    let least = by(lab.started("interpreter"), "");
    for (name, argv) in SHELLS {
        let mut argv: Vec<PathBuf> = argv.iter().map(PathBuf::from).collect();
        if argv[0].exists() {
            match snippet.way {
                Way::Itself | Way::Word => {
                    argv.extend(["-c".into(), PathBuf::from(&snippet.shell)])
                }
                Way::Chain | Way::File => argv.push(file(&snippet.shell)),
            }
            list.push((name.to_owned(), Role::Peer, argv, "/usr/bin:/bin".into()));
        }
    }
    list.push((ALONE.into(), Role::Floor, vec![lab.started("floor")], "/bin".into()));
    if snippet.way == Way::Word {
        let floor = lab.started("floor-libc");
        if floor.exists() {
            list.push((
                "the same with musl's start".into(),
                Role::Floor,
                vec![floor],
                "/bin".into(),
            ));
        }
    } else if snippet.way != Way::File && !snippet.execline.trim_end().contains('\n') {
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
    let tables =
        snippets.iter().filter(|s| s.section == section).flat_map(|s| one(lab, s)).collect();
    if pinned {
        let _ = sched_setaffinity(Pid::from_raw(0), &before);
    }
    tables
}

fn one(lab: &Lab, snippet: &Snippet) -> Vec<Table> {
    let contestants = contestants(lab, snippet);
    let runner = |(name, role, argv, path): &(String, Role, Vec<PathBuf>, String)| {
        let (argv, path, spawner) = (argv.clone(), path.clone(), lab.started("turn"));
        Runner::new(name, *role, move || {
            let mut command = Command::new(&spawner);
            command.args(&argv).env_clear().env("PATH", &path);
            Ok(vec![turn(&mut command)? / 1e3])
        })
    };
    let mut runners: Vec<Runner> = contestants.iter().map(runner).collect();
    race(&mut runners, lab.rounds(snippet.rounds), Duration::from_secs(5));
    let about = |suffix: &str, more: &str, how: String| About {
        anchor: format!("{}{suffix}", snippet.anchor),
        section: snippet.section,
        title: format!("{}{more}", snippet.title),
        unit: "µs",
        better: Better::Less,
        curve: snippet.words.map(|n| (if more.is_empty() { WHOLE } else { TO_EXEC }, n)),
        how,
    };
    let mut tables = vec![table(about("", "", snippet.how(lab)), &runners, 0)];
    if matches!(snippet.way, Way::Itself | Way::Chain) {
        let how = "The row before it, without what the last program alone took in the same round: it is \
                   exec'd by whatever interpreter, and its time is none of theirs.";
        let about = about("-to-exec", ", from its start to its last exec", how.into());
        tables.push(without(about, &runners, ALONE));
    }
    tables
}

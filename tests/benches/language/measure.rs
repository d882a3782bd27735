//! One snippet, by all contestants in turn.

use crate::lab::{Lab, Row, print};
use crate::snippets::Snippet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

struct Contestant {
    name: String,
    argv: Vec<PathBuf>,
    path: String,
}

const SHELLS: [&str; 2] = ["dash", "busybox sh"];
/// A snippet ends after so many rounds, if a busy machine makes it take so long.
const LEAST: usize = 9;
const LONGEST: Duration = Duration::from_secs(15);
const PEER: &str = "execline in CHAINIT_PEER";

fn contestants(lab: &Lab, snippet: &Snippet) -> Vec<Contestant> {
    let file = |name: &str, text: &str| {
        let path = lab.dir.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let execline = file("execline", &snippet.execline);
    let shell = file("shell", &snippet.shell);
    let mut list = Vec::new();
    let mut add = |name: &str, argv: Vec<PathBuf>, dir: &Path| {
        if argv[0].exists() {
            let path = format!("{}:/usr/bin:/bin", dir.display());
            list.push(Contestant { name: name.to_owned(), argv, path });
        }
    };
    let mut execlineb = |name: &str, dir: &Path| {
        add(name, vec![dir.join("execlineb"), "-P".into(), execline.clone()], dir);
    };
    execlineb("chainit", &lab.dir.join("bin"));
    if let Some(peer) = std::env::var_os("CHAINIT_PEER") {
        execlineb(PEER, Path::new(&peer));
    }
    execlineb("Debian's execline", Path::new("/usr/lib/execline/bin"));
    let none = Path::new("/bin");
    add(SHELLS[0], vec!["/bin/dash".into(), shell.clone()], none);
    add(SHELLS[1], vec!["/bin/busybox".into(), "sh".into(), shell], none);
    add("the last program alone", vec![lab.floor.clone()], none);
    list
}

pub fn run(lab: &Lab, snippet: &Snippet) {
    let contestants = contestants(lab, snippet);
    let mut rows: Vec<Row> = contestants.iter().map(|c| Row::new(&c.name)).collect();
    let begin = Instant::now();
    for round in 0..snippet.rounds {
        if round >= LEAST && begin.elapsed() > LONGEST {
            break;
        }
        for turn in 0..contestants.len() {
            let i = (turn + round) % contestants.len();
            let c = &contestants[i];
            let mut command = Command::new(&c.argv[0]);
            command.args(&c.argv[1..]).env_clear().env("PATH", &c.path);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            let start = Instant::now();
            let status = command.status().unwrap();
            rows[i].times.push(start.elapsed());
            assert!(i > 0 || status.success(), "{}: {status}", c.name);
        }
    }
    print(&snippet.name, &rows);
    for row in &rows[1..] {
        if row.name == PEER {
            target(&rows[0], row, snippet.target);
        } else if SHELLS.contains(&row.name.as_str()) {
            target(&rows[0], row, 1.0);
        }
    }
}

/// Says whether ours takes no more than that part of theirs.
fn target(ours: &Row, theirs: &Row, most: f64) {
    let (median, p10) = (ours.at(50) / theirs.at(50), ours.at(10) / theirs.at(10));
    let verdict = if median <= most { "met" } else { "missed" };
    let name = &theirs.name;
    println!("  of {name}: {median:.2} (p10 {p10:.2}), target {most:.2}: {verdict}");
}

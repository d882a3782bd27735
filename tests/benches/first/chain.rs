//! Start to exec: a script's process from its spawn to its end, the last word being the floor.

use crate::lab::{Lab, Row, print};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 300;

struct Contestant {
    name: String,
    argv: Vec<PathBuf>,
    path: String,
}

/// Twenty words that every execline has inside itself, and what a shell says for them.
const WORDS: [(&str, &str); 10] = [
    ("export A one", "export A=one"),
    ("importas -u b A", "b=$A"),
    ("cd /", "cd /"),
    ("umask 022", "umask 022"),
    ("define c two", "c=two"),
    ("export D ${b}", "export D=$b"),
    ("fdmove -c 9 1", "exec 9>&1"),
    ("fdclose 9", "exec 9>&-"),
    ("unexport D", "unset D"),
    ("export E ${c}", "export E=$c"),
];

fn scripts(lab: &Lab, words: usize) -> (String, String) {
    let floor = lab.floor.display();
    let (mut execline, mut shell) = (String::new(), String::new());
    for (word, line) in WORDS.iter().cycle().take(words) {
        execline += &format!("{word}\n");
        shell += &format!("{line}\n");
    }
    (format!("{execline}{floor}\n"), format!("{shell}exec {floor}\n"))
}

fn contestants(lab: &Lab, words: usize) -> Vec<Contestant> {
    let (execline, shell) = scripts(lab, words);
    let file = |name: &str, text: &str| {
        let path = lab.dir.join(format!("{name}-{words}"));
        std::fs::write(&path, text).unwrap();
        path
    };
    let (execline, shell) = (file("execline", &execline), file("shell", &shell));
    let mut list = Vec::new();
    let mut add = |name: &str, argv: Vec<PathBuf>, dir: &Path| {
        if argv[0].exists() {
            let path = format!("{}:/usr/bin:/bin", dir.display());
            list.push(Contestant { name: name.to_owned(), argv, path });
        }
    };
    let bin = lab.dir.join("bin");
    add("chainit", vec![bin.join("execlineb"), "-P".into(), execline.clone()], &bin);
    if let Some(peer) = std::env::var_os("CHAINIT_PEER").map(PathBuf::from) {
        let name = format!("execline in {}", peer.display());
        add(&name, vec![peer.join("execlineb"), "-P".into(), execline.clone()], &peer);
    }
    let debian = Path::new("/usr/lib/execline/bin");
    add("Debian's execline", vec![debian.join("execlineb"), "-P".into(), execline], debian);
    let none = Path::new("/bin");
    add("dash", vec!["/bin/dash".into(), shell.clone()], none);
    add("busybox sh", vec!["/bin/busybox".into(), "sh".into(), shell], none);
    add("the floor alone", vec![lab.floor.clone()], none);
    list
}

pub fn run(lab: &Lab) {
    for words in [0, 20] {
        let contestants = contestants(lab, words);
        let mut rows: Vec<Row> = contestants.iter().map(|c| Row::new(&c.name)).collect();
        for round in 0..ROUNDS {
            for turn in 0..contestants.len() {
                let i = (turn + round) % contestants.len();
                let c = &contestants[i];
                let mut command = Command::new(&c.argv[0]);
                command.args(&c.argv[1..]).env_clear().env("PATH", &c.path).stdout(Stdio::null());
                let start = Instant::now();
                let status = command.status().unwrap();
                rows[i].times.push(start.elapsed());
                assert!(status.success(), "{}: {status}", c.name);
            }
        }
        print(&format!("a script of {words} built-in words, then a program that exits"), &rows);
    }
}

//! What a service graph costs: longruns from nothing to all up, and down again, beside what a bare
//! loop takes that only starts the same programs, in one run:
//!
//! `cargo bench -p tests --bench graph`
//!
//! Rounds are interleaved. The artefact is the musl binary (`CHAINIT_BIN=FILE` takes another);
//! `CHAINIT_PEER=DIR` adds a directory of s6 and s6-rc.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(missing_docs)]

use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Suite {
    name: &'static str,
    bin: PathBuf,
}

struct Lab {
    dir: PathBuf,
    service: PathBuf,
    suites: Vec<Suite>,
}

impl Lab {
    fn new() -> Lab {
        let dir = PathBuf::from(format!("/dev/shm/chainit-bench-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let root = tests::build::root();
        let chainit = std::env::var_os("CHAINIT_BIN").map_or_else(
            || {
                let built = Command::new(root.join("init/overlay/build-musl")).output().unwrap();
                PathBuf::from(String::from_utf8(built.stdout).unwrap().trim())
            },
            PathBuf::from,
        );
        println!("artefact: {}", chainit.display());
        let bin = tests::build::links(&chainit, &dir.join("bin")).unwrap();
        let mut suites = vec![Suite { name: "chainit", bin }];
        if let Some(peer) = std::env::var_os("CHAINIT_PEER") {
            suites.push(Suite { name: "CHAINIT_PEER", bin: peer.into() });
        }
        let service = dir.join("service");
        let source = root.join("tests/benches/graph/service.c");
        let mut cc = Command::new("cc");
        cc.args(["-O2", "-static", "-nostdlib", "-fno-stack-protector", "-o"]);
        assert!(cc.arg(&service).arg(source).status().unwrap().success(), "cc");
        Lab { dir, service, suites }
    }

    /// Definitions of so many longruns that say when they are ready, in the bundle `all`.
    fn define(&self, count: usize, chain: bool) {
        let source = self.dir.join("source");
        let _ = std::fs::remove_dir_all(&source);
        let contents = source.join("all/contents.d");
        std::fs::create_dir_all(&contents).unwrap();
        std::fs::write(source.join("all/type"), "bundle\n").unwrap();
        for i in 0..count {
            let service = source.join(format!("s{i}"));
            std::fs::create_dir_all(service.join("dependencies.d")).unwrap();
            std::fs::write(service.join("type"), "longrun\n").unwrap();
            std::fs::write(service.join("notification-fd"), "3\n").unwrap();
            std::fs::copy(&self.service, service.join("run")).unwrap();
            std::fs::write(contents.join(format!("s{i}")), "").unwrap();
            if chain && i > 0 {
                let before = format!("dependencies.d/s{}", i - 1);
                std::fs::write(service.join(before), "").unwrap();
            }
        }
    }

    fn command(&self, suite: &Suite, name: &str) -> Command {
        let mut command = Command::new(suite.bin.join(name));
        let path = format!("{}:/usr/bin:/bin", suite.bin.display());
        command.env("PATH", path).stdin(Stdio::null());
        command
    }

    /// A bare loop that starts the same programs, in milliseconds.
    fn floor(&self, count: usize) -> f64 {
        let begun = Instant::now();
        let start = |_| Command::new(&self.service).stderr(Stdio::null()).spawn().unwrap();
        let children: Vec<Child> = (0..count).map(start).collect();
        let taken = begun.elapsed().as_secs_f64() * 1e3;
        for mut child in children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        taken
    }

    /// The tree's start, the live state, all up, all down; milliseconds.
    fn round(&self, suite: &Suite) -> [f64; 4] {
        let place = self.dir.join("place");
        let _ = std::fs::remove_dir_all(&place);
        let (scan, live) = (place.join("scan"), place.join("live"));
        std::fs::create_dir_all(&scan).unwrap();
        let db = self.dir.join(suite.name);
        let mut times = Vec::new();
        let mut begun = Instant::now();
        let mut lap = || {
            times.push(begun.elapsed().as_secs_f64() * 1e3);
            begun = Instant::now();
        };
        let mut svscan = self.command(suite, "s6-svscan");
        svscan.args(["-C", "3000"]).arg(&scan).stderr(Stdio::null());
        let mut tree = svscan.spawn().unwrap();
        let control = scan.join(".s6-svscan/control");
        let mut fifo = std::fs::OpenOptions::new();
        fifo.write(true).custom_flags(nix::libc::O_NONBLOCK);
        while fifo.open(&control).is_err() {
            std::thread::sleep(Duration::from_micros(50));
        }
        lap();
        let mut init = self.command(suite, "s6-rc-init");
        assert!(
            init.arg("-c").arg(&db).arg("-l").arg(&live).arg(&scan).status().unwrap().success()
        );
        lap();
        for verb in ["start", "stop"] {
            let mut change = self.command(suite, "s6-rc");
            change.arg("-l").arg(&live).args([verb, "all"]);
            assert!(change.status().unwrap().success(), "{verb}");
            lap();
        }
        let mut ctl = self.command(suite, "s6-svscanctl");
        assert!(ctl.arg("-t").arg(&scan).status().unwrap().success());
        tree.wait().unwrap();
        times.try_into().unwrap()
    }

    fn compile(&self) {
        for suite in &self.suites {
            let db = self.dir.join(suite.name);
            let _ = std::fs::remove_dir_all(&db);
            let mut compile = self.command(suite, "s6-rc-compile");
            assert!(compile.arg(&db).arg(self.dir.join("source")).status().unwrap().success());
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The least and the median.
fn spread(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap());
    (values[0], values[values.len() / 2])
}

fn table(lab: &Lab, count: usize, chain: bool, rounds: usize) {
    lab.define(count, chain);
    lab.compile();
    let mut rows = vec![[const { Vec::new() }; 5]; lab.suites.len()];
    let mut floor = Vec::new();
    for _ in 0..rounds {
        floor.push(lab.floor(count));
        for (suite, row) in lab.suites.iter().zip(&mut rows) {
            let [tree, init, up, down] = lab.round(suite);
            for (column, value) in row.iter_mut().zip([tree, init, up, tree + init + up, down]) {
                column.push(value);
            }
        }
    }
    let shape = if chain { "each needs the one before" } else { "all at once" };
    let (least, middle) = spread(floor);
    println!("\n{count} longruns, {shape}: least / median in ms");
    println!("{:<14} {least:>7.1} /{middle:>7.1}", "bare loop");
    for (suite, row) in lab.suites.iter().zip(rows) {
        print!("{:<14}", suite.name);
        for (name, column) in ["tree", "init", "up", "boot", "down"].iter().zip(row) {
            let (low, middle) = spread(column);
            print!(" {name} {low:.1} / {middle:.1}");
            if *name == "boot" {
                print!(" ({:.2} of the loop)", low / least);
            }
            print!(" |");
        }
        println!();
    }
}

fn main() {
    let lab = Lab::new();
    table(&lab, 100, false, 15);
    table(&lab, 100, true, 7);
    table(&lab, 1000, false, 3);
}

//! What supervision costs, beside Debian's s6, in one run:
//!
//! `cargo bench -p tests --bench supervision`
//!
//! Rounds are interleaved. The artefact is the musl binary (`CHAINIT_BIN=FILE` takes another).
//! Memory of a control group is measured where this user can make one, and counts what is left when
//! the same `sleep`s run below a shell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(missing_docs)]

mod lab;

use lab::{Lab, Supervisor};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

const ECHO: &str = "--echo";

fn main() {
    if std::env::args().nth(1).is_some_and(|arg| arg == ECHO) {
        return echo();
    }
    let lab = Lab::new();
    for (count, rounds) in [(10, 5), (100, 5), (1000, 3)] {
        start(&lab, count, rounds);
    }
    latency(&lab);
}

fn median<T: Copy + PartialOrd>(values: &mut [T]) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap());
    values[values.len() / 2]
}

/// From the supervisor's start to the first instruction of the last service, and the memory then.
fn start(lab: &Lab, count: usize, rounds: usize) {
    println!(
        "\n{count} services\n{:<16} {:>10} {:>10} {:>16}",
        "", "all up ms", "PSS kB", "cgroup kB each"
    );
    let mut rows = vec![(vec![], vec![], vec![]); lab.suites.len()];
    for _ in 0..rounds {
        let floor = lab.floor(count);
        for (suite, row) in lab.suites.iter().zip(&mut rows) {
            lab.services(count, "#!/bin/sh\necho\nexec sleep 9999\n");
            let begun = Instant::now();
            let mut supervisor = Supervisor::start(lab, suite);
            let mut seen = vec![0; count];
            supervisor.output.read_exact(&mut seen).unwrap();
            row.0.push(begun.elapsed().as_secs_f64() * 1e3);
            std::thread::sleep(Duration::from_millis(300));
            row.1.push(supervisor.pss() as f64);
            if let (Some(used), Some(floor)) = (supervisor.group_kilobytes(), floor) {
                row.2.push((used - floor) / count as f64);
            }
            supervisor.stop();
        }
    }
    for (suite, row) in lab.suites.iter().zip(&mut rows) {
        let group =
            if row.2.is_empty() { "-".into() } else { format!("{:.1}", median(&mut row.2)) };
        let (up, pss) = (median(&mut row.0), median(&mut row.1));
        println!("{:<16} {up:>10.1} {pss:>10.0} {group:>16}", suite.name);
    }
}

/// From a letter's way into the control fifo to the signal's arrival.
fn latency(lab: &Lab) {
    const SAMPLES: usize = 500;
    println!("\ncommand through the control fifo\n{:<16} {:>10} {:>10}", "", "median µs", "p90 µs");
    for suite in &lab.suites {
        let own = std::env::current_exe().unwrap();
        lab.services(1, &format!("#!/bin/sh\nexec {} {ECHO}\n", own.display()));
        let mut supervisor = Supervisor::start(lab, suite);
        let mut byte = [0];
        supervisor.output.read_exact(&mut byte).unwrap();
        let mut fifo = std::fs::OpenOptions::new();
        let control = lab.scan().join("s0/supervise/control");
        let mut fifo = fifo.write(true).open(control).unwrap();
        let mut times: Vec<f64> = Vec::new();
        for _ in 0..SAMPLES {
            let begun = Instant::now();
            fifo.write_all(b"1").unwrap();
            supervisor.output.read_exact(&mut byte).unwrap();
            times.push(begun.elapsed().as_secs_f64() * 1e6);
        }
        let middle = median(&mut times);
        println!("{:<16} {middle:>10.1} {:>10.1}", suite.name, times[SAMPLES * 9 / 10]);
        drop(fifo);
        supervisor.stop();
    }
}

/// A service that answers SIGUSR1 with a byte.
fn echo() {
    use nix::sys::signal::{SigSet, Signal};
    let mut set = SigSet::empty();
    set.add(Signal::SIGUSR1);
    set.thread_block().unwrap();
    loop {
        std::io::stdout().write_all(b"x").and_then(|()| std::io::stdout().flush()).unwrap();
        set.wait().unwrap();
    }
}

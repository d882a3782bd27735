//! Budgets on what does not drift with the machine: processes, execs and system calls, counted by
//! strace, page faults, counted by the kernel, instructions, counted by valgrind, and bytes. Times are
//! the benchmark's (`benches/report`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod boots;
mod chains;
mod size;

use std::path::Path;
use std::process::Command;
use tests::harness::run;

fn main() {
    run(&[
        ("an empty chain", chains::empty_chain),
        ("forty-five built-in words", chains::built_in_words),
        ("what a hop asks the kernel", chains::hops),
        ("a script that is exec'd by its first line", chains::first_line),
        ("a program that is replaced within a chain", chains::replaced),
        ("the page faults of a start", chains::page_faults),
        ("a block is one process", chains::blocks),
        ("a loop of foreign programs", chains::foreign_loop),
        ("a loop of built-in words", chains::built_in_loop),
        ("an empty boot", boots::empty_boot),
        ("the page faults of a boot", boots::boot_faults),
        ("disks are synced where that is asked for", boots::synced_disks),
        ("a service's definition, read and compiled", boots::definitions),
        ("the instructions of a start", size::instructions),
        ("the instructions of a definition", size::compile_instructions),
        ("the bytes of the program", size::bytes),
        ("the processes of a boot with services", boots::services_boot),
    ]);
}

/// The lines that strace wrote, of all processes, or why it can't trace here.
fn trace(dir: &Path, command: &mut Command) -> Result<Vec<String>, String> {
    let log = dir.join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-s", "200", "-e", "signal=none", "-o"]).arg(&log);
    for (name, value) in command.get_envs() {
        let mut pair = name.to_owned();
        pair.push("=");
        pair.push(value.unwrap_or_default());
        strace.arg("-E").arg(pair);
    }
    strace.arg("--").arg(command.get_program()).args(command.get_args());
    let out = strace.output().map_err(|e| format!("strace: {e}"))?;
    let text = std::fs::read_to_string(&log).map_err(|e| format!("strace's log: {e}"))?;
    assert!(out.status.success(), "{}{text}", String::from_utf8_lossy(&out.stderr));
    Ok(text.lines().map(str::to_owned).collect())
}

/// The page faults that needed no disk, of the children that are run and waited for, and theirs: the fewest
/// of many times, because where the stack begins is chance, and with it whether a page more is touched.
fn least_faults(mut run: impl FnMut()) -> i64 {
    use nix::sys::resource::{UsageWho, getrusage};
    let faults = || getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().minor_page_faults();
    let once = |_| {
        let before = faults();
        run();
        faults() - before
    };
    (0..20).map(once).min().unwrap()
}

/// The name of the system call in a line of strace's, if one begins there.
fn call(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(' ')?;
    let (name, _) = rest.trim_start().split_once('(')?;
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_').then_some(name)
}

/// The end of an exec that came to pass; its line may be the second half of a call that strace
/// had to tear in two.
fn is_exec(line: &str) -> bool {
    line.contains("execve") && line.ends_with("= 0")
}

fn is_fork(line: &str) -> bool {
    matches!(call(line), Some("fork" | "vfork" | "clone" | "clone3"))
}

/// Whether a child shares its parent's memory. Only this architecture has a way for it to end so.
fn shares(fork: &str) -> bool {
    fork.contains("CLONE_VM") || !cfg!(target_arch = "x86_64")
}

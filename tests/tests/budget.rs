//! Budgets on what does not drift with the machine: processes, execs and system calls, counted by
//! strace.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;
use tests::harness::{Outcome, run};
use tests::scratch::Scratch;

fn main() {
    run(&[
        ("an empty chain", empty_chain),
        ("twenty built-in words", built_in_words),
        ("an empty boot", empty_boot),
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

/// Links for all names of the binary, as an installation has them.
fn links(dir: &Path) -> PathBuf {
    let binary = tests::build::fused().expect("the binary under test");
    let bin = dir.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    for name in tests::build::commands(binary).unwrap() {
        std::os::unix::fs::symlink(binary, bin.join(name)).unwrap();
    }
    bin
}

fn chain(dir: &Path, script: &str) -> Result<Vec<String>, String> {
    let bin = links(dir);
    let file = dir.join("script");
    std::fs::write(&file, script).unwrap();
    let mut command = Command::new(bin.join("execlineb"));
    trace(dir, command.arg("-P").arg(&file).env("PATH", &bin))
}

fn empty_chain() -> Outcome {
    let dir = Scratch::new("budget-empty");
    let lines = match chain(&dir.0, "/bin/true\n") {
        Ok(lines) => lines,
        Err(why) => return Outcome::Skipped(why),
    };
    let last = lines.iter().rposition(|l| is_exec(l)).unwrap();
    let first = lines.iter().position(|l| is_exec(l)).unwrap();
    let calls = last - first - 1;
    // glibc's own start is 12 calls, of which musl makes 2; they are not ours to save.
    let budget = if lines.iter().any(|l| call(l) == Some("rseq")) { 22 } else { 12 };
    assert!(calls <= budget, "{calls} calls before the exec:\n{}", lines.join("\n"));
    Outcome::Passed
}

fn built_in_words() -> Outcome {
    let dir = Scratch::new("budget-words");
    let words = "export A one\nimportas -u b A\ncd /\numask 022\n".repeat(5);
    let lines = match chain(&dir.0, &format!("{words}/bin/true\n")) {
        Ok(lines) => lines,
        Err(why) => return Outcome::Skipped(why),
    };
    assert_eq!(lines.iter().filter(|l| is_exec(l)).count(), 2, "{}", lines.join("\n"));
    assert_eq!(lines.iter().filter(|l| is_fork(l)).count(), 0, "{}", lines.join("\n"));
    Outcome::Passed
}

fn empty_boot() -> Outcome {
    if !nix::unistd::geteuid().is_root() {
        return Outcome::Skipped("only root can make the root directory of a container".into());
    }
    if !Path::new("/bin/busybox").exists() {
        return Outcome::Skipped("needs Debian's busybox-static".into());
    }
    let dir = Scratch::new("budget-boot");
    let root = dir.0.join("root");
    let binary = tests::build::fused().expect("the binary under test");
    for part in ["run", "proc", "bin", "etc", "tmp", "dev"] {
        std::fs::create_dir_all(root.join(part)).unwrap();
    }
    let installed = Command::new(binary).args(["install", "--root"]).arg(&root).status().unwrap();
    assert!(installed.success());
    std::fs::copy("/bin/busybox", root.join("bin/true")).unwrap();
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--mount", "--mount-proc", "chroot"]).arg(&root);
    command.args(["/init", "true"]);
    let lines = match trace(&dir.0, &mut command) {
        Ok(lines) => lines,
        Err(why) => return Outcome::Skipped(why),
    };
    let start = lines.iter().position(|l| l.contains("execve(\"/init\""));
    let start = start.expect("the exec of /init");
    let boot = &lines[start..];
    assert_eq!(boot.iter().filter(|l| is_exec(l)).count(), 2, "{}", boot.join("\n"));
    assert_eq!(boot.iter().filter(|l| is_fork(l)).count(), 1, "{}", boot.join("\n"));
    Outcome::Passed
}

//! tini and dumb-init with a terminal, ours and Debian's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tests::build::fused;
use tests::harness::{Outcome, run};
use tests::scratch::Scratch;

fn main() {
    run(&[
        ("the program is in the terminal's foreground", foreground),
        ("the terminal's keys reach the program", interrupted),
        ("dumb-init's command has the terminal in a session of its own", session),
    ]);
}

/// Runs a command line on a terminal of its own; its exit code and what it has printed.
fn on_terminal(line: &str) -> Option<(Option<i32>, String)> {
    let mut script = Command::new("script");
    script.args(["-qec", line, "/dev/null"]).env("SHELL", "/bin/sh").stdin(Stdio::null());
    let out = script.output().ok()?;
    Some((out.status.code(), String::from_utf8_lossy(&out.stdout).replace('\r', "")))
}

/// Ours under this name, and the original where there is one.
fn both(scratch: &Scratch, name: &str) -> Vec<PathBuf> {
    let own = scratch.0.join(name);
    if !own.exists() {
        std::os::unix::fs::symlink(fused().expect("the binary"), &own).unwrap();
    }
    let original = Path::new("/usr/bin").join(name);
    [own, original].into_iter().filter(|path| path.exists()).collect()
}

/// Each of these with this script has to print this and to end with this code.
fn expect(names: &[&str], script: &str, code: i32, printed: &str) -> Outcome {
    let scratch = Scratch::new("terminal");
    let file = scratch.0.join("script");
    std::fs::write(&file, script).unwrap();
    for name in names {
        for program in both(&scratch, name) {
            let option = if *name == "tini" { "-s" } else { "-v" };
            let quiet = if *name == "tini" { "" } else { " 2>/dev/null" };
            let line =
                format!("exec {} {option} -- sh {}{quiet}", program.display(), file.display());
            let Some(got) = on_terminal(&line) else {
                return Outcome::Skipped("there is no script(1)".into());
            };
            assert_eq!(got, (Some(code), printed.to_owned()), "{line}");
        }
    }
    Outcome::Passed
}

fn foreground() -> Outcome {
    let script = "read -r _ _ _ _ group session tty front _ </proc/$$/stat
        test $group = $front && echo in front; exit 3";
    expect(&["tini", "dumb-init"], script, 3, "in front\n")
}

/// ^C is what the terminal makes SIGINT of, for its foreground group.
fn interrupted() -> Outcome {
    let script = "trap 'echo interrupted; exit 4' INT
        kill -s INT 0
        while :; do sleep 0.01; done";
    expect(&["tini", "dumb-init"], script, 4, "interrupted\n")
}

fn session() -> Outcome {
    let script = "read -r _ _ _ _ _ session tty _ </proc/$$/stat
        test $session = $$ && test $tty != 0 && echo own; exit 5";
    expect(&["dumb-init"], script, 5, "own\n")
}

//! `chainit trace` and `CHAINIT_TRACE`, on the build with chains in one process and on the one
//! with an exec between all words: the trace must be the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod json;
mod lab;
mod objects;

use lab::Lab;
use std::process::Stdio;
use tests::harness::{Outcome, run};

fn main() {
    run(&[
        ("words, variables and programs", words),
        ("blocks are indented, and their ends told", blocks),
        ("a process beside the rest", beside),
        ("an emptied environment", emptied),
        ("a word that fails", fails),
        ("a program that is not there", not_found),
        ("JSON has everything", objects::lines),
        ("JSON of other bytes", objects::bytes),
        ("the script runs as it does without", same),
        ("the variable is handed on to other programs", through_programs),
        ("a standard descriptor is copied", standard_error),
        ("a closed descriptor ends it", closed),
        ("a reader that is gone", no_reader),
        ("a descriptor that was never open", never_open),
        ("a value that is none", no_value),
        ("a change of user", change_of_user),
        ("many writers", objects::many_writers),
    ]);
}

fn check(name: &str, script: &str, code: i32, expected: &[&str]) -> Outcome {
    for lab in Lab::both(name) {
        let out = lab.traced("text", script);
        assert_eq!(out.status.code(), Some(code), "{}", String::from_utf8_lossy(&out.stderr));
        assert_eq!(lab.lines(), expected, "{}", lab.read("trace"));
    }
    Outcome::Passed
}

fn words() -> Outcome {
    let script = "export A \"one two\"\nimportas -u b A\nunexport C cd / umask 022 \
                  sh -c \"exit 3\" $b \"\"";
    check(
        "trace-words",
        script,
        3,
        &[
            "A execlineb -P script",
            "A export A \"one two\"",
            "A +A=\"one two\"",
            "A importas -u b A",
            "A -A",
            "A unexport C",
            "A cd /",
            "A umask 022",
            "A -> /usr/bin/sh -c \"exit 3\" \"one two\" \"\"",
        ],
    )
}

fn blocks() -> Outcome {
    let script = "if { foreground { s6-echo a } s6-true }\n\
                  foreground { sh -c \"kill -KILL $$\" } exit 4";
    check(
        "trace-blocks",
        script,
        4,
        &[
            "A execlineb -P script",
            "A if { foreground { s6-echo a } s6-true }",
            "B   foreground { s6-echo a }",
            "C     s6-echo a",
            "C     = 0",
            "B   C = 0",
            "B   +?=0",
            "B   s6-true",
            "B   = 0",
            "A B = 0",
            "A foreground { sh -c \"kill -KILL $$\" }",
            "D   -> /usr/bin/sh -c \"kill -KILL $$\"",
            "A D = SIGKILL",
            "A +?=265",
            "A exit 4",
            "A = 4",
        ],
    )
}

fn beside() -> Outcome {
    for lab in Lab::both("trace-beside") {
        let out = lab.traced("text", "background { exit 3 } wait { } s6-true");
        assert!(out.status.success());
        let lines = lab.lines();
        let of = |who: &str| -> Vec<&str> {
            lines.iter().filter(|line| line.starts_with(who)).map(String::as_str).collect()
        };
        let a = [
            "A execlineb -P script",
            "A background { exit 3 }",
            "A +!=B",
            "A wait \"\"",
            "A B = 3",
            "A s6-true",
            "A = 0",
        ];
        assert_eq!(of("A "), a);
        assert_eq!(of("B "), ["B   exit 3", "B   = 3"]);
    }
    Outcome::Passed
}

fn emptied() -> Outcome {
    for lab in Lab::both("trace-emptied") {
        let bin = lab.bin.display().to_string();
        let script = format!(
            "emptyenv {bin}/foreground {{ {bin}/cd / {bin}/s6-echo a }}\n\
             {bin}/foreground {{ /usr/bin/env }} {bin}/unexport ? {bin}/exec /usr/bin/env"
        );
        let out = lab.traced("text", &script);
        // What is traced does not see it.
        assert_eq!(String::from_utf8_lossy(&out.stdout), "a\n?=0\n", "{}", lab.read("trace"));
        let lines = lab.lines();
        let expected = [
            "A execlineb -P script",
            "A emptyenv",
            "A -PATH",
            "A BIN/foreground { BIN/cd / BIN/s6-echo ",
            "B   BIN/cd /",
            "B   BIN/s6-echo a",
            "B   = 0",
            "A B = 0",
            "A +?=0",
            "A BIN/foreground { /usr/bin/env }",
        ];
        for (line, start) in lines.iter().zip(expected) {
            assert!(line.starts_with(start), "{start}: {line}");
        }
        assert_eq!(lines.last().unwrap(), "A -> /usr/bin/env");
    }
    Outcome::Passed
}

fn fails() -> Outcome {
    check(
        "trace-fails",
        "ifelse { cd /no/such } { s6-true } cd /no/such/place s6-true",
        111,
        &[
            "A execlineb -P script",
            "A ifelse { cd /no/such } { s6-true }",
            "B   cd /no/such",
            "B   = 100",
            "A B = 100",
            "A cd /no/such/place",
            "A = 111",
        ],
    )
}

fn not_found() -> Outcome {
    check(
        "trace-not-found",
        "foreground { no-such-program } foreground { ./script } ./nowhere x",
        127,
        &[
            "A execlineb -P script",
            "A foreground { no-such-program }",
            "A can't run no-such-program: No such file or directory",
            "A +?=127",
            "A foreground { ./script }",
            "A can't run ./script: Permission denied",
            "A +?=126",
            "A can't run ./nowhere: No such file or directory",
            "A = 127",
        ][..],
    )
}

/// A script that shows what it has: descriptors, variables, its own and its children's codes.
const NOSY: &str = "
    foreground { sh -c \"ls -l /proc/self/fd | sed -n 's/.* \\\\([0-9]*\\\\) -> .*/\\\\1/p'\" }
    importas -i e ?
    foreground { s6-echo $e }
    backtick -E x { env }
    foreground { s6-echo $x }
    pipeline { s6-echo piped } foreground { cat }
    foreground { sh -c \"kill -USR1 $$\" }
    importas -i k ?
    foreground { s6-echo $k }
    exit 7";

fn same() -> Outcome {
    for lab in Lab::both("trace-same") {
        let plain = lab.plain(NOSY);
        for format in ["text", "json"] {
            let traced = lab.traced(format, NOSY);
            assert_eq!(traced.status, plain.status);
            assert_eq!(traced.stderr, plain.stderr);
            let without = |out: &[u8]| -> String {
                let text = String::from_utf8(out.to_vec()).unwrap();
                let kept = text.lines().filter(|line| {
                    let high = line
                        .parse::<u32>()
                        .is_ok_and(|fd| (10..=1000).contains(&fd) && fd != 138 && fd != 266);
                    !high && !line.starts_with("CHAINIT_TRACE=")
                });
                kept.map(|line| format!("{line}\n")).collect()
            };
            let (traced, plain) = (without(&traced.stdout), without(&plain.stdout));
            assert_eq!(traced, plain);
            assert!(plain.contains("piped") && plain.contains("266"), "{plain}");
        }
    }
    Outcome::Passed
}

fn through_programs() -> Outcome {
    for lab in Lab::both("trace-through") {
        let inner = format!("#!{}/execlineb -P\nexport B 1 exit 2", lab.bin.display());
        let path = lab.write("inner", inner.as_bytes());
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let out = lab.traced("text", "foreground { sh -c \"./inner; ./inner\" } s6-true");
        assert!(out.status.success());
        let expected = [
            "A execlineb -P script",
            "A foreground { sh -c \"./inner; ./inner\" }",
            "B   -> /usr/bin/sh -c \"./inner; ./inner\"",
            "C   BIN/execlineb -P ./inner",
            "C   export B 1",
            "C   +B=1",
            "C   exit 2",
            "C   = 2",
            "D   BIN/execlineb -P ./inner",
            "D   export B 1",
            "D   +B=1",
            "D   exit 2",
            "D   = 2",
            "A B = 2",
            "A +?=2",
            "A s6-true",
            "A = 0",
        ];
        let lines = lab.lines();
        // A shell may become its last command.
        let lines: Vec<String> =
            lines.iter().map(|line| line.replace("B   export", "D   export")).collect();
        assert_eq!(lines, expected);
    }
    Outcome::Passed
}

fn standard_error() -> Outcome {
    for lab in Lab::both("trace-stderr") {
        lab.write(
            "script",
            b"redirfd -w 2 log foreground { sh -c \"echo lost >&2\" } cd /no/such s6-true",
        );
        let mut command = lab.command("execlineb");
        let out = command.args(["-P", "script"]).env("CHAINIT_TRACE", "2").output().unwrap();
        assert_eq!(out.status.code(), Some(111));
        let lines = lab::normal(&String::from_utf8(out.stderr).unwrap(), &lab.bin);
        assert_eq!(lines.first().unwrap(), "A BIN/execlineb -P script");
        assert_eq!(lines.last().unwrap(), "A = 111");
        let log = lab.read("log");
        assert!(log.starts_with("lost\ncd: fatal: unable to chdir"), "{log}");
        assert!(!log.contains(" = "), "{log}");
    }
    Outcome::Passed
}

/// A command with a descriptor 9 that is the file `trace`.
fn with_nine(lab: &Lab, script: &str, value: &str) -> std::process::Command {
    lab.write("script", script.as_bytes());
    let mut shell = std::process::Command::new("sh");
    shell.arg("-c").arg("exec 9>>trace; exec execlineb -P script").current_dir(&lab.dir.0);
    let path = format!("{}:/usr/bin:/bin", lab.bin.display());
    shell.env_clear().env("PATH", path).env("CHAINIT_TRACE", value);
    shell
}

fn closed() -> Outcome {
    for lab in Lab::both("trace-closed") {
        // Another file under the same number is not the trace's.
        let script = "foreground { fdclose 9 s6-echo a }\nfdclose 9 redirfd -w 9 other \
                      foreground { s6-echo b } s6-echo c";
        let out = with_nine(&lab, script, "9:text").output().unwrap();
        assert!(out.status.success());
        assert_eq!(String::from_utf8_lossy(&out.stdout), "a\nb\nc\n");
        assert_eq!(out.stderr, b"");
        assert_eq!(lab.read("other"), "");
        let expected = [
            "A execlineb -P script",
            "A foreground { fdclose 9 s6-echo a }",
            "B   fdclose 9",
            "A B = 0",
            "A +?=0",
            "A fdclose 9",
        ];
        assert_eq!(lab.lines(), expected);
    }
    Outcome::Passed
}

fn no_reader() -> Outcome {
    for lab in Lab::both("trace-no-reader") {
        let script = "foreground { sh -c \"echo a\" } s6-echo b";
        lab.write("script", script.as_bytes());
        let (read, write) = std::io::pipe().unwrap();
        drop(read);
        let mut command = lab.command("execlineb");
        command.args(["-P", "script"]).env("CHAINIT_TRACE", "2").stderr(write);
        let out = command.stdout(Stdio::piped()).output().unwrap();
        assert!(out.status.success(), "{:?}", out.status);
        assert_eq!(String::from_utf8_lossy(&out.stdout), "a\nb\n");
    }
    Outcome::Passed
}

fn never_open() -> Outcome {
    says("trace-never-open", "77", "CHAINIT_TRACE=77 is not open")
}

fn no_value() -> Outcome {
    says("trace-no-value", "yes", "CHAINIT_TRACE=yes is no descriptor")
}

fn says(name: &str, value: &str, warning: &str) -> Outcome {
    for lab in Lab::both(name) {
        lab.write("script", b"s6-echo b");
        let mut command = lab.command("execlineb");
        let out = command.args(["-P", "script"]).env("CHAINIT_TRACE", value).output().unwrap();
        assert!(out.status.success());
        assert_eq!(out.stdout, b"b\n");
        let said = String::from_utf8(out.stderr).unwrap();
        assert!(said.contains(warning) && said.contains("help: "), "{said}");
    }
    Outcome::Passed
}

fn change_of_user() -> Outcome {
    if !nix::unistd::geteuid().is_root() {
        return Outcome::Skipped("only root can become somebody else".into());
    }
    check(
        "trace-user",
        "s6-applyuidgid -u 65534 -g 65534 -G \"\" exit 3",
        3,
        &[
            "A execlineb -P script",
            "A s6-applyuidgid -u 65534 -g 65534 -G \"\"",
            "A exit 3",
            "A = 3",
        ],
    )
}

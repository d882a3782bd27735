//! What a chain, its blocks and its loops cost.

use super::{call, is_exec, is_fork, least_faults, shares, trace};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::harness::Outcome;
use tests::scratch::Scratch;

fn installed(dir: &Path) -> PathBuf {
    let binary = tests::build::fused().expect("the binary under test");
    tests::build::links(binary, &dir.join("bin")).unwrap()
}

fn chain(dir: &Path, script: &str) -> Result<Vec<String>, String> {
    let bin = installed(dir);
    let file = dir.join("script");
    std::fs::write(&file, script).unwrap();
    let mut command = Command::new(bin.join("execlineb"));
    trace(dir, command.arg("-P").arg(&file).env("PATH", &bin))
}

pub fn empty_chain() -> Outcome {
    let dir = Scratch::new("budget-empty");
    let lines = match chain(&dir.0, "/bin/true\n") {
        Ok(lines) => lines,
        Err(why) => return Outcome::Skipped(why),
    };
    let last = lines.iter().rposition(|l| is_exec(l)).unwrap();
    let first = lines.iter().position(|l| is_exec(l)).unwrap();
    let calls = last - first - 1;
    // glibc's own start is 12 calls, of which musl makes 2; they are not ours to save.
    let budget = if lines.iter().any(|l| call(l) == Some("rseq")) { 21 } else { 7 };
    assert!(calls <= budget, "{calls} calls before the exec:\n{}", lines.join("\n"));
    Outcome::Passed
}

pub fn built_in_words() -> Outcome {
    let dir = Scratch::new("budget-words");
    let words = "export A one\nimportas -u b A\ncd /\numask 022\n\
                 fdreserve 2\npiperw 3 4\nfdblock -n 3\nheredoc -d 5 text\ntryexec { nowhere }\n"
        .repeat(5);
    let lines = match chain(&dir.0, &format!("{words}/bin/true\n")) {
        Ok(lines) => lines,
        Err(why) => return Outcome::Skipped(why),
    };
    assert_eq!(lines.iter().filter(|l| is_exec(l)).count(), 2, "{}", lines.join("\n"));
    assert_eq!(lines.iter().filter(|l| is_fork(l)).count(), 0, "{}", lines.join("\n"));
    Outcome::Passed
}

/// The first word finds out how links lead to the program. Those behind it ask one thing each, and
/// nothing where they have been met, unless the word before could have waited for somebody who changed
/// the program.
pub fn hops() -> Outcome {
    let dir = Scratch::new("budget-hops");
    let words = "export A one\nimportas -u b A\numask 022\ndefine c two\n".repeat(10);
    let lines = match chain(&dir.0, &format!("{words}foreground {{ exit 0 }}\nexit 0\n")) {
        Ok(lines) => lines,
        Err(why) => return Outcome::Skipped(why),
    };
    let asks = |what: &[&str]| {
        let asked = lines.iter().filter(|l| call(l).is_some_and(|c| what.contains(&c)));
        asked.filter(|l| l.contains("/bin/")).count()
    };
    let text = lines.join("\n");
    // Of execlineb, of the five words, of the block and of the last; and of the one behind the block.
    assert_eq!(asks(&["readlink", "readlinkat"]), 8, "{text}");
    assert_eq!(asks(&["stat", "newfstatat"]), 1, "{text}");
    Outcome::Passed
}

/// Which file this process runs is asked where something was waited for, and not before: neither by a chain
/// of a named file nor by a script that is exec'd by its first line.
pub fn first_line() -> Outcome {
    let words = "export A one\nimportas -u b A\ndefine c two\n";
    for (end, asked) in [("exit 0\n", 0), ("foreground { exit 0 }\nexit 0\n", 1)] {
        let dir = Scratch::new("budget-first-line");
        let bin = installed(&dir.0);
        let file = dir.0.join("script");
        std::fs::write(&file, format!("#!{}/execlineb -P\n{words}{end}", bin.display())).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
        let mut lines = match trace(&dir.0, Command::new(&file).env("PATH", &bin)) {
            Ok(lines) => lines,
            Err(why) => return Outcome::Skipped(why),
        };
        let text = lines.join("\n");
        // The start of a static glibc reads the link for reasons of its own.
        lines.retain(|l| l.contains("/proc/self/exe") && !l.contains("readlink"));
        assert_eq!(lines.len(), asked, "{text}");
    }
    Outcome::Passed
}

/// Behind a block, in the next one and in the next round a word is looked up as if nothing had been
/// known of it.
pub fn replaced() -> Outcome {
    for (script, lines) in [
        ("foreground { MOVE } define e f /bin/true", &["other: e f /bin/true"][..]),
        (
            "ifthenelse { MOVE } { define e f /bin/true } { } exit 0",
            &["other: e f /bin/true", "other: 0"],
        ),
        (
            "forx -E i { 1 2 } foreground { MOVE } define e $i /bin/true",
            &["other: e 1 /bin/true", "other:  /bin/mv "],
        ),
    ] {
        let dir = Scratch::new("budget-replaced");
        let program = dir.0.join("chainit");
        std::fs::copy(tests::build::fused().expect("the binary under test"), &program).unwrap();
        let bin = tests::build::links(&program, &dir.0.join("bin")).unwrap();
        let other = dir.0.join("other");
        std::fs::write(&other, "#!/bin/sh\necho \"other: $*\"\n").unwrap();
        std::fs::set_permissions(&other, Permissions::from_mode(0o755)).unwrap();
        let script =
            script.replace("MOVE", &format!("/bin/mv {} {}", other.display(), program.display()));
        let mut command = Command::new(bin.join("execlineb"));
        command.arg("-Pc").arg(format!("define a b export C d {script}")).env("PATH", &bin);
        let out = command.output().unwrap();
        let text = String::from_utf8_lossy(&out.stdout);
        let said: Vec<&str> = text.lines().collect();
        assert_eq!(said.len(), lines.len(), "{script}\n{out:?}");
        let is = said.iter().zip(lines).all(|(said, line)| said.starts_with(line));
        assert!(is, "{script}\n{out:?}");
    }
    Outcome::Passed
}

/// What a process costs before it does anything lies in the pages that it touches: of the shipped
/// program a chain's code and data stand together (`init/overlay/layout.ld`).
pub fn page_faults() -> Outcome {
    let dir = Scratch::new("budget-faults");
    // A file that was read ahead from the disk has marks in it at which the kernel maps no pages in
    // advance, and may have gone in part: one that was just written is all in memory.
    let binary = dir.0.join("chainit");
    std::fs::copy(tests::build::fused().expect("the binary under test"), &binary).unwrap();
    let bin = tests::build::links(&binary, &dir.0.join("bin")).unwrap();
    let file = dir.0.join("script");
    std::fs::write(&file, "define a b\nexit 0\n").unwrap();
    let least = least_faults(|| {
        let mut command = Command::new(bin.join("execlineb"));
        command.arg("-P").arg(&file).env_clear().env("PATH", &bin);
        assert!(command.status().unwrap().success());
    });
    // The first ones are those of the child that this process makes, before its exec.
    let ships = std::env::var_os("CHAINIT_BIN").is_some();
    let budget = if ships { 6 } else { 120 };
    assert!(least <= budget, "{least} page faults");
    Outcome::Passed
}

/// Blocks whose parent only waits share its memory, unless something in them must not.
pub fn blocks() -> Outcome {
    for (block, execs, shared) in [
        ("/bin/true", 1, true),
        ("exit 0", 0, true),
        ("export A b cd / exit 0", 0, true),
        ("importas -D x y Y eltest $y = x", 0, true),
        ("export A b /bin/true", 1, true),
        ("redirfd -w 1 /dev/null s6-echo text", 0, true),
        ("if { exit 0 } exit 0", 0, false),
        ("eltest text =~ t", 0, false),
        ("redirfd -w 1 /proc/self/oom_score_adj s6-echo 0", 0, false),
    ] {
        let dir = Scratch::new("budget-blocks");
        let script = format!("foreground {{ {block} }}\nexit 0\n");
        let lines = match chain(&dir.0, &script) {
            Ok(lines) => lines,
            Err(why) => return Outcome::Skipped(why),
        };
        let text = lines.join("\n");
        assert_eq!(lines.iter().filter(|l| is_exec(l)).count(), 1 + execs, "{block}\n{text}");
        let forks: Vec<&String> = lines.iter().filter(|l| is_fork(l)).collect();
        assert_eq!(forks.len(), 1 + usize::from(block.starts_with("if")), "{block}\n{text}");
        assert_eq!(shares(forks[0]), shared, "{block}\n{text}");
    }
    Outcome::Passed
}

/// Rounds of a loop that are few enough to read and many enough to tell from what comes once.
const ROUNDS: usize = 50;

fn rounds(name: &str, body: &str) -> Result<Vec<String>, String> {
    let dir = Scratch::new(name);
    let values = "x ".repeat(ROUNDS);
    chain(&dir.0, &format!("forx -E i {{ {values} }}\n{body}\n"))
}

pub fn foreign_loop() -> Outcome {
    let lines = match rounds("budget-foreign-loop", "/bin/true $i") {
        Ok(lines) => lines,
        Err(why) => return Outcome::Skipped(why),
    };
    let text = lines.join("\n");
    assert_eq!(lines.iter().filter(|l| is_exec(l)).count(), 1 + ROUNDS, "{text}");
    let forks: Vec<&String> = lines.iter().filter(|l| is_fork(l)).collect();
    assert_eq!(forks.len(), ROUNDS, "{text}");
    assert!(forks.iter().all(|l| shares(l)), "{text}");
    // A spawn and a wait, and what comes once.
    let (parent, _) = lines[0].split_once(' ').unwrap();
    let calls = lines.iter().filter(|l| l.starts_with(parent)).filter_map(|l| call(l)).count();
    assert!(calls < 2 * ROUNDS + 60, "{calls} calls:\n{text}");
    Outcome::Passed
}

pub fn built_in_loop() -> Outcome {
    let lines = match rounds("budget-built-in-loop", "export A $i\ncd /\nexit 0") {
        Ok(lines) => lines,
        Err(why) => return Outcome::Skipped(why),
    };
    let text = lines.join("\n");
    assert_eq!(lines.iter().filter(|l| is_exec(l)).count(), 1, "{text}");
    let forks: Vec<&String> = lines.iter().filter(|l| is_fork(l)).collect();
    assert_eq!(forks.len(), ROUNDS, "{text}");
    assert!(forks.iter().all(|l| shares(l)), "{text}");
    Outcome::Passed
}

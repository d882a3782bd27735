//! Budgets on what does not drift with the machine: processes, execs and system calls, counted by
//! strace, page faults, counted by the kernel, instructions, counted by valgrind, and bytes. Times are
//! the benchmark's (`benches/report`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::Path;
use std::process::Command;
use tests::harness::{Outcome, run};
use tests::scratch::Scratch;

fn main() {
    run(&[
        ("an empty chain", empty_chain),
        ("forty-five built-in words", built_in_words),
        ("what a hop asks the kernel", hops),
        ("a program that is replaced within a chain", replaced),
        ("the page faults of a start", page_faults),
        ("a block is one process", blocks),
        ("a loop of foreign programs", foreign_loop),
        ("a loop of built-in words", built_in_loop),
        ("an empty boot", empty_boot),
        ("disks are synced where that is asked for", synced_disks),
        ("a service's definition, read and compiled", definitions),
        ("the instructions of a start", instructions),
        ("the instructions of a definition", compile_instructions),
        ("the bytes of the program", bytes),
        ("the processes of a boot with services", services_boot),
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

fn chain(dir: &Path, script: &str) -> Result<Vec<String>, String> {
    let binary = tests::build::fused().expect("the binary under test");
    let bin = tests::build::links(binary, &dir.join("bin")).unwrap();
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
    let budget = if lines.iter().any(|l| call(l) == Some("rseq")) { 22 } else { 8 };
    assert!(calls <= budget, "{calls} calls before the exec:\n{}", lines.join("\n"));
    Outcome::Passed
}

fn built_in_words() -> Outcome {
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

/// The first word finds out how links lead to the program. Those behind it ask one thing each,
/// unless the word before could have waited for somebody who changed the program.
fn hops() -> Outcome {
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
    // Of execlineb, of the 41 words, of the block and of the last; and of the first one and the one
    // behind the block.
    assert_eq!(asks(&["readlink", "readlinkat"]), 44, "{text}");
    assert_eq!(asks(&["stat", "newfstatat"]), 2, "{text}");
    Outcome::Passed
}

/// A word behind a block is looked up as if nothing had been known of it.
fn replaced() -> Outcome {
    let dir = Scratch::new("budget-replaced");
    let program = dir.0.join("chainit");
    std::fs::copy(tests::build::fused().expect("the binary under test"), &program).unwrap();
    let bin = tests::build::links(&program, &dir.0.join("bin")).unwrap();
    let other = dir.0.join("other");
    std::fs::write(&other, "#!/bin/sh\necho \"other: $*\"\n").unwrap();
    std::fs::set_permissions(&other, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let script = format!(
        "define a b\nexport C d\nforeground {{ /bin/mv {} {} }}\ndefine e f /bin/true\n",
        other.display(),
        program.display()
    );
    let mut command = Command::new(bin.join("execlineb"));
    let out = command.arg("-Pc").arg(script).env("PATH", &bin).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "other: e f /bin/true\n", "{out:?}");
    Outcome::Passed
}

/// What a process costs before it does anything lies in the pages that it touches: of the shipped
/// program a chain's code and data stand together (`init/overlay/layout.ld`).
fn page_faults() -> Outcome {
    let dir = Scratch::new("budget-faults");
    let binary = tests::build::fused().expect("the binary under test");
    let bin = tests::build::links(binary, &dir.0.join("bin")).unwrap();
    let file = dir.0.join("script");
    std::fs::write(&file, "define a b\nexit 0\n").unwrap();
    // Where the stack begins is chance, and with it whether a page more of it is touched.
    let faults = (0..20).map(|_| {
        let mut command = Command::new(bin.join("execlineb"));
        command.arg("-P").arg(&file).env_clear().env("PATH", &bin);
        let before = children_faults();
        assert!(command.status().unwrap().success());
        children_faults() - before
    });
    let least = faults.min().unwrap();
    // The first ones are those of the child that this process makes, before its exec.
    let ships = std::env::var_os("CHAINIT_BIN").is_some();
    let budget = if ships { 6 } else { 120 };
    assert!(least <= budget, "{least} page faults");
    Outcome::Passed
}

fn children_faults() -> i64 {
    use nix::sys::resource::{UsageWho, getrusage};
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().minor_page_faults()
}

/// Blocks whose parent only waits share its memory, unless something in them must not.
fn blocks() -> Outcome {
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

/// Whether a child shares its parent's memory. Only this architecture has a way for it to end so.
fn shares(fork: &str) -> bool {
    fork.contains("CLONE_VM") || !cfg!(target_arch = "x86_64")
}

/// Rounds of a loop that are few enough to read and many enough to tell from what comes once.
const ROUNDS: usize = 50;

fn rounds(name: &str, body: &str) -> Result<Vec<String>, String> {
    let dir = Scratch::new(name);
    let values = "x ".repeat(ROUNDS);
    chain(&dir.0, &format!("forx -E i {{ {values} }}\n{body}\n"))
}

fn foreign_loop() -> Outcome {
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

fn built_in_loop() -> Outcome {
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

/// What valgrind counts in user space, of one process until its end.
fn counted(command: &mut Command) -> Result<u64, String> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--trace-children=no"]);
    valgrind.arg(command.get_program()).args(command.get_args());
    valgrind.env_clear().env("PATH", "/usr/bin:/bin");
    let out = valgrind.output().map_err(|e| format!("valgrind: {e}"))?;
    let said = String::from_utf8_lossy(&out.stderr);
    let line = said.lines().find_map(|l| l.split_once("Collected :"));
    let number = line.and_then(|(_, n)| n.trim().parse().ok());
    // Not every machine's programs can be run by every valgrind.
    number.ok_or_else(|| format!("valgrind counts nothing here: {}", out.status))
}

/// Of the start itself, with a script that is empty: its file read and parsed, nothing run.
fn instructions() -> Outcome {
    let dir = Scratch::new("budget-instructions");
    let binary = tests::build::fused().expect("the binary under test");
    let bin = tests::build::links(binary, &dir.0.join("bin")).unwrap();
    let script = dir.0.join("script");
    std::fs::write(&script, "").unwrap();
    let counted = match counted(Command::new(bin.join("execlineb")).arg("-P").arg(&script)) {
        Ok(counted) => counted,
        Err(why) => return Outcome::Skipped(why),
    };
    // The shipped program takes 4,300; a debug build on glibc 38,000.
    let ships = std::env::var_os("CHAINIT_BIN").is_some();
    let budget = if ships { 6_000 } else { 80_000 };
    assert!(counted <= budget, "{counted} instructions");
    Outcome::Passed
}

/// Of compiling definitions: what one more takes does not grow with their number.
fn compile_instructions() -> Outcome {
    let dir = Scratch::new("budget-compile-instructions");
    let binary = tests::build::fused().expect("the binary under test");
    let bin = tests::build::links(binary, &dir.0.join("bin")).unwrap();
    let count = |count: usize| {
        let sources = dir.0.join(format!("sources-{count}"));
        for i in 0..count {
            let service = sources.join(format!("service-{i}"));
            std::fs::create_dir_all(&service).unwrap();
            std::fs::write(service.join("type"), "longrun\n").unwrap();
            std::fs::write(service.join("run"), "#!/bin/sh\nexec sleep 1000\n").unwrap();
        }
        let mut compile = Command::new(bin.join("s6-rc-compile"));
        counted(compile.arg(dir.0.join(format!("compiled-{count}"))).arg(sources))
    };
    let (few, more, most) = match (count(20), count(60), count(180)) {
        (Ok(few), Ok(more), Ok(most)) => (few, more, most),
        (Err(why), ..) | (_, Err(why), _) | (.., Err(why)) => return Outcome::Skipped(why),
    };
    // The shipped program takes 30,000, a debug build 106,000.
    let ships = std::env::var_os("CHAINIT_BIN").is_some();
    let budget = if ships { 45_000 } else { 200_000 };
    let (early, late) = ((more - few) / 40, (most - more) / 120);
    assert!(early <= budget && late <= budget, "{early}, then {late} instructions for one");
    assert!(late <= early * 13 / 10, "{early}, then {late} instructions for one");
    Outcome::Passed
}

/// In the file, of the program that ships: what is not optimized or not stripped says nothing.
const PROGRAM_BUDGET: u64 = 2_000_000;

fn bytes() -> Outcome {
    let Some(binary) = std::env::var_os("CHAINIT_BIN") else {
        return Outcome::Skipped("not the shipped program (CHAINIT_BIN)".into());
    };
    let size = Path::new(&binary).metadata().unwrap().len();
    assert!(size <= PROGRAM_BUDGET, "{size} bytes: see ARCHITECTURE.md, Room in the file");
    Outcome::Passed
}

/// Services cost a process and an exec each, and nothing else is started for them.
fn services_boot() -> Outcome {
    const FEW: usize = 3;
    const MANY: usize = 13;
    let count = |services: usize| -> Result<(usize, usize), Outcome> {
        let dir = Scratch::new(&format!("budget-services-{services}"));
        let lines = boot(&dir.0, services)?;
        let execs = lines.iter().filter(|l| is_exec(l)).count();
        let forks = lines.iter().filter(|l| is_fork(l)).count();
        Ok((execs, forks))
    };
    let ((few_execs, few_forks), (many_execs, many_forks)) = match (count(FEW), count(MANY)) {
        (Ok(few), Ok(many)) => (few, many),
        (Err(why), _) | (_, Err(why)) => return why,
    };
    let more = MANY - FEW;
    assert_eq!((many_execs - few_execs, many_forks - few_forks), (more, more));
    // The CMD, /init, the stages' oneshots and the end's change.
    assert!(few_execs - FEW <= 10, "{few_execs} execs with {FEW} services");
    assert!(few_forks - FEW <= 10, "{few_forks} processes with {FEW} services");
    Outcome::Passed
}

/// The calls of PID 1 from its exec to the end of an empty container, with one variable.
const BOOT_BUDGET: usize = 195;

fn empty_boot() -> Outcome {
    let dir = Scratch::new("budget-boot");
    let boot = match boot(&dir.0, 0) {
        Ok(lines) => lines,
        Err(why) => return why,
    };
    let text = boot.join("\n");
    assert_eq!(boot.iter().filter(|l| is_exec(l)).count(), 2, "{text}");
    let forks: Vec<&String> = boot.iter().filter(|l| is_fork(l)).collect();
    assert_eq!(forks.len(), 1, "{text}");
    assert!(shares(forks[0]), "{text}");
    let (init, _) = boot[0].split_once(' ').unwrap();
    let calls = boot.iter().filter(|l| l.starts_with(init)).filter_map(|l| call(l)).count();
    // glibc's own start is 12 calls, and its allocator makes some more.
    let ships = std::env::var_os("CHAINIT_BIN").is_some();
    let budget = if ships { BOOT_BUDGET } else { BOOT_BUDGET + 25 };
    assert!(calls <= budget, "{calls} calls of PID 1:\n{text}");
    Outcome::Passed
}

/// What strace saw of a container with so many s6-rc longruns, from the exec of /init on.
fn boot(dir: &Path, services: usize) -> Result<Vec<String>, Outcome> {
    if !nix::unistd::geteuid().is_root() {
        let why = "only root can make the root directory of a container";
        return Err(Outcome::Skipped(why.into()));
    }
    if !Path::new("/bin/busybox").exists() {
        return Err(Outcome::Skipped("needs Debian's busybox-static".into()));
    }
    let root = dir.join("root");
    let binary = tests::build::fused().expect("the binary under test");
    for part in ["run", "proc", "bin", "etc", "tmp", "dev"] {
        std::fs::create_dir_all(root.join(part)).unwrap();
    }
    let installed = Command::new(binary).args(["install", "--root"]).arg(&root).status().unwrap();
    assert!(installed.success());
    for name in ["true", "tail"] {
        std::fs::copy("/bin/busybox", root.join("bin").join(name)).unwrap();
    }
    let overlay = root.join("etc/s6-overlay");
    for i in 0..services {
        let service = overlay.join(format!("s6-rc.d/s{i}"));
        std::fs::create_dir_all(&service).unwrap();
        std::fs::write(service.join("type"), "longrun\n").unwrap();
        // A program that waits, whatever it gets as an argument.
        std::fs::write(service.join("run"), "#!/bin/tail -f\n").unwrap();
        std::fs::write(overlay.join(format!("user-bundles.d/user/contents.d/s{i}")), "").unwrap();
    }
    // Each variable is a file of the container's.
    let mut command = Command::new("env");
    command.args(["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "unshare"]);
    command.args(["--pid", "--fork", "--mount", "--mount-proc", "chroot"]).arg(&root);
    command.args(["/init", "true"]);
    let lines = trace(dir, &mut command).map_err(Outcome::Skipped)?;
    let start = lines.iter().position(|l| l.contains("execve(\"/init\""));
    let start = start.expect("the exec of /init");
    Ok(lines[start..].to_vec())
}

fn synced_disks() -> Outcome {
    for (setting, wanted) in [("S6_SYNC_DISKS=0", 0), ("S6_SYNC_DISKS=1", 1)] {
        let dir = Scratch::new("budget-sync");
        let tree = dir.0.join("tree");
        std::fs::create_dir(&tree).unwrap();
        let binary = tests::build::fused().expect("the binary under test");
        let mut command = Command::new(binary);
        command.args(["run", "-e", setting]).arg(&tree).args(["--", "true"]);
        let lines = match trace(&dir.0, &mut command) {
            Ok(lines) => lines,
            Err(why) => return Outcome::Skipped(why),
        };
        let calls = lines.iter().filter(|l| call(l) == Some("sync")).count();
        assert_eq!(calls, wanted, "{setting}");
    }
    Outcome::Passed
}

/// What compiling so many definitions asks of files and directories.
fn compile(dir: &Path, count: usize) -> Result<usize, String> {
    let sources = dir.join(format!("sources-{count}"));
    for i in 0..count {
        let def = sources.join(format!("service-{i}"));
        std::fs::create_dir_all(def.join("dependencies.d")).unwrap();
        std::fs::write(def.join("type"), "longrun\n").unwrap();
        std::fs::write(def.join("run"), "#!/bin/sh\nexec sleep 1000\n").unwrap();
        if i > 0 {
            std::fs::write(def.join(format!("dependencies.d/service-{}", i - 1)), "").unwrap();
        }
    }
    let binary = tests::build::fused().expect("the binary under test");
    let mut command = Command::new(binary);
    command.args(["s6-rc-compile".into(), dir.join(format!("compiled-{count}")), sources]);
    let memory = ["mmap", "munmap", "mremap", "brk", "madvise", "futex"];
    let lines = trace(dir, &mut command)?;
    Ok(lines.iter().filter_map(|l| call(l)).filter(|name| !memory.contains(name)).count())
}

/// Reading one takes 4 calls for its directory, 4 for its dependencies and 3 for a file, writing it
/// 1 for the directory and 3 for a file; and that does not grow with their number, of which all are so
/// large that two work on them.
fn definitions() -> Outcome {
    let dir = Scratch::new("budget-definitions");
    let counts = [60, 100, 140].map(|count| compile(&dir.0, count));
    let [few, more, most] = match counts {
        [Ok(few), Ok(more), Ok(most)] => [few, more, most],
        [Err(why), ..] | [_, Err(why), _] | [.., Err(why)] => return Outcome::Skipped(why),
    };
    // Some for the lists of names, which are longer, and the database.
    assert!(more - few <= 40 * 18 + 8, "{few} calls for 60, {more} for 100");
    assert!(most - more <= 40 * 18 + 8, "{more} calls for 100, {most} for 140");
    Outcome::Passed
}

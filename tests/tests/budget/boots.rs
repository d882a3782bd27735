//! What a boot and its definitions cost.

use super::{call, is_exec, is_fork, least_faults, shares, trace};
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::harness::Outcome;
use tests::scratch::Scratch;

/// A longrun's calls of PID 1, from the scan that finds it to the container's end, and those of stage 2 and of
/// the change at the end.
const SERVICE_BUDGET: (usize, usize) = (74, 38);

/// Services cost a process and an exec each, and nothing else is started for them.
pub fn services_boot() -> Outcome {
    const FEW: usize = 3;
    const MANY: usize = 13;
    let count = |services: usize| -> Result<[usize; 4], Outcome> {
        let dir = Scratch::new(&format!("budget-services-{services}"));
        let lines = boot(&dir.0, services)?;
        let execs = lines.iter().filter(|l| is_exec(l)).count();
        let forks = lines.iter().filter(|l| is_fork(l)).count();
        let (init, _) = lines[0].split_once(' ').unwrap();
        // Clocks and memory are other calls in other builds.
        let aside = ["clock_gettime", "mmap", "munmap", "mremap", "brk", "madvise", "futex"];
        let counted = |l: &&String| call(l).is_some_and(|name| !aside.contains(&name));
        let pid = |l: &str| l.split_once(' ').map(|(pid, _)| pid.to_owned());
        let runs = lines.iter().filter(|l| l.contains("execve(\"./run\""));
        let services: Vec<_> = runs.map(|l| pid(l)).collect();
        let (own, others): (Vec<&String>, _) = lines
            .iter()
            .filter(counted)
            .filter(|l| !services.contains(&pid(l)))
            .partition(|l| l.starts_with(init));
        // A child's table of descriptors ends behind a few low numbers, however many PID 1 has.
        let ends = |l: &&String| call(l) == Some("close_range") && !l.starts_with(init);
        for line in lines.iter().filter(ends) {
            let first = line.split(['(', ',']).nth(1).and_then(|n| n.parse::<u32>().ok());
            assert!(first.is_some_and(|first| first < 40), "{line}");
        }
        Ok([execs, forks, own.len(), others.len()])
    };
    let (few, many) = match (count(FEW), count(MANY)) {
        (Ok(few), Ok(many)) => (few, many),
        (Err(why), _) | (_, Err(why)) => return why,
    };
    let ([few_execs, few_forks, ..], [many_execs, many_forks, ..]) = (few, many);
    let each = [2, 3].map(|i| (many[i] - few[i]).div_ceil(MANY - FEW));
    let within = each[0] <= SERVICE_BUDGET.0 && each[1] <= SERVICE_BUDGET.1;
    assert!(within, "{each:?} calls a service");
    let more = MANY - FEW;
    assert_eq!((many_execs - few_execs, many_forks - few_forks), (more, more));
    // The CMD, /init, the stages' oneshots and the end's change.
    assert!(few_execs - FEW <= 10, "{few_execs} execs with {FEW} services");
    assert!(few_forks - FEW <= 10, "{few_forks} processes with {FEW} services");
    Outcome::Passed
}

/// The calls of PID 1 from its exec to the end of an empty container, with one variable.
const BOOT_BUDGET: usize = 195;

pub fn empty_boot() -> Outcome {
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

/// The page faults of PID 1 from its exec to the end of an empty container: 14 to 21, as the file comes to
/// lie in memory; on a tmpfs, where that is no chance, there were 31.
const FAULTS: i64 = 26;

/// What a container runs from its start to its end stands together in the program that ships
/// (`init/overlay/layout.ld`): each window of code costs a fault, and what it maps is unmapped at the end.
pub fn boot_faults() -> Outcome {
    let dir = Scratch::new("budget-boot-faults");
    let root = match root(&dir.0, 0) {
        Ok(root) => root,
        Err(why) => return why,
    };
    let faults = |words: &[&str]| {
        least_faults(|| {
            let out = container(&root, words).output().unwrap();
            assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        })
    };
    let without = faults(&["/bin/true"]);
    let with = faults(&["/init", "/bin/true"]);
    let ships = std::env::var_os("CHAINIT_BIN").is_some();
    let budget = if ships { FAULTS } else { 400 };
    assert!(with - without <= budget, "{} page faults", with - without);
    Outcome::Passed
}

/// What strace saw of a container with so many s6-rc longruns, from the exec of /init on.
fn boot(dir: &Path, services: usize) -> Result<Vec<String>, Outcome> {
    let root = root(dir, services)?;
    let mut command = container(&root, &["/init", "true"]);
    let lines = trace(dir, &mut command).map_err(Outcome::Skipped)?;
    let start = lines.iter().position(|l| l.contains("execve(\"/init\""));
    let start = start.expect("the exec of /init");
    Ok(lines[start..].to_vec())
}

/// A container's root with so many s6-rc longruns.
fn root(dir: &Path, services: usize) -> Result<PathBuf, Outcome> {
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
    Ok(root)
}

fn container(root: &Path, words: &[&str]) -> Command {
    // Each variable is a file of the container's.
    let mut command = Command::new("env");
    command.args(["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "unshare"]);
    command.args(["--pid", "--fork", "--mount", "--mount-proc", "chroot"]).arg(root).args(words);
    command
}

pub fn synced_disks() -> Outcome {
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
pub fn definitions() -> Outcome {
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

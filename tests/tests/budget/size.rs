//! Instructions and bytes.

use std::path::Path;
use std::process::Command;
use tests::harness::Outcome;
use tests::scratch::Scratch;

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
pub fn instructions() -> Outcome {
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
pub fn compile_instructions() -> Outcome {
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

pub fn bytes() -> Outcome {
    let Some(binary) = std::env::var_os("CHAINIT_BIN") else {
        return Outcome::Skipped("not the shipped program (CHAINIT_BIN)".into());
    };
    let size = Path::new(&binary).metadata().unwrap().len();
    assert!(size <= PROGRAM_BUDGET, "{size} bytes: see ARCHITECTURE.md, Room in the file");
    Outcome::Passed
}

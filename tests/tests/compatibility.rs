//! The README's table of what an image for s6-overlay finds: each of its cases exists, and each
//! setting of s6-overlay's is in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs::read_to_string;
use std::path::Path;

const SETTINGS: [&str; 24] = [
    "PATH",
    "S6_KEEP_ENV",
    "S6_LOGGING",
    "S6_CATCHALL_USER",
    "S6_BEHAVIOUR_IF_STAGE2_FAILS",
    "S6_KILL_FINISH_MAXTIME",
    "S6_SERVICES_READYTIME",
    "S6_SERVICES_GRACETIME",
    "S6_KILL_GRACETIME",
    "S6_LOGGING_SCRIPT",
    "S6_CMD_ARG0",
    "S6_CMD_USE_TERMINAL",
    "S6_FIX_ATTRS_HIDDEN",
    "S6_CMD_WAIT_FOR_SERVICES",
    "S6_CMD_WAIT_FOR_SERVICES_MAXTIME",
    "S6_READ_ONLY_ROOT",
    "S6_SYNC_DISKS",
    "S6_STAGE2_HOOK",
    "S6_VERBOSITY",
    "S6_CMD_RECEIVE_SIGNALS",
    "S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES",
    "S6_WAIT_FOR_CLOSING_FD",
    "S6_RUNTIME_BUNDLEDIR",
    "S6_RUNTIME_PROFILE",
];

/// The table's rows: what, and the case.
fn rows() -> Vec<(String, String)> {
    let readme = read_to_string(tests::build::root().join("README.md")).unwrap();
    let section = readme.split("\n## ").find(|s| s.starts_with("What an image for")).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = rows.map(|row| row.split_once(" | ").unwrap());
    cells.skip(1).map(|(what, case)| (what.to_owned(), case.to_owned())).collect()
}

/// All Rust sources of a directory in one text, or one file.
fn sources(path: &Path) -> String {
    if path.is_file() {
        return read_to_string(path).unwrap();
    }
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| sources(&path)).collect()
}

#[test]
fn every_case_of_the_table_exists() {
    let root = tests::build::root();
    let tests = root.join("tests/tests");
    let (boot, docker) = (sources(&tests.join("boot/cases")), sources(&tests.join("docker")));
    let budget = sources(&tests.join("budget"));
    let rows = rows();
    assert!(rows.len() > 60, "{}", rows.len());
    for (what, case) in rows {
        let (place, name) = case.split_once(": ").unwrap_or_else(|| panic!("{what}: {case}"));
        let there = match place {
            "boot" => boot.contains(&format!("name: \"{name}\"")),
            "docker" => docker.contains(&format!("\"{name}\",")),
            "budget" => budget.contains(&format!("(\"{name}\",")),
            page => {
                let page = read_to_string(root.join("spec").join(page)).unwrap();
                page.lines().any(|line| line.strip_prefix("### ") == Some(name))
            }
        };
        assert!(there, "{what}: no case {case}");
    }
}

#[test]
fn every_setting_is_in_the_table() {
    let table: Vec<String> = rows().into_iter().map(|(what, _)| what).collect();
    for setting in SETTINGS {
        let quoted = format!("`{setting}`");
        assert!(table.iter().any(|what| what.contains(&quoted)), "{setting}");
    }
}

//! `chainit help` and `chainit man`: what a person reads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::PathBuf;
use std::process::{Command, Output};
use tests::build::fused;
use tests::harness::{Outcome, assert_order, run};
use tests::scratch::Scratch;

fn main() {
    run(&[
        ("help of a word has its synopsis, options and exit codes", word),
        ("help of a word fits the width", width),
        ("help of a topic, also by its man page's name", topic),
        ("help of chainit's own commands is theirs", verb),
        ("help alone lists the topics", alone),
        ("help of an unknown word guesses", unknown),
        ("a man page for each command and topic", pages),
        ("man pages are clean", lint),
        ("man pages go nowhere else", nowhere),
        ("a program without the manuals' file says so, and does what it can", missing),
    ]);
}

fn chainit(args: &[&str]) -> Output {
    let mut command = Command::new(fused().expect("the binary"));
    command.args(args).env("COLUMNS", "60").output().unwrap()
}

fn printed(args: &[&str]) -> String {
    let out = chainit(args);
    assert!(out.status.success() && out.stderr.is_empty(), "{args:?}: {out:?}");
    String::from_utf8(out.stdout).unwrap()
}

fn word() -> Outcome {
    let text = printed(&["help", "pipeline"]);
    assert_order(
        &text,
        &["pipeline - ", "  pipeline [ -d ] [ -r | -w ] {", "Options\n  -d ", "Exit codes\n  100 "],
    );
    assert!(!text.contains(['\x1b', '`']), "{text}");
    Outcome::Passed
}

fn width() -> Outcome {
    for name in ["s6-log", "importas", "execlineb"] {
        let text = printed(&["help", name]);
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    }
    Outcome::Passed
}

fn topic() -> Outcome {
    let text = printed(&["help", "blocks"]);
    assert_order(&text, &["Blocks - ", "EXECLINE_STRICT\n"]);
    assert_eq!(text, printed(&["help", "execline-blocks"]));
    Outcome::Passed
}

fn verb() -> Outcome {
    let text = printed(&["help", "run"]);
    assert_order(&text, &["Usage: chainit run [OPTIONS] <TREE>", "--rootfs <DIR>"]);
    assert_eq!(text, printed(&["run", "--help"]));
    Outcome::Passed
}

fn alone() -> Outcome {
    assert_order(&printed(&["help"]), &["Usage: chainit <COMMAND>", "Topics", "  blocks  "]);
    Outcome::Passed
}

fn unknown() -> Outcome {
    for (name, guess) in [("forground", "did you mean foreground?"), ("zzz", "chainit commands")] {
        let out = chainit(&["help", name]);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!((out.status.code(), out.stdout.is_empty()), (Some(100), true), "{said}");
        assert_order(&said, &["there is no manual of", name, "help: ", guess]);
    }
    Outcome::Passed
}

fn laid(scratch: &Scratch) -> PathBuf {
    let dir = scratch.0.join("deep/man");
    assert_eq!(printed(&["man", "--output", dir.to_str().unwrap()]), "");
    dir
}

fn pages() -> Outcome {
    let scratch = Scratch::new("man");
    let dir = laid(&scratch);
    for name in printed(&["commands"]).lines() {
        let at = |section: &str| dir.join(format!("man{section}/{name}.{section}"));
        assert!(at("1").is_file() || at("8").is_file(), "{name}");
    }
    let page = std::fs::read_to_string(dir.join("man1/pipeline.1")).unwrap();
    assert_order(&page, &[".SH NAME\npipeline \\- ", ".SH SYNOPSIS\n", "\n.SH EXIT STATUS\n"]);
    assert!(dir.join("man7/execline-blocks.7").is_file());
    Outcome::Passed
}

fn lint() -> Outcome {
    if Command::new("mandoc").arg("-h").output().is_err() {
        return Outcome::Skipped("no mandoc here".into());
    }
    let scratch = Scratch::new("lint");
    let dir = laid(&scratch);
    for section in ["man1", "man7", "man8"] {
        for page in std::fs::read_dir(dir.join(section)).unwrap() {
            let page = page.unwrap().path();
            let out =
                Command::new("mandoc").args(["-Tlint", "-Wwarning"]).arg(&page).output().unwrap();
            let found = String::from_utf8_lossy(&out.stdout).into_owned();
            assert!(out.status.success() && found.is_empty(), "{found}");
        }
    }
    Outcome::Passed
}

fn nowhere() -> Outcome {
    let scratch = Scratch::new("nowhere");
    let file = scratch.0.join("file");
    std::fs::write(&file, "").unwrap();
    let out = chainit(&["man", "--output", file.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(111), "{said}");
    assert!(said.contains(file.to_str().unwrap()), "{said}");
    assert_eq!(chainit(&["man"]).status.code(), Some(100));
    Outcome::Passed
}

/// The program that ships has its manuals in a file of the installation, which can be left out.
fn missing() -> Outcome {
    let scratch = Scratch::new("manual-missing");
    let alone = scratch.0.join("bin/chainit");
    std::fs::create_dir(scratch.0.join("bin")).unwrap();
    std::fs::copy(fused().expect("the binary"), &alone).unwrap();
    let chainit = |args: &[&str]| Command::new(&alone).args(args).output().unwrap();
    let place = scratch.0.join("share/chainit.manuals");
    let what = format!(
        "there are no manuals here: {} is missing\nhelp: s6-overlay-noarch.tar.xz has it\n",
        place.display()
    );
    let help = chainit(&["help", "cd"]);
    let text = String::from_utf8(help.stdout).unwrap();
    if !text.contains("no manuals here") {
        return Outcome::Skipped(
            "the program carries its manuals: CHAINIT_BIN names no other".into(),
        );
    }
    assert_eq!(text, format!("usage: cd path prog...\n\n{what}"));
    assert!(help.status.success() && help.stderr.is_empty());
    let pages = scratch.0.join("man");
    for args in [&["help", "nosuch"][..], &["man", "--output", pages.to_str().unwrap()]] {
        let out = chainit(args);
        assert_eq!(out.status.code(), Some(111), "{args:?}");
        assert_eq!(String::from_utf8(out.stderr).unwrap(), format!("chainit: fatal: {what}"));
    }
    assert!(!pages.exists());
    let script = scratch.0.join("script");
    std::fs::write(&script, "cd / true\n").unwrap();
    let out = chainit(&["explain", script.to_str().unwrap()]);
    assert!(out.status.success());
    assert!(String::from_utf8(out.stdout).unwrap().contains("path: /"));
    assert_eq!(String::from_utf8(out.stderr).unwrap(), format!("chainit: warning: {what}"));
    Outcome::Passed
}

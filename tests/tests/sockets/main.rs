//! Servers and clients of two makes: whatever one of ours says to a real s6's must be what two
//! real ones say to each other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[path = "../supervision/lab.rs"]
#[allow(dead_code)]
mod lab;

use lab::{Scratch, Tools, debian, ours};

/// After so many seconds a script is said to hang.
const HANGS: &str = "90";

/// Runs a script, in which `$S` and `$C` are the servers' and the clients' PATH: what it prints, or
/// how far it came before it hung.
fn try_run(name: &str, script: &str, server: &Tools, client: &Tools) -> Result<String, String> {
    let scratch = Scratch::new(name);
    let path = |tools: &Tools| format!("{}:/usr/bin:/bin", Path::display(&tools.0));
    // What hangs may leave processes behind that would keep a pipe open.
    let (printed, said) = (scratch.0.join("printed"), scratch.0.join("said"));
    let ended = Command::new("timeout")
        .args(["--kill-after=1", HANGS, "/bin/sh", "-c"])
        .arg(format!("exec 2>said\n{script}"))
        .env("S", path(server))
        .env("C", path(client))
        .current_dir(&scratch.0)
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&printed).unwrap())
        .status()
        .unwrap();
    let text = |file: &Path| {
        String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned()
    };
    match ended.code() {
        Some(124 | 137) => Err([text(&printed), text(&said)].concat()),
        _ => Ok(text(&printed)),
    }
}

/// The same for what must not hang. Debian's s6-svscan may: now and then it does not hear SIGTERM
/// on a busy machine, and its services go on. Then it is asked again.
fn run(name: &str, script: &str, server: &Tools, client: &Tools) -> String {
    let attempts = if debian().is_some_and(|theirs| theirs.0 == server.0) { 3 } else { 1 };
    let mut hung = String::new();
    for _ in 0..attempts {
        match try_run(name, script, server, client) {
            Ok(printed) => return printed,
            Err(so_far) => hung = so_far,
        }
    }
    panic!("{name} hangs, server, client: {:?}; {hung}", [&server.0, &client.0]);
}

fn same_in_all_pairs(name: &str, script: &str) {
    let (ours, Some(theirs)) = (ours(), debian()) else { return };
    let real = run(name, script, &theirs, &theirs);
    assert!(!real.is_empty(), "the script prints something");
    for (server, client) in [(&ours, &ours), (&ours, &theirs), (&theirs, &ours)] {
        let told: [&PathBuf; 2] = [&server.0, &client.0];
        assert_eq!(run(name, script, server, client), real, "server, client: {told:?}");
    }
}

#[test]
fn connections() {
    same_in_all_pairs("connections", include_str!("connections.sh"));
}

#[test]
fn held_descriptors() {
    same_in_all_pairs("held", include_str!("held.sh"));
}

#[test]
fn programs_for_others() {
    same_in_all_pairs("programs", include_str!("programs.sh"));
}

/// Not beside two real ones: a client that goes before it has been told that its program runs
/// leaves the program of a real server running.
#[test]
fn a_client_goes_whenever_it_likes() {
    let clients = [Some(ours()), debian()];
    for client in clients.iter().flatten() {
        let told = run("gone", include_str!("gone.sh"), &ours(), client);
        assert_eq!(told, format!("{}0\n", "term\n".repeat(8)), "client: {:?}", client.0);
    }
}

/// Every tool that asks a supervisor or tells it something.
#[test]
fn control_and_query() {
    same_in_all_pairs("control", include_str!("control.sh"));
}

#[test]
fn instances() {
    same_in_all_pairs("instances", include_str!("instances.sh"));
}

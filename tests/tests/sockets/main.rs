//! Servers and clients of two makes: whatever one of ours says to a real s6's must be what two
//! real ones say to each other. The real ones are Debian's, and those in the directory that
//! `CHAINIT_PEER` names: newer ones have programs that Debian's lack.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::{Command, Stdio};

#[path = "../supervision/lab.rs"]
#[allow(dead_code)]
mod lab;

use lab::{Scratch, Tools, debian, ours, soon};
use nix::sys::ptrace;

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

/// The same for what must not hang. A real s6-svscan may: now and then it does not hear SIGTERM
/// on a busy machine, and its services go on. Then it is asked again.
fn run(name: &str, script: &str, server: &Tools, client: &Tools) -> String {
    let attempts = if server.0 == ours().0 { 1 } else { 3 };
    let mut hung = String::new();
    for _ in 0..attempts {
        match try_run(name, script, server, client) {
            Ok(printed) => return printed,
            Err(so_far) => hung = so_far,
        }
    }
    panic!("{name} hangs, server, client: {:?}; {hung}", [&server.0, &client.0]);
}

fn real() -> Vec<Tools> {
    let given = std::env::var_os("CHAINIT_PEER").map(|dir| Tools(dir.into()));
    debian().into_iter().chain(given).collect()
}

fn same_in_all_pairs(name: &str, script: &str) {
    same_with_clients(name, script, "s6-svc");
}

/// Where a real s6 lacks the program that the script is about, ours is the client, and what ours
/// says to ours is the measure.
fn same_with_clients(name: &str, script: &str, about: &str) {
    let ours = ours();
    for theirs in real() {
        let has = theirs.0.join(about).exists();
        let measure = if has { &theirs } else { &ours };
        let measured = || run(name, script, measure, measure);
        let mut expected = measured();
        assert!(!expected.is_empty(), "the script prints something");
        for (server, client) in [(&ours, &ours), (&ours, &theirs), (&theirs, &ours)] {
            if !has && client.0 != ours.0 {
                continue;
            }
            let mut told = run(name, script, server, client);
            // Of events that come together a real client hears the last only, now and then.
            for _ in 0..2 {
                if told != expected {
                    expected = measured();
                }
                if told != expected && client.0 != ours.0 {
                    told = run(name, script, server, client);
                }
            }
            assert_eq!(told, expected, "server, client: {:?}", [&server.0, &client.0]);
        }
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
    for client in real().iter().chain([&ours()]) {
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

#[test]
fn readiness() {
    same_in_all_pairs("readiness", include_str!("readiness.sh"));
}

#[test]
fn user_trees() {
    same_in_all_pairs("usertree", include_str!("usertree.sh"));
}

#[test]
fn trees_that_log_themselves() {
    same_with_clients("svscanboot", include_str!("svscanboot.sh"), "s6-svscanboot");
}

#[test]
fn background_daemons() {
    same_with_clients("background", include_str!("background.sh"), "s6-background-watch");
}

/// A tracer hears of a daemon's death first, and until it has taken note nobody else can wait for it.
#[test]
fn background_daemon_that_is_traced() {
    let scratch = Scratch::new("traced");
    let mut watch = ours().command("s6-background-watch");
    watch.args(["pid", "sh", "-c", "sleep 1000 & echo $! >pid"]).current_dir(&scratch.0);
    let mut watch = watch.spawn().unwrap();
    soon("its pid is written", || scratch.text("pid").ends_with('\n'));
    let pid = nix::unistd::Pid::from_raw(scratch.text("pid").trim().parse().unwrap());
    ptrace::seize(pid, ptrace::Options::empty()).unwrap();
    nix::sys::signal::kill(pid, nix::sys::signal::SIGKILL).unwrap();
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    soon("it is dead", || state().contains(") Z "));
    // Time for a wrong conclusion.
    std::thread::sleep(std::time::Duration::from_millis(100));
    nix::sys::wait::waitpid(pid, None).unwrap();
    assert_eq!(watch.wait().unwrap().code(), Some(128 + 9));
}

#[test]
fn told_to_systemd() {
    same_with_clients("systemd", include_str!("systemd.sh"), "s6-notify-socket-from-fd");
}

/// The real program of 2.15.1 never hands on what it hears, so the client is always ours.
#[test]
fn told_as_to_systemd() {
    for server in real().iter().chain([&ours()]) {
        let told = run("notify", include_str!("notify.sh"), server, &ours());
        let expected = "true false\ntrue true\n[0]\ntrue true\ntrue false\n[0]\n";
        assert_eq!(told, expected, "server: {:?}", server.0);
    }
}

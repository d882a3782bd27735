//! Lines of services, where whoever reads the container's output is slow, or has stopped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use tests::build::fused;
use tests::harness::{Outcome, run};
use tests::scratch::Scratch;

fn main() {
    run(&[
        ("whoever reads slowly gets everything, and nobody is held up meanwhile", slowly),
        ("a reader that has stopped does not keep the container from ending", stopped),
    ]);
}

/// How many lines the service writes: more than all the pipes on the way hold.
const LINES: usize = 60_000;

const TALKER: &str = "#!/bin/sh
trap 'exit 0' TERM
echo begins >&2
seq 1 60000 | sed 's/$/ and some more of it/'
echo has written all of it >&2
while :; do sleep 0.01; done
";

/// A container with two outputs of its own.
fn container(scratch: &Scratch, services: &[(&str, &str)], cmd: &str) -> Child {
    for (name, script) in services {
        let dir = scratch.0.join("etc/services.d").join(name);
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("run"), script).unwrap();
        std::fs::set_permissions(dir.join("run"), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let mut chainit = Command::new(fused().expect("the binary"));
    chainit.args(["run", "-e", "CHAINIT_LOG_PREFIX=1", "-e", "S6_VERBOSITY=1"]);
    chainit.args(["-e", "S6_SERVICES_GRACETIME=600000", "-e", "S6_KILL_GRACETIME=600000"]);
    chainit.arg(&scratch.0).args(["--", "sh", "-c", cmd]).stdin(Stdio::null());
    chainit.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn is_impossible(said: &str) -> bool {
    ["namespace", "not permitted", "unshare"].iter().any(|word| said.contains(word))
}

fn slowly() -> Outcome {
    let scratch = Scratch::new("lines-slowly");
    let quick = "#!/bin/sh\necho is quick >&2\nexec sleep 600\n";
    // Only when nobody has read anything, and the talker stands still, another service begins.
    let cmd = "until test -e /run/talks; do sleep 0.01; done; s6-svc -u /run/service/quick
        until test -e /run/read; do sleep 0.01; done; exit 5";
    let talker = TALKER
        .replace("seq 1", "echo > /run/talks; seq 1")
        .replace("has written all of it >&2", "has written all of it >&2; echo > /run/read");
    let mut child = container(&scratch, &[("talker", &talker), ("quick", quick)], cmd);
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let (mut begun, mut is_quick) = (false, false);
    let mut all = String::new();
    while !(begun && is_quick) {
        let mut line = String::new();
        if said.read_line(&mut line).unwrap() == 0 {
            let _ = child.wait();
            assert!(is_impossible(&all), "{all}");
            return Outcome::Skipped(all);
        }
        begun |= line == "talker | begins\n";
        is_quick |= line == "quick | is quick\n";
        assert!(!line.contains("has written"), "it was not held back");
        all.push_str(&line);
    }
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5), "{all}");
    let expected = |n: usize| format!("talker | {n} and some more of it");
    let mut lines = text.lines();
    for n in 1..=LINES {
        assert_eq!(lines.next(), Some(&expected(n)[..]));
    }
    assert_eq!(lines.next(), None);
    Outcome::Passed
}

fn stopped() -> Outcome {
    let scratch = Scratch::new("lines-stopped");
    let talker = "#!/bin/sh\necho > /run/talks\nexec seq 1 1000000\n";
    let cmd = "until test -e /run/talks; do sleep 0.01; done; sleep 0.3; exit 7";
    let mut child = container(&scratch, &[("talker", talker)], cmd);
    // Its end is held, and never read.
    let held = child.stdout.take();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let code = child.wait().unwrap().code();
    drop(held);
    if code != Some(7) && is_impossible(&said) {
        return Outcome::Skipped(said);
    }
    assert_eq!(code, Some(7), "{said}");
    Outcome::Passed
}

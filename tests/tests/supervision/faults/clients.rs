//! Clients that die, that write too much, and that write nonsense.

use super::{LONG, signal, truly_up, well};
use crate::lab::{Scratch, ours, settled, within};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Stdio;
use tests::harness::Outcome;

fn open_fifo(path: &Path) -> std::fs::File {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path).unwrap()
}

fn nothing_to_read(fifo: &Path) -> bool {
    let mut options = std::fs::OpenOptions::new();
    let flags = nix::fcntl::OFlag::O_NONBLOCK.bits();
    let fifo = options.read(true).custom_flags(flags).open(fifo).unwrap();
    let mut fds = [PollFd::new(fifo.as_fd(), PollFlags::POLLIN)];
    poll(&mut fds, PollTimeout::ZERO).unwrap() == 0
}

/// SIGKILL to clients that wait for what they have asked for.
pub fn killed_clients() -> Outcome {
    let (s, ours) = (Scratch::new("clients"), ours());
    s.script("a/run", "trap '' TERM\nwhile :; do sleep 1; done");
    s.script("b/run", "exec sleep 99");
    let mut svscan = ours.svscan(&s);
    let a = s.service("a");
    within("up", LONG, || truly_up(&svscan, &a) && truly_up(&svscan, &s.service("b")));
    let descriptors = settled(&svscan);
    // A pipe is hidden until somebody reads it; a client killed before that leaves it so.
    let fifos = || {
        let names = std::fs::read_dir(a.join("event")).unwrap().map(|e| e.unwrap().file_name());
        names.filter(|name| !name.as_encoded_bytes().starts_with(b".")).count()
    };
    for _ in 0..10 {
        let mut client = ours.command("s6-svc");
        let mut client = client.args(["-wR", "-r"]).arg(&a).stderr(Stdio::null()).spawn().unwrap();
        within("it listens", LONG, || fifos() > 0);
        client.kill().unwrap();
        client.wait().unwrap();
    }
    assert_eq!(ours.ask("s6-svc", &["-wr", "-T", "60000", "-k"], &a), "[0]");
    within("what the dead have left is gone", LONG, || fifos() == 0);
    well(&s, &svscan, &["a", "b"], descriptors);
    ours.run("s6-svc", &["-dk"], &a);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// The control fifos run full while the supervisor can't read; whoever comes then waits, and is
/// heard.
pub fn full_fifo() -> Outcome {
    let (s, ours) = (Scratch::new("full"), ours());
    s.script("a/run", "exec sleep 99");
    s.script("b/run", "exec sleep 99");
    s.file("b/down", "");
    let mut svscan = ours.svscan(&s);
    within("up", LONG, || truly_up(&svscan, &s.service("a")));
    let descriptors = settled(&svscan);
    let pid = i64::from(svscan.child.id());
    assert!(signal("STOP", pid));
    let fill = |path: &str, bytes: &[u8]| {
        let mut fifo = open_fifo(&s.scan().join(path));
        while fifo.write(bytes).is_ok_and(|n| n > 0) {}
    };
    fill("a/supervise/control", &[b'c'; 4096]);
    fill("b/supervise/control", &[b'?'; 4096]);
    fill(".s6-svscan/control", &[b'z'; 4096]);
    let mut client =
        ours.command("s6-svc").args(["-wu", "-u"]).arg(s.service("b")).spawn().unwrap();
    let mut scan = ours.command("s6-svscanctl").arg("-a").arg(s.scan()).spawn().unwrap();
    s.script("c/run", "exec sleep 99");
    assert!(signal("CONT", pid));
    assert_eq!(client.wait().unwrap().code(), Some(0));
    assert_eq!(scan.wait().unwrap().code(), Some(0));
    // The third service has a directory, a lock and a fifo.
    well(&s, &svscan, &["a", "b", "c"], descriptors + 3);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// Every byte there is, in an order without sense, commands among them: afterwards the service
/// does what it is told.
pub fn garbage() -> Outcome {
    let (s, ours) = (Scratch::new("stream"), ours());
    s.script("a/run", "exec sleep 99");
    s.script("a/log/run", "exec cat");
    s.script("b/run", "exec sleep 99");
    let mut svscan = ours.svscan(&s);
    within("up", LONG, || truly_up(&svscan, &s.service("a")) && truly_up(&svscan, &s.service("b")));
    let descriptors = settled(&svscan);
    let mut seed = 1u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    })
    .take(20_000)
    .collect();
    let mut fifo = open_fifo(&s.service("a/supervise/control"));
    for piece in noise.chunks(500) {
        // The supervision that an `x` has ended begins again, with the same fifo.
        let _ = fifo.write(piece);
    }
    drop(fifo);
    let rest = s.service("a/supervise/control");
    within("all of it is read", LONG, || nothing_to_read(&rest));
    within("it is up again", LONG, || {
        ours.run("s6-svc", &["-Uc"], &s.service("a"));
        truly_up(&svscan, &s.service("a"))
            && ours.ask("s6-svstat", &["-o", "paused"], &s.service("a")) == "false\n[0]"
    });
    well(&s, &svscan, &["a", "a/log", "b"], descriptors);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

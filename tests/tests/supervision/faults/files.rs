//! Files that can't be written, or that somebody has cut short.

use super::{LONG, number, signal, truly_up, well};
use crate::lab::{Scratch, Tools, ours, settled, within};
use nix::mount::{MsFlags, mount, umount};
use std::path::{Path, PathBuf};
use tests::harness::Outcome;

/// A small file system, unmounted in the end.
pub struct Small(PathBuf);

impl Small {
    pub fn new(at: &Path, options: &str) -> Option<Small> {
        std::fs::create_dir_all(at).unwrap();
        mount(Some("none"), at, Some("tmpfs"), MsFlags::empty(), Some(options)).ok()?;
        Some(Small(at.to_owned()))
    }

    /// A directory, mounted over itself so that nothing can be written in it.
    pub fn read_only(dir: &Path) -> Option<Small> {
        let none = None::<&str>;
        mount(Some(dir), dir, none, MsFlags::MS_BIND, none).ok()?;
        let small = Small(dir.to_owned());
        let flags = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
        mount(none, dir, none, flags, none).unwrap();
        Some(small)
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = umount(&self.0);
    }
}

fn told(tools: &Tools, dir: &Path) -> String {
    tools.ask("s6-svstat", &["-o", "up,wantedup,ready"], dir)
}

/// The file system of the states is full; a second service finds no room to begin.
pub fn no_room() -> Outcome {
    let (s, ours) = (Scratch::new("room"), ours());
    let Some(_small) = Small::new(&s.scan(), "size=64k") else {
        return Outcome::Skipped("nothing can be mounted here".into());
    };
    s.script("a/run", "exec sleep 99");
    let mut svscan = ours.svscan(&s);
    let a = s.service("a");
    within("up", LONG, || truly_up(&svscan, &a));
    let descriptors = settled(&svscan);
    s.script("b/run", "exec sleep 99");
    let filler = s.scan().join(".filler");
    let _ = std::fs::write(&filler, vec![1; 1 << 20]);
    let pid = number(&ours, "pid", &a);
    assert!(signal("KILL", pid));
    within("another one", LONG, || truly_up(&svscan, &a) && number(&ours, "pid", &a) != pid);
    assert_eq!(ours.ask("s6-svc", &["-wD", "-T", "60000", "-d"], &a), "[0]");
    assert_eq!(told(&ours, &a), "false false false\n[0]");
    assert_eq!(ours.ask("s6-svc", &["-wu", "-T", "60000", "-u"], &a), "[0]");
    ours.run("s6-svscanctl", &["-a"], &s.scan());
    std::fs::remove_file(&filler).unwrap();
    well(&s, &svscan, &["a", "b"], descriptors + 3);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// The states become read-only while a service runs: it is supervised all the same, and its
/// state is told as soon as it can be written.
pub fn read_only() -> Outcome {
    let (s, ours) = (Scratch::new("readonly"), ours());
    s.script("a/run", "echo $$ >> ../../pids\nexec sleep 99");
    let mut svscan = ours.svscan(&s);
    let a = s.service("a");
    within("up", LONG, || truly_up(&svscan, &a));
    let descriptors = settled(&svscan);
    let Some(small) = Small::read_only(&a.join("supervise")) else {
        return Outcome::Skipped("nothing can be mounted here".into());
    };
    assert!(signal("KILL", number(&ours, "pid", &a)));
    within("another one", LONG, || s.text("pids").lines().count() == 2);
    within("it is named", LONG, || s.text("stderr").contains("Read-only file system"));
    drop(small);
    let second: i64 = s.text("pids").lines().last().unwrap().parse().unwrap();
    within("its state is written", LONG, || number(&ours, "pid", &a) == second);
    well(&s, &svscan, &["a"], descriptors);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// State files that are cut short: readers say so, the supervisor writes them anew, and so does
/// its successor.
pub fn cut_short() -> Outcome {
    let (s, ours) = (Scratch::new("short"), ours());
    s.script("a/run", "exec sleep 99");
    let cut = || {
        for (file, length) in [("status", 10), ("death_tally", 5)] {
            let path = s.service("a/supervise").join(file);
            let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(length).unwrap();
        }
    };
    let mut svscan = ours.svscan(&s);
    let a = s.service("a");
    within("up", LONG, || truly_up(&svscan, &a));
    let descriptors = settled(&svscan);
    let pid = number(&ours, "pid", &a);
    cut();
    let out = ours.run("s6-svstat", &[], &a);
    assert_eq!((out.status.code(), out.stdout.len()), (Some(111), 0), "{out:?}");
    assert_eq!(ours.run("s6-svwait", &["-u", "-t", "100"], &a).status.code(), Some(111));
    assert!(signal("KILL", pid));
    well(&s, &svscan, &["a"], descriptors);
    assert_ne!(number(&ours, "pid", &a), pid);
    svscan.child.kill().unwrap();
    svscan.child.wait().unwrap();
    cut();
    // The service that has lost its supervisor goes on; a new one knows nothing of it.
    let lost = number(&ours, "pid", &a);
    assert_eq!(lost, -1);
    let mut svscan = ours.svscan(&s);
    well(&s, &svscan, &["a"], descriptors);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

/// A service directory may be somebody's who puts fifos in it: nobody waits for them to be opened.
pub fn fifos() -> Outcome {
    let (s, ours) = (Scratch::new("fifos"), ours());
    s.script("a/run", "exec sleep 99");
    s.script("a/finish", "exit 0");
    s.script("b/run", "exec sleep 99");
    for name in ["notification-fd", "lock-fd", "timeout-kill", "timeout-finish", "down-signal"] {
        nix::unistd::mkfifo(&s.service("a").join(name), nix::sys::stat::Mode::S_IRWXU).unwrap();
    }
    let mut svscan = ours.svscan(&s);
    let (a, b) = (s.service("a"), s.service("b"));
    within("up", LONG, || truly_up(&svscan, &a) && truly_up(&svscan, &b));
    let descriptors = settled(&svscan);
    nix::unistd::mkfifo(&a.join("down"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(ours.ask("s6-svc", &["-wD", "-T", "20000", "-D"], &a), "[0]");
    assert!(s.text("stderr").contains("unable to create ./down file"), "{}", s.text("stderr"));
    assert_eq!(ours.ask("s6-svc", &["-wr", "-T", "20000", "-r"], &b), "[0]");
    assert_eq!(ours.ask("s6-svc", &["-wu", "-T", "20000", "-U"], &a), "[0]");
    well(&s, &svscan, &["a", "b"], descriptors);
    assert_eq!(svscan.stop().code(), Some(0));
    Outcome::Passed
}

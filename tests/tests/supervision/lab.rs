//! Scan directories that go away, sets of s6's programs, and supervisors that are stopped.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tests::build::{commands, fused};

/// A directory that goes away.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        Scratch::below(&std::env::temp_dir(), name)
    }

    pub fn below(place: &Path, name: &str) -> Scratch {
        let dir = place.join(format!("chainit-sv-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(dir.join("scan")).unwrap();
        Scratch(dir)
    }

    pub fn scan(&self) -> PathBuf {
        self.0.join("scan")
    }

    pub fn service(&self, name: &str) -> PathBuf {
        self.scan().join(name)
    }

    /// Writes an executable script.
    pub fn script(&self, path: &str, text: &str) {
        let path = self.scan().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn file(&self, path: &str, text: &str) {
        std::fs::write(self.scan().join(path), text).unwrap();
    }

    pub fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.0.join(path)).unwrap_or_default()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Where a set of s6's programs is.
#[derive(Clone)]
pub struct Tools(pub PathBuf);

/// Links to our binary, under the names of its commands, made anew once a run.
pub fn ours() -> Tools {
    static MADE: std::sync::OnceLock<Tools> = std::sync::OnceLock::new();
    let make = || {
        let binary = fused().expect("the binary");
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("supervision-bin");
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        for name in commands(binary).unwrap() {
            symlink(binary, dir.join(name)).unwrap();
        }
        Tools(dir)
    };
    MADE.get_or_init(make).clone()
}

pub fn debian() -> Option<Tools> {
    Path::new("/usr/bin/s6-svscan").exists().then(|| Tools("/usr/bin".into()))
}

impl Tools {
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.0.join(name));
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, name: &str, args: &[&str], dir: &Path) -> Output {
        self.command(name).args(args).arg(dir).output().unwrap()
    }

    /// What it prints, and its exit code.
    pub fn ask(&self, name: &str, args: &[&str], dir: &Path) -> String {
        let out = self.run(name, args, dir);
        let code = out.status.code().unwrap_or(-1);
        format!("{}[{code}]", String::from_utf8_lossy(&out.stdout))
    }

    pub fn svscan(&self, scratch: &Scratch) -> Svscan {
        let stderr = std::fs::File::create(scratch.0.join("stderr")).unwrap();
        let mut command = self.command("s6-svscan");
        // A service that outlives a failed case would keep the tests' own output open.
        command.arg(scratch.scan()).stdout(Stdio::null()).stderr(stderr);
        let child = command.spawn().unwrap();
        Svscan { child, tools: self.clone(), scan: scratch.scan() }
    }
}

/// A supervisor that is told to end when it is forgotten.
pub struct Svscan {
    pub child: Child,
    pub tools: Tools,
    pub scan: PathBuf,
}

impl Svscan {
    pub fn stop(&mut self) -> ExitStatus {
        self.tools.run("s6-svscanctl", &["-t"], &self.scan);
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "it does not stop");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }
}

impl Drop for Svscan {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            self.tools.run("s6-svscanctl", &["-q"], &self.scan);
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(30)
                && matches!(self.child.try_wait(), Ok(None))
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// How many descriptors there are while nothing happens: it sleeps, and has not just been kept from
/// going on.
pub fn settled(svscan: &Svscan) -> usize {
    let asleep = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", svscan.child.id()));
        stat.is_ok_and(|stat| stat.contains(") S "))
    };
    let mut count = None;
    loop {
        std::thread::sleep(Duration::from_millis(50));
        let again = Some(svscan.descriptors()).filter(|_| asleep());
        match again {
            Some(again) if count == Some(again) => return again,
            _ => count = again,
        }
    }
}

/// Waits until it holds. How long is a limit for what hangs, and no measure of anything.
pub fn soon(what: &str, holds: impl Fn() -> bool) {
    within(what, 30_000, holds);
}

pub fn within(what: &str, millis: u64, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_millis(millis), "not in time: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A service that says so has done what it had to do first.
pub fn is_ready(tools: &Tools, dir: &Path) -> bool {
    tools.ask("s6-svstat", &["-o", "ready"], dir) == "true\n[0]"
}

pub fn is_up(tools: &Tools, dir: &Path) -> bool {
    tools.ask("s6-svstat", &["-o", "up"], dir) == "true\n[0]"
}

//! A scratch directory with sources, a database and a tree.

use crate::lab::{Scratch, Svscan, ours, soon};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub struct Room {
    pub s: Scratch,
}

impl Room {
    pub fn new(name: &str) -> Room {
        let s = Scratch::new(name);
        std::fs::create_dir(s.0.join("src")).unwrap();
        Room { s }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.s.0.join(name)
    }

    /// Writes a file of a definition, executable.
    pub fn file(&self, path: &str, text: &str) {
        let path = self.path("src").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn longrun(&self, name: &str, run: &str) {
        self.file(&format!("{name}/type"), "longrun\n");
        self.file(&format!("{name}/run"), &format!("#!/bin/sh\n{run}\n"));
    }

    pub fn oneshot(&self, name: &str, up: &str) {
        self.file(&format!("{name}/type"), "oneshot\n");
        self.file(&format!("{name}/up"), up);
    }

    /// Compiles the definitions into a database.
    pub fn compile(&self, to: &str) {
        let out = self.command("s6-rc-compile").arg(self.path(to)).arg(self.path("src")).output();
        let out = out.unwrap();
        assert!(out.status.success(), "{}", said(&out));
    }

    pub fn command(&self, name: &str) -> Command {
        let mut command = ours().command(name);
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", ours().0.display()));
        command
    }

    /// A tree on the scan directory, which listens.
    pub fn tree(&self) -> Svscan {
        let stderr = std::fs::File::create(self.path("stderr")).unwrap();
        let mut command = self.command("s6-svscan");
        command.args(["-c", "3000"]).arg(self.s.scan());
        command.stdout(std::process::Stdio::null()).stderr(stderr);
        let child = command.spawn().unwrap();
        let svscan = Svscan { child, tools: ours(), scan: self.s.scan() };
        soon("the tree listens", || ours().ask("s6-svscanctl", &[], &self.s.scan()) == "[0]");
        svscan
    }

    /// `s6-rc-init` on database `db`, with further options.
    pub fn init_command(&self, db: &str, options: &[&str]) -> Command {
        let mut command = self.command("s6-rc-init");
        command.arg("-c").arg(self.path(db)).arg("-l").arg(self.path("live"));
        command.args(options).arg(self.s.scan());
        command
    }

    pub fn init(&self, db: &str, options: &[&str]) -> Output {
        self.init_command(db, options).output().unwrap()
    }

    /// [`Room::init`], which has to succeed.
    pub fn initialized(&self, db: &str) {
        let out = self.init(db, &[]);
        assert!(out.status.success() && out.stderr.is_empty(), "{}", said(&out));
    }

    /// What is in a directory, sorted, with what links lead to.
    pub fn names(&self, dir: &Path) -> Vec<String> {
        let entry = |entry: std::io::Result<std::fs::DirEntry>| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            match std::fs::read_link(entry.path()) {
                Ok(target) => format!("{name} -> {}", target.display()),
                Err(_) => name,
            }
        };
        let mut names: Vec<String> = std::fs::read_dir(dir).unwrap().map(entry).collect();
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        names
    }

    /// What stands at the live directory's place and beside it.
    pub fn lives(&self) -> Vec<String> {
        let mut names = self.names(&self.s.0);
        names.retain(|name| name.starts_with("live"));
        names
    }
}

/// What a command said, and its exit code.
pub fn said(out: &Output) -> String {
    let code = out.status.code().unwrap_or(-1);
    let (stdout, stderr) =
        (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    format!("{stdout}{stderr}[{code}]")
}

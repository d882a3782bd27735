//! Runs a command under a trace, and makes what is different each time the same.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tests::scratch::Scratch;

/// A directory with links to one of the two builds.
pub struct Lab {
    pub dir: Scratch,
    pub bin: PathBuf,
}

impl Lab {
    pub fn new(name: &str, binary: &Path) -> Lab {
        let dir = Scratch::new(name);
        let bin = tests::build::links(binary, &dir.0.join("bin")).unwrap();
        Lab { dir, bin }
    }

    /// One lab for each build: chains in one process, and with an exec between all words.
    pub fn both(name: &str) -> [Lab; 2] {
        let fused = tests::build::fused().expect("the binary under test");
        let unfused = tests::build::unfused().expect("the unfused binary");
        [Lab::new(name, fused), Lab::new(&format!("{name}-unfused"), unfused)]
    }

    pub fn write(&self, name: &str, text: &[u8]) -> PathBuf {
        let path = self.dir.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.0.join(name)).unwrap()
    }

    /// A command of ours, in the directory, with nothing but PATH in its environment.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        let path = format!("{}:/usr/bin:/bin", self.bin.display());
        command.current_dir(&self.dir.0).env_clear().env("PATH", path);
        command
    }

    /// Runs a script, without a trace.
    pub fn plain(&self, script: &str) -> Output {
        self.write("script", script.as_bytes());
        self.command("execlineb").args(["-P", "script"]).output().unwrap()
    }

    /// Runs a script traced into the file `trace`.
    pub fn traced(&self, format: &str, script: &str) -> Output {
        self.write("script", script.as_bytes());
        let _ = std::fs::remove_file(self.dir.0.join("trace"));
        let mut command = self.command("chainit");
        command.args(["trace", "--format", format, "-o", "trace", "--"]);
        command.args(["execlineb", "-P", "script"]).output().unwrap()
    }

    /// The trace with the processes named A, B, C … in the order in which they come up in it,
    /// without its times, which must not run backwards within a process.
    pub fn lines(&self) -> Vec<String> {
        normal(&self.read("trace"), &self.bin)
    }
}

/// See [`Lab::lines`].
pub fn normal(trace: &str, bin: &Path) -> Vec<String> {
    let mut pids: Vec<(String, f64)> = Vec::new();
    let mut lines = Vec::new();
    for line in trace.lines() {
        let (time, rest) = line.split_once(' ').unwrap_or_else(|| panic!("no time: {line}"));
        let time: f64 = time.parse().unwrap_or_else(|_| panic!("no time: {line}"));
        let (pid, rest) = rest.split_once(' ').unwrap_or_else(|| panic!("no pid: {line}"));
        assert!(pid.parse::<u32>().is_ok_and(|pid| pid > 1), "no pid: {line}");
        match pids.iter_mut().find(|(known, _)| known == pid) {
            Some((_, last)) => {
                assert!(*last <= time, "time runs backwards: {line}");
                *last = time;
            }
            None => pids.push((pid.to_owned(), time)),
        }
        lines.push((pid.to_owned(), rest.to_owned()));
    }
    let name = |word: &str| {
        let at = pids.iter().position(|(pid, _)| pid == word)?;
        Some(char::from(b'A' + at as u8).to_string())
    };
    let named = |(pid, rest): (String, String)| {
        let rest = rest.replace(&*bin.to_string_lossy(), "BIN");
        let words = rest.split(' ').map(|word| match word.strip_prefix("+!=") {
            Some(pid) => format!("+!={}", name(pid).unwrap_or_default()),
            None => name(word).unwrap_or_else(|| word.to_owned()),
        });
        format!("{} {}", name(&pid).unwrap(), words.collect::<Vec<_>>().join(" "))
    };
    lines.into_iter().map(named).collect()
}

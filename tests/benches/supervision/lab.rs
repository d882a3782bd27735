//! The place of the measurements: suites of programs, scan directories, control groups.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const GROUPS: &str = "/sys/fs/cgroup/memory";

pub struct Suite {
    pub name: &'static str,
    bin: PathBuf,
}

pub struct Lab {
    dir: PathBuf,
    group: Option<PathBuf>,
    pub suites: Vec<Suite>,
}

impl Lab {
    pub fn new() -> Lab {
        let dir = PathBuf::from(format!("/dev/shm/chainit-bench-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let root = tests::build::root();
        let chainit = std::env::var_os("CHAINIT_BIN").map_or_else(
            || {
                let built = Command::new(root.join("init/overlay/build-musl")).output().unwrap();
                PathBuf::from(String::from_utf8(built.stdout).unwrap().trim())
            },
            PathBuf::from,
        );
        let bin = tests::build::links(&chainit, &dir.join("bin")).unwrap();
        let mut suites = vec![Suite { name: "chainit", bin }];
        if Path::new("/usr/bin/s6-svscan").exists() {
            suites.push(Suite { name: "Debian's s6", bin: "/usr/bin".into() });
        }
        let group = Path::new(GROUPS).join(format!("chainit-bench-{}", std::process::id()));
        let group = std::fs::create_dir(&group).is_ok().then_some(group);
        println!("artefact: {}", chainit.display());
        Lab { dir, group, suites }
    }

    pub fn scan(&self) -> PathBuf {
        self.dir.join("scan")
    }

    /// A fresh scan directory.
    pub fn services(&self, count: usize, run: &str) {
        let _ = std::fs::remove_dir_all(self.scan());
        for i in 0..count {
            let dir = self.scan().join(format!("s{i}"));
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join("run"), run).unwrap();
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(dir.join("run"), mode).unwrap();
        }
    }

    fn in_group(&self, mut command: Command) -> Command {
        // A shell that joins the group and becomes the program.
        if let Some(group) = &self.group {
            let mut shell = Command::new("sh");
            shell.args(["-c", "echo $$ > \"$0\"/cgroup.procs; exec \"$@\""]).arg(group);
            shell.arg(command.get_program()).args(command.get_args());
            command = shell;
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        command
    }

    fn used(&self) -> Option<f64> {
        let group = self.group.as_ref()?;
        let text = std::fs::read_to_string(group.join("memory.usage_in_bytes")).ok()?;
        Some(text.trim().parse::<f64>().ok()? / 1024.0)
    }

    fn clean(&self) {
        if let Some(group) = &self.group {
            let _ = std::fs::write(group.join("memory.force_empty"), "0");
        }
    }

    /// The memory, in kB, of a shell's `sleep`s.
    pub fn floor(&self, count: usize) -> Option<f64> {
        self.clean();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "i=0; while [ $i -lt $0 ]; do sleep 9999 & i=$((i+1)); done; echo; wait"]);
        shell.arg(count.to_string());
        let mut child = self.in_group(shell).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(500 + 4 * count as u64));
        let used = self.used();
        let group = nix::unistd::Pid::from_raw(-(child.id() as i32));
        let _ = nix::sys::signal::kill(group, nix::sys::signal::Signal::SIGKILL);
        let _ = child.wait();
        used
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
        if let Some(group) = &self.group {
            let _ = std::fs::remove_dir(group);
        }
    }
}

pub struct Supervisor<'a> {
    lab: &'a Lab,
    suite: &'a Suite,
    child: Child,
    pub output: ChildStdout,
}

impl<'a> Supervisor<'a> {
    pub fn start(lab: &'a Lab, suite: &'a Suite) -> Supervisor<'a> {
        lab.clean();
        let mut svscan = Command::new(suite.bin.join("s6-svscan"));
        svscan.arg("-c2000").arg(lab.scan());
        let mut child = lab.in_group(svscan).spawn().unwrap();
        let output = child.stdout.take().unwrap();
        Supervisor { lab, suite, child, output }
    }

    /// Of it and of its s6-supervise processes.
    pub fn pss(&self) -> u64 {
        let pid = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let name = |pid: &&str| {
            let comm = std::fs::read_to_string(format!("/proc/{pid}/comm"));
            comm.is_ok_and(|comm| comm == "s6-supervise\n")
        };
        let own = pid.to_string();
        children.split(' ').filter(name).chain([&own[..]]).map(pss).sum()
    }

    pub fn group_kilobytes(&self) -> Option<f64> {
        self.lab.used()
    }

    pub fn stop(mut self) {
        let mut ctl = Command::new(self.suite.bin.join("s6-svscanctl"));
        assert!(ctl.arg("-t").arg(self.lab.scan()).status().unwrap().success());
        self.child.wait().unwrap();
    }
}

fn pss(pid: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

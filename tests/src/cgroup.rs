//! A memory cgroup of our own, for what the kernel charges to whoever is in it: pages, and its own
//! objects (inodes, open files, pipes, page tables).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Removed when it is dropped; whoever is in it has to be gone by then.
pub struct Cgroup(PathBuf);

impl Cgroup {
    /// `None`: there is none to be had here.
    #[must_use]
    pub fn new(name: &str) -> Option<Cgroup> {
        ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"].into_iter().find_map(|place| {
            let dir = Path::new(place).join(format!("chainit-{name}-{}", std::process::id()));
            std::fs::create_dir(&dir).ok()?;
            let cgroup = Cgroup(dir);
            cgroup.bytes().is_some().then_some(cgroup)
        })
    }

    /// A program that begins in it, and all that it starts.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "echo 0 >\"$0/cgroup.procs\" && exec \"$@\""]).arg(&self.0);
        command.arg(program.as_ref());
        command
    }

    /// What is charged by now: pages of processes and of files, and the kernel's own. The sum that
    /// the kernel tells has up to 256 kB for each processor in it that nobody uses yet.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        let read = |name| std::fs::read_to_string(self.0.join(name)).ok();
        let stat = read("memory.stat")?;
        let of = |names: &[&str]| -> u64 {
            let fields = stat.lines().filter_map(|line| line.split_once(' '));
            let chosen = fields.filter(|(name, _)| names.contains(name));
            chosen.filter_map(|(_, number)| number.parse::<u64>().ok()).sum()
        };
        match read("memory.kmem.usage_in_bytes") {
            Some(kernel) => Some(kernel.trim().parse::<u64>().ok()? + of(&["rss", "cache"])),
            None => Some(of(&["anon", "file", "kernel"])),
        }
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        for _ in 0..500 {
            if std::fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

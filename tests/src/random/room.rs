//! Where a script runs: a directory that is the same for all implementations, so that nothing
//! that it prints tells them apart.

use super::outcome::Outcome;
use super::script::{Script, text};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A script that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// How much of a file is looked at, and how big one may become.
const MOST: u64 = 1 << 20;

/// A worker's place.
pub struct Room {
    root: PathBuf,
    dir: PathBuf,
    path: String,
    tools: PathBuf,
    begun: Sender<Pid>,
    over: Sender<()>,
    hung: Receiver<bool>,
}

impl Room {
    /// Makes it at `root`, which does not exist, with the foreign programs in `tools`.
    ///
    /// # Errors
    /// What could not be made.
    pub fn new(root: &Path, tools: &Path) -> io::Result<Room> {
        fs::create_dir_all(root)?;
        nix::sys::prctl::set_child_subreaper(true)?;
        let most = MOST;
        nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_FSIZE, most, most)?;
        let (begun, begins) = channel();
        let (over, ends) = channel();
        let (hangs, hung) = channel();
        std::thread::spawn(move || {
            for group in begins {
                let late = ends.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout);
                if late {
                    // What is not there any more needs no signal.
                    let _ = killpg(group, Signal::SIGKILL);
                    let _ = ends.recv();
                }
                if hangs.send(late).is_err() {
                    return;
                }
            }
        });
        let path = format!("{}:{}", root.join("bin").display(), tools.display());
        let (tools, dir) = (tools.to_owned(), root.join("d"));
        Ok(Room { root: root.to_owned(), dir, path, tools, begun, over, hung })
    }

    /// The path of a foreign program, which a script without PATH needs.
    pub fn tool(&self, name: &str) -> String {
        self.tools.join(name).display().to_string()
    }

    /// Runs a script with the commands in `bin`.
    ///
    /// # Errors
    /// What could not be set up.
    pub fn run(&self, script: &Script, bin: &Path) -> io::Result<Outcome> {
        let link = self.root.join("bin");
        let _ = fs::remove_file(&link);
        symlink(bin, &link)?;
        self.furnish(script)?;
        let (out, err) = (self.root.join("out"), self.root.join("err"));
        let append = |path: &Path| {
            let _ = fs::remove_file(path);
            File::options().append(true).create(true).open(path)
        };
        let child = Command::new(link.join("execlineb"))
            .args(script.options.iter().map(|word| OsStr::from_bytes(word)))
            .arg("script")
            .args(script.arguments.iter().map(|word| OsStr::from_bytes(word)))
            .env_clear()
            .env("PATH", &self.path)
            .envs(
                script
                    .environment
                    .iter()
                    .map(|(k, v)| (OsStr::from_bytes(k), OsStr::from_bytes(v))),
            )
            .current_dir(&self.dir)
            .stdin(File::open(self.root.join("in"))?)
            .stdout(append(&out)?)
            .stderr(append(&err)?)
            .process_group(0)
            .spawn()?;
        let end = self.wait(Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?))?;
        let mut files = BTreeMap::new();
        look(&self.dir, "", &mut files)?;
        // Unless it has written there itself, it is no outcome.
        if files.get("script").is_some_and(|(_, content)| *content == text(&script.items)) {
            files.remove("script");
        }
        Ok(Outcome { end, stdout: fs::read(out)?, stderr: fs::read(err)?, files })
    }

    fn furnish(&self, script: &Script) -> io::Result<()> {
        let _ = fs::set_permissions(&self.dir, Permissions::from_mode(0o755));
        let _ = fs::remove_dir_all(&self.dir);
        fs::create_dir_all(self.dir.join("d1"))?;
        let write = |name: &str, content: &[u8]| fs::write(self.dir.join(name), content);
        write("script", &text(&script.items))?;
        write("f1", b"one\ntwo words\n")?;
        write("e1", &script.envfile)?;
        write("d1/a.c", b"a")?;
        write("d1/.b.c", b"")?;
        write("../in", &script.input)
    }

    /// Waits for all of the group, and says how its first process ended.
    fn wait(&self, leader: Pid) -> io::Result<String> {
        let gone = || io::Error::other("the watching thread has ended");
        self.begun.send(leader).map_err(|_| gone())?;
        let mut end = String::new();
        loop {
            match waitpid(Pid::from_raw(-leader.as_raw()), None) {
                Ok(WaitStatus::Exited(pid, code)) if pid == leader => end = format!("exit {code}"),
                Ok(WaitStatus::Signaled(pid, signal, _)) if pid == leader => {
                    end = format!("signal {}", signal as i32);
                }
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => break,
            }
        }
        self.over.send(()).map_err(|_| gone())?;
        // Who has left the group is not waited for, but must not stay a zombie either.
        while matches!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Ok(status) if status.pid().is_some())
        {
        }
        let hung = self.hung.recv().map_err(|_| gone())?;
        Ok(if hung { "hangs".to_owned() } else { end })
    }
}

fn look(dir: &Path, below: &str, files: &mut BTreeMap<String, (u32, Vec<u8>)>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        let about = entry.metadata()?;
        let mut content = Vec::new();
        if about.is_dir() {
            look(&entry.path(), &format!("{name}/"), files)?;
        } else if about.is_file() {
            content = fs::read(entry.path())?;
        }
        files.insert(name, (about.mode(), content));
    }
    Ok(())
}

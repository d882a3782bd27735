//! Trees of services outside of any container: s6-svscan's, runit's, supervisord's. Each is PID 1 of a
//! pid namespace, so that nothing of it outlives its measurement.

use crate::child::{Guard, HANGS};
use crate::lab::Lab;
use crate::peers::Suite;
use crate::stamps::{SERVICE, Stamps};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tests::bench::model::Role;
use tests::cgroup::Cgroup;

pub enum Kind<'a> {
    Scan(&'a Suite),
    Runit,
    Supervisord,
    /// The services and nobody who supervises them, a thousand of them.
    Bare,
}

pub struct Contestant<'a> {
    pub name: String,
    pub role: Role,
    pub kind: Kind<'a>,
}

/// Ours first.
pub fn contestants(lab: &Lab) -> Vec<Contestant<'_>> {
    let with = lab.suites.iter().filter(|s| s.find("s6-svscan").is_some());
    let mut all: Vec<Contestant> = with
        .map(|s| {
            let name = format!("{}: s6-svscan", s.name);
            Contestant { name, role: s.role, kind: Kind::Scan(s) }
        })
        .collect();
    for (name, file, kind) in [
        ("runit: runsvdir", "/usr/bin/runsvdir", Kind::Runit),
        ("supervisord", "/usr/bin/supervisord", Kind::Supervisord),
    ] {
        if Path::new(file).exists() {
            all.push(Contestant { name: name.into(), role: Role::Peer, kind });
        }
    }
    all
}

/// Who did not come up with so many services: it is not asked again, because that takes a minute.
static HUNG: Mutex<Vec<(String, usize, String)>> = Mutex::new(Vec::new());

/// How long a tree may take to come up or to do anything.
pub const LONG: Duration = HANGS;

impl Contestant<'_> {
    /// Puts services down in their directory, each of which is this program.
    fn plant(&self, dir: &Path, program: &Path, count: usize) -> std::io::Result<()> {
        let _ = std::fs::remove_dir_all(dir);
        std::fs::create_dir_all(dir.join("scan"))?;
        std::fs::hard_link(program, dir.join("run"))?;
        if let Kind::Supervisord = self.kind {
            return std::fs::write(dir.join("supervisord.conf"), configuration(dir, count));
        }
        if let Kind::Bare = self.kind {
            return Ok(());
        }
        for i in 0..count {
            let service = dir.join("scan").join(format!("s{i}"));
            std::fs::create_dir_all(&service)?;
            std::fs::hard_link(program, service.join("run"))?;
            if let Kind::Scan(_) = self.kind {
                std::fs::write(service.join("notification-fd"), "3\n")?;
            }
        }
        Ok(())
    }

    fn command(&self, lab: &Lab, dir: &Path, cgroup: Option<&Cgroup>) -> Result<Command, String> {
        let mut tree = Command::new("unshare");
        if let Some(cgroup) = cgroup {
            tree = cgroup.command("unshare");
            // An environment is memory, too, and who is bare has none.
            tree.env_clear().env("PATH", "/usr/bin:/bin");
        }
        tree.args(["--pid", "--fork", "--kill-child=KILL", "--"]);
        match self.kind {
            Kind::Scan(suite) => {
                let program = suite.find("s6-svscan").ok_or("no s6-svscan")?;
                tree.arg(program)
                    .arg(suite.most_services())
                    .arg(dir.join("scan"))
                    .env("PATH", suite.path());
            }
            Kind::Runit => {
                tree.arg("/usr/bin/runsvdir").arg(dir.join("scan"));
            }
            Kind::Supervisord => {
                tree.args(["/usr/bin/supervisord", "-n", "-c"]).arg(dir.join("supervisord.conf"));
            }
            Kind::Bare => {
                tree.arg(lab.program("bare")).current_dir(dir);
            }
        }
        tree.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(tree)
    }

    fn hung(&self, count: usize) -> Result<(), String> {
        let all = HUNG.lock().map_err(|e| e.to_string())?;
        let same = all.iter().find(|h| h.0 == self.name && h.1 <= count);
        same.map_or(Ok(()), |h| Err(h.2.clone()))
    }

    fn note(&self, count: usize, why: &str) {
        if let Ok(mut all) = HUNG.lock() {
            all.push((self.name.clone(), count, why.to_owned()));
        }
    }

    /// Brings so many up. Its time is from the start of `unshare` to the last service's first
    /// instruction.
    pub fn start(&self, lab: &Lab, program: &str, count: usize) -> Result<Tree, String> {
        self.start_in(None, lab, program, count)
    }

    /// [`Contestant::start`] in a cgroup.
    pub fn start_in(
        &self,
        cgroup: Option<&Cgroup>,
        lab: &Lab,
        program: &str,
        count: usize,
    ) -> Result<Tree, String> {
        if !lab.root {
            return Err("only root can make the namespaces here".into());
        }
        self.hung(count)?;
        let dir = lab.dir.join("tree");
        let program = lab.program(program);
        self.plant(&dir, &program, count).map_err(|e| format!("{}: {e}", dir.display()))?;
        let mut stamps = Stamps::at(&lab.dir.join("stamps"))?;
        let mut command = self.command(lab, &dir, cgroup)?;
        let begun = crate::stamps::now();
        let outer = Guard::spawn(&mut command)?;
        let last = stamps.last(SERVICE, count, LONG).inspect_err(|why| self.note(count, why))?;
        let root = first(outer.0.id()).ok_or("it has ended")?;
        Ok(Tree { dir, stamps, root, took: (last - begun) * 1e3, outer })
    }

    /// Where a letter for a service goes.
    pub fn control(&self, tree: &Tree, service: usize) -> Option<PathBuf> {
        match self.kind {
            Kind::Supervisord | Kind::Bare => None,
            _ => Some(tree.dir.join(format!("scan/s{service}/supervise/control"))),
        }
    }

    /// The command that sends SIGUSR1 to a service.
    pub fn signal(&self, tree: &Tree) -> Result<Command, String> {
        let service = tree.dir.join("scan/s0");
        Ok(match self.kind {
            Kind::Scan(suite) => {
                let mut command = suite.command("s6-svc")?;
                command.arg("-1").arg(service);
                command
            }
            Kind::Runit => {
                let mut command = Command::new("/usr/bin/sv");
                command.arg("1").arg(service);
                command
            }
            Kind::Supervisord => {
                let mut command = Command::new("/usr/bin/supervisorctl");
                command.arg("-c").arg(tree.dir.join("supervisord.conf"));
                command.args(["signal", "USR1", "s:s_0"]);
                command
            }
            Kind::Bare => return Err("nobody takes commands".into()),
        })
    }
}

pub struct Tree {
    pub dir: PathBuf,
    pub stamps: Stamps,
    /// PID 1 of its namespace, seen from here.
    pub root: u32,
    /// Until the last service ran, in milliseconds.
    pub took: f64,
    outer: Guard,
}

impl Drop for Tree {
    /// The end of its PID 1 ends all, and the next one must not begin before.
    fn drop(&mut self) {
        let pids = crate::process::tree(self.root);
        let _ = self.outer.0.kill();
        let _ = self.outer.0.wait();
        let begun = Instant::now();
        let there = |pid: &u32| Path::new(&format!("/proc/{pid}/exe")).read_link().is_ok();
        while pids.iter().any(there) && begun.elapsed() < LONG {
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The child of `unshare`, which without services to wait for may not be there yet.
fn first(outer: u32) -> Option<u32> {
    for _ in 0..500 {
        let pid = crate::process::tree(outer).get(1).copied();
        if pid.is_some_and(|pid| crate::process::name(pid) != "unshare") {
            return pid;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    None
}

/// One group of so many; nothing waits before it counts as started.
fn configuration(dir: &Path, count: usize) -> String {
    let place = dir.display();
    format!(
        "[supervisord]\nnodaemon=true\nuser=root\nlogfile=/dev/null\nlogfile_maxbytes=0\n\
         pidfile={place}/pid\nminfds=20000\nminprocs=4096\n\
         [unix_http_server]\nfile={place}/socket\n\
         [supervisorctl]\nserverurl=unix://{place}/socket\n\
         [rpcinterface:supervisor]\n\
         supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\
         [program:s]\ncommand={place}/run\nprocess_name=s_%(process_num)d\nnumprocs={count}\n\
         startsecs=0\nautorestart=true\nstdout_logfile=NONE\nredirect_stderr=true\n"
    )
}

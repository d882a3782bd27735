//! A container: a root directory, an init in pid and mount namespaces of its own.
//!
//! Each boot is a helper process of this program. The helper makes the namespaces; a second one, alone
//! in them, mounts, stamps the time and becomes the init. So making the room does not count, and
//! whoever is killed takes everything below with it.

use crate::child::{Guard, HANGS, run};
use crate::lab::Lab;
use crate::stamps::{self, Stamps};
use nix::sys::signal::Signal;
use std::cell::Cell;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

pub const HELPER: &str = "--boot";
pub const INNER: &str = "--inner";

/// What a boot came to, in milliseconds.
#[derive(Clone, Copy)]
pub struct Times {
    /// From the init's exec to the CMD's first instruction.
    pub up: f64,
    /// From there, or from the signal, to the container's end.
    pub down: f64,
    /// From the init's exec to the last service's first instruction.
    pub services: f64,
    /// From the death of the orphans' parent to the last orphan's reaping.
    pub reaped: f64,
}

/// How a boot goes on.
#[derive(Clone, Copy, PartialEq)]
pub enum Mode {
    /// The CMD ends by itself.
    Run,
    /// SIGTERM when all is up.
    Stop,
    /// It stays until it is killed.
    Hold,
}

const TOO_LONG: &str = "was neither up nor gone after";

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Mode::Run => "run",
            Mode::Stop => "stop",
            Mode::Hold => "hold",
        }
    }
}

pub struct Room {
    pub root: PathBuf,
    legacy: Cell<bool>,
}

/// Who hung with so many services, and why: it is not asked again, because that takes a minute.
static HUNG: Mutex<Vec<(PathBuf, bool, usize, String)>> = Mutex::new(Vec::new());

/// The environment of all containers: nobody waits on principle.
pub const SETTINGS: [(&str, &str); 3] = [
    ("S6_KILL_GRACETIME", "0"),
    ("S6_CMD_WAIT_FOR_SERVICES", "1"),
    ("S6_CMD_WAIT_FOR_SERVICES_MAXTIME", "50000"),
];

impl Room {
    /// A root with our programs in it and nothing else.
    pub fn new(lab: &Lab, name: &str) -> Result<Room, String> {
        let root = lab.dir.join(name);
        for dir in ["run", "proc", "etc", "tmp", "dev", "bin", "var"] {
            std::fs::create_dir_all(root.join(dir)).map_err(|e| format!("{name}: {e}"))?;
        }
        let _ = std::os::unix::fs::symlink("/run", root.join("var/run"));
        for kind in ["cmd", "service", "orphans", "floor"] {
            lab.compile(kind, &root.join(kind), Path::new("/stamps"))?;
        }
        Ok(Room { root, legacy: Cell::new(true) })
    }

    /// Services as s6-overlay's users write them: `services.d`, or s6-rc definitions in `user`.
    pub fn plant(&self, legacy: bool, count: usize) -> Result<(), String> {
        let fail = |e: std::io::Error| format!("{}: {e}", self.root.display());
        self.legacy.set(legacy);
        let services = self.root.join("etc/services.d");
        let definitions = self.root.join("etc/s6-overlay/s6-rc.d");
        let _ = std::fs::remove_dir_all(&services);
        let _ = std::fs::remove_dir_all(&definitions);
        std::fs::create_dir_all(&definitions).map_err(fail)?;
        let user = self.root.join("etc/s6-overlay/user-bundles.d/user");
        let contents = user.join("contents.d");
        let _ = std::fs::remove_dir_all(&contents);
        std::fs::create_dir_all(&contents).map_err(fail)?;
        std::fs::write(user.join("type"), "bundle\n").map_err(fail)?;
        for i in 0..count {
            let name = format!("s{i}");
            let dir = if legacy { services.join(&name) } else { definitions.join(&name) };
            std::fs::create_dir_all(&dir).map_err(fail)?;
            std::fs::hard_link(self.root.join("service"), dir.join("run")).map_err(fail)?;
            std::fs::write(dir.join("notification-fd"), "3\n").map_err(fail)?;
            if !legacy {
                std::fs::write(dir.join("type"), "longrun\n").map_err(fail)?;
                std::fs::create_dir_all(dir.join("dependencies.d")).map_err(fail)?;
                std::fs::write(dir.join("dependencies.d/base"), "").map_err(fail)?;
                std::fs::write(contents.join(name), "").map_err(fail)?;
            }
        }
        Ok(())
    }

    fn hung(&self, services: usize) -> Result<(), String> {
        let all = HUNG.lock().map_err(|e| e.to_string())?;
        let same =
            all.iter().find(|h| h.0 == self.root && h.1 == self.legacy.get() && h.2 == services);
        same.map_or(Ok(()), |h| Err(h.3.clone()))
    }

    fn note(&self, services: usize, why: &str) {
        if let (true, Ok(mut all)) = (why.contains(TOO_LONG), HUNG.lock()) {
            all.push((self.root.clone(), self.legacy.get(), services, why.to_owned()));
        }
    }

    fn helper(&self, mode: Mode, services: usize, argv: &[&str], env: &[(&str, &str)]) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap_or_default());
        command.arg(HELPER).arg(&self.root).arg(mode.name()).arg(services.to_string()).args(argv);
        command.env_clear().env("PATH", "/command:/usr/bin:/bin").envs(env.iter().copied());
        command
    }

    pub fn boot(
        &self,
        mode: Mode,
        services: usize,
        argv: &[&str],
        env: &[(&str, &str)],
    ) -> Result<Times, String> {
        self.hung(services)?;
        // What the helper has to say of itself is nothing to a reader.
        let out = run(&mut self.helper(mode, services, argv, env));
        let out = out.map_err(|e| e.splitn(4, ": ").last().unwrap_or_default().to_owned());
        let out = out.inspect_err(|why| self.note(services, why))?;
        let text = String::from_utf8_lossy(&out.stdout);
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|n| n.parse().ok()).collect();
        let [up, down, services, reaped] = numbers[..] else {
            return Err(format!("the helper said {text:?}"));
        };
        Ok(Times { up, down, services, reaped })
    }

    /// A container that stands until it is dropped.
    pub fn hold(
        &self,
        services: usize,
        argv: &[&str],
        env: &[(&str, &str)],
    ) -> Result<Held, String> {
        self.hung(services)?;
        let mut command = self.helper(Mode::Hold, services, argv, env);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut guard = Guard::spawn(&mut command)?;
        let mut line = String::new();
        let out = guard.0.stdout.take().ok_or("no pipe")?;
        BufReader::new(out).read_line(&mut line).map_err(|e| e.to_string())?;
        match line.trim().parse() {
            Ok(pid) => Ok(Held { pid, _guard: guard }),
            Err(_) => {
                let mut text = String::new();
                let _ = guard.0.stderr.take().map(|mut e| e.read_to_string(&mut text));
                let why = text.lines().last().unwrap_or("the helper said nothing");
                self.note(services, why);
                Err(why.to_owned())
            }
        }
    }
}

pub struct Held {
    /// PID 1, seen from here.
    pub pid: u32,
    _guard: Guard,
}

/// `ROOT MODE COUNT INIT ARGS…`: boots once.
pub fn helper(args: impl Iterator<Item = OsString>) {
    let args: Vec<OsString> = args.collect();
    match boot(&args) {
        Ok(said) => println!("{said}"),
        Err(why) => {
            eprintln!("{why}");
            std::process::exit(1);
        }
    }
}

fn boot(args: &[OsString]) -> Result<String, String> {
    use nix::sched::{CloneFlags, unshare};
    let [root, mode, count, argv @ ..] = args else { return Err("usage".into()) };
    let root = Path::new(root);
    let count: usize = count.to_str().and_then(|c| c.parse().ok()).ok_or("usage")?;
    let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
    // A thread can't be made any more once the children's pid namespace is another one.
    std::thread::spawn(|| {
        std::thread::sleep(HANGS);
        eprintln!("{TOO_LONG} {} s", HANGS.as_secs());
        std::process::exit(1);
    });
    let mut stamps = Stamps::at(&root.join("stamps"))?;
    unshare(CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS)
        .map_err(|e| format!("namespaces (only root makes them): {e}"))?;
    let log = root.join("log");
    // What is cut off would be written to the disk at its close, in the init's time.
    let _ = std::fs::remove_file(&log);
    let log = std::fs::File::create(&log).map_err(|e| e.to_string())?;
    let mut inner = Command::new(std::env::current_exe().map_err(|e| e.to_string())?);
    inner.arg(INNER).arg(root).args(argv).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let mut init = Guard::spawn(&mut inner)?;
    let mut signalled = None;
    if mode != Mode::Run.name() {
        let mut alive = || matches!(init.0.try_wait(), Ok(None));
        all_up(&mut stamps, count + 1, &mut alive).map_err(|e| said(root, &e))?;
        // Whoever brought it up may have something left to do.
        std::thread::sleep(Duration::from_millis(100));
        if mode == Mode::Hold.name() {
            println!("{}", init.0.id());
            let _ = std::io::stdin().read(&mut [0]);
            return Ok(String::new());
        }
        signalled = Some(stamps::now());
        let _ = nix::sys::signal::kill(init.pid(), Signal::SIGTERM);
    }
    let status = init.0.wait().map_err(|e| e.to_string())?;
    let end = stamps::now();
    if signalled.is_none() && !status.success() {
        return Err(said(root, &status.to_string()));
    }
    let mut at = [f64::NAN; 8];
    while let Some(stamp) = stamps.next(Duration::ZERO) {
        if let Some(slot) = usize::try_from(stamp.tag).ok().and_then(|tag| at.get_mut(tag)) {
            *slot = slot.max(stamp.at);
        }
    }
    let of = |tag: i64| at[tag as usize];
    let begin = of(stamps::BEGIN);
    let down = end - signalled.unwrap_or(of(stamps::CMD));
    let spans = [
        of(stamps::CMD) - begin,
        down,
        of(stamps::SERVICE) - begin,
        of(stamps::REAPED) - of(stamps::ORPHANED),
    ];
    if of(stamps::TOO_FEW).is_finite() {
        return Err("the machine does not allow so many processes".into());
    }
    let spans: Vec<String> = spans.iter().map(|s| (s * 1e3).to_string()).collect();
    Ok(spans.join(" "))
}

/// Waits for the services, unless nobody is left to bring them up.
fn all_up(
    stamps: &mut Stamps,
    count: usize,
    alive: &mut dyn FnMut() -> bool,
) -> Result<(), String> {
    let mut seen = 0;
    while seen < count {
        match stamps.next(Duration::from_millis(500)) {
            Some(stamp) if stamp.tag == stamps::SERVICE => seen += 1,
            Some(_) => {}
            None if alive() => {}
            None => return Err("its init has ended".into()),
        }
    }
    Ok(())
}

/// With the last line of the container's own messages.
fn said(root: &Path, why: &str) -> String {
    let text = std::fs::read(root.join("log")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    format!("{why}: {}", text.lines().last().unwrap_or("no message"))
}

/// `ROOT INIT ARGS…`: alone in its namespaces, becomes the init.
pub fn inner(mut args: impl Iterator<Item = OsString>) {
    let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
    // As container managers do: a session of its own is also a share of its own of the processors.
    let _ = nix::unistd::setsid();
    let (Some(root), Some(init)) = (args.next(), args.next()) else { return };
    if let Err(e) = mounts(Path::new(&root)) {
        eprintln!("mounts: {e}");
        std::process::exit(1);
    }
    let mut command = Command::new(&init);
    command.args(args);
    stamps::write(Path::new("/stamps"), stamps::BEGIN);
    let error = command.exec();
    eprintln!("{}: {error}", Path::new(&init).display());
    std::process::exit(1);
}

fn mounts(root: &Path) -> nix::Result<()> {
    use nix::mount::{MsFlags, mount};
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
    mount(Some("tmpfs"), &root.join("run"), Some("tmpfs"), MsFlags::empty(), none)?;
    mount(Some("proc"), &root.join("proc"), Some("proc"), MsFlags::empty(), none)?;
    mount(Some("/dev"), &root.join("dev"), none, MsFlags::MS_BIND, none)?;
    nix::unistd::chroot(root)?;
    nix::unistd::chdir("/")
}

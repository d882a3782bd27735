//! Runs one case in a directory of its own.

use super::case::{Case, End, Given, Kind, Need};
use super::implementation::Implementation;
use super::text::replace;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A case that takes longer hangs, also on a machine that does ten other things.
pub const LIMIT: Duration = Duration::from_secs(60);

/// One that is marked as failing may do so by hanging, which is not worth a minute. If it passes,
/// its mark is stale, but later than this nobody is told.
pub const MARKED: Duration = Duration::from_secs(5);

/// What a run came to.
pub struct Outcome {
    /// How the first process ended; nothing if the time was up.
    pub end: Option<End>,
    /// Its standard output, and that of its children.
    pub stdout: Vec<u8>,
    /// The standard error.
    pub stderr: Vec<u8>,
    /// The directory that it ran in.
    pub dir: PathBuf,
}

/// The names of what differs from run to run, in a page's texts.
pub struct Names<'a> {
    implementation: &'a Implementation,
    dir: PathBuf,
}

impl<'a> Names<'a> {
    /// For a run in `dir`.
    pub fn new(implementation: &'a Implementation, dir: &Path) -> Self {
        Self { implementation, dir: dir.to_owned() }
    }

    fn pairs(&self) -> [(&'static [u8], Vec<u8>); 3] {
        let bin = self.implementation.bin.as_os_str().as_bytes().to_vec();
        [
            (b"@path@", self.implementation.path.clone().into_bytes()),
            (b"@bin@", bin),
            (b"@dir@", self.dir.as_os_str().as_bytes().to_vec()),
        ]
    }

    /// From the page's text to the run's.
    pub fn put(&self, bytes: &[u8]) -> Vec<u8> {
        self.pairs().iter().fold(bytes.to_vec(), |text, (name, real)| replace(&text, name, real))
    }

    /// And back.
    pub fn take(&self, bytes: &[u8]) -> Vec<u8> {
        self.pairs().iter().fold(bytes.to_vec(), |text, (name, real)| replace(&text, real, name))
    }
}

/// Runs the case in `room`, which it makes and which the caller removes.
///
/// # Errors
/// What could not be set up: never the fault of the program under test.
pub fn run(
    case: &Case,
    implementation: &Implementation,
    launcher: &Path,
    room: &Path,
    limit: Duration,
) -> io::Result<Outcome> {
    let dir = room.join("dir");
    fs::create_dir_all(&dir)?;
    let names = Names::new(implementation, &dir);
    let writing = alone();
    for given in &case.given {
        set_up(given, &names, &dir)?;
    }
    let argv = argv(case, &names, &dir)?;
    drop(writing);
    let input = room.join("stdin");
    fs::write(&input, names.put(&case.input))?;
    let result = room.join("result");
    let mut command = command(case, launcher);
    command.arg(&result).arg(&dir).arg(format!("{:o}", case.umask));
    command.arg(case.closed.iter().map(|fd| format!("{fd} ")).collect::<String>());
    let environment = environment(case, &names);
    command.arg(environment.len().to_string()).args(&environment);
    command.arg(resolve(&argv, implementation)).args(&argv);
    let forking = alone();
    let child = command
        .current_dir(&dir)
        .stdin(File::open(&input)?)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    drop(forking);
    let (stdout, stderr, in_time) = collect(child, limit)?;
    if !in_time {
        sweep(&dir);
    }
    let end = if in_time { Some(read_end(&result, &stderr)?) } else { None };
    Ok(Outcome { end, stdout, stderr, dir })
}

/// While one thread writes an executable file no other may fork: its child would have the file
/// open for writing for a moment, and an exec of it would then fail with "Text file busy".
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    lock(&ALONE)
}

/// The launcher, for a case with its own /run behind what makes that.
fn command(case: &Case, launcher: &Path) -> Command {
    if !case.needs.contains(&Need::OwnRun) {
        return Command::new(launcher);
    }
    let mut command = Command::new("unshare");
    command.args(if nix::unistd::geteuid().is_root() { ["-m"] } else { ["-Urm"] });
    command.args(["sh", "-c", "mount -t tmpfs tmpfs /run && cp -a run/. /run/ && exec \"$@\""]);
    command.arg("sh").arg(launcher);
    command
}

fn set_up(given: &Given, names: &Names, dir: &Path) -> io::Result<()> {
    let place = |name: &str| -> io::Result<PathBuf> {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap_or(dir))?;
        Ok(path)
    };
    match given {
        Given::File(name, content) => fs::write(place(name)?, names.put(content)),
        Given::Executable(name, content) => {
            let path = place(name)?;
            fs::write(&path, names.put(content))?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
        }
        Given::Directory(name) => fs::create_dir_all(dir.join(name)),
        Given::Link(name, target) => {
            symlink(OsString::from_vec(names.put(target.as_bytes())), place(name)?)
        }
    }
}

/// The words of the command line. A script without options of its own is run with -P.
fn argv(case: &Case, names: &Names, dir: &Path) -> io::Result<Vec<OsString>> {
    let script = names.put(&case.script);
    let mut argv: Vec<OsString> = match case.kind {
        Kind::Argv => script
            .strip_suffix(b"\n")
            .unwrap_or(&script)
            .split(|byte| *byte == b'\n')
            .map(|word| OsString::from_vec(word.to_vec()))
            .collect(),
        Kind::Shell => vec!["sh".into(), "script".into()],
        Kind::Execline => {
            let first = script.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let options = match first.strip_prefix(b"#!execlineb") {
                Some(options) => String::from_utf8_lossy(options).into_owned(),
                None => "-P".into(),
            };
            let mut argv = vec![OsString::from("execlineb")];
            argv.extend(options.split_whitespace().map(OsString::from));
            argv.push("script".into());
            argv
        }
    };
    if case.kind != Kind::Argv {
        fs::write(dir.join("script"), &script)?;
        fs::set_permissions(dir.join("script"), fs::Permissions::from_mode(0o755))?;
    }
    argv.extend(case.arguments.iter().map(|arg| OsString::from_vec(names.put(arg))));
    Ok(argv)
}

fn environment(case: &Case, names: &Names) -> Vec<OsString> {
    let mut entries = Vec::new();
    if !case.without_path && !case.environment.iter().any(|entry| entry.starts_with(b"PATH=")) {
        entries.push(OsString::from(format!("PATH={}", names.implementation.path)));
    }
    entries.extend(case.environment.iter().map(|entry| OsString::from_vec(names.put(entry))));
    entries
}

/// The file that the first word means.
fn resolve(argv: &[OsString], implementation: &Implementation) -> PathBuf {
    let word = argv.first().map(OsString::as_os_str).unwrap_or_default();
    let mut places = implementation.path.split(':').map(|dir| Path::new(dir).join(word));
    places.find(|file| file.exists()).unwrap_or_else(|| Path::new(OsStr::new(word)).to_owned())
}

/// Waits for both pipes to close, which also waits for what runs in the background.
fn collect(
    mut child: std::process::Child,
    limit: Duration,
) -> io::Result<(Vec<u8>, Vec<u8>, bool)> {
    let (out, err) = (Drain::new(child.stdout.take()), Drain::new(child.stderr.take()));
    let deadline = Instant::now() + limit;
    let group = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
    let in_time = out.ends(deadline) && err.ends(deadline) && exited(&mut child, deadline)?;
    // Whatever is left of the case; mostly nothing is, which is no error.
    let _ = killpg(group, Signal::SIGKILL);
    child.wait()?;
    Ok((out.so_far(), err.so_far(), in_time))
}

/// Kills whoever works in a directory, or below it: services have sessions of their own, and those of
/// a case that went wrong would run for ever.
pub fn sweep(dir: &Path) {
    let pids = || {
        fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| {
            let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
            fs::read_link(format!("/proc/{pid}/cwd")).ok()?.starts_with(dir).then_some(pid)
        })
    };
    // Who is killed may just have started another.
    loop {
        let found: Vec<i32> = pids().collect();
        if found.is_empty() {
            return;
        }
        for pid in found {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// With all of its descriptors closed a program can still be running.
fn exited(child: &mut std::process::Child, deadline: Instant) -> io::Result<bool> {
    while child.try_wait()?.is_none() {
        if Instant::now() > deadline {
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(true)
}

/// What comes out of a pipe, read beside whatever else is done.
struct Drain {
    bytes: Arc<Mutex<Vec<u8>>>,
    end: Receiver<()>,
}

impl Drain {
    fn new(mut pipe: Option<impl Read + Send + 'static>) -> Self {
        let bytes = Arc::<Mutex<Vec<u8>>>::default();
        let (sender, end) = channel();
        let shared = Arc::clone(&bytes);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Some(pipe) = &mut pipe {
                match pipe.read(&mut buffer) {
                    Ok(count @ 1..) => lock(&shared).extend_from_slice(&buffer[..count]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Ok(0) | Err(_) => break,
                }
            }
            let _ = sender.send(());
        });
        Self { bytes, end }
    }

    fn ends(&self, deadline: Instant) -> bool {
        self.end.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_ok()
    }

    fn so_far(&self) -> Vec<u8> {
        std::mem::take(&mut lock(&self.bytes))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_end(result: &Path, stderr: &[u8]) -> io::Result<End> {
    let text = fs::read_to_string(result)
        .map_err(|_| io::Error::other(String::from_utf8_lossy(stderr).into_owned()))?;
    let number = |digits: &str| digits.parse().map_err(io::Error::other);
    match text.split_once(' ') {
        Some(("exit", code)) => Ok(End::Exit(number(code)?)),
        Some(("signal", signal)) => Ok(End::Signal(number(signal)?)),
        _ => Err(io::Error::other(text)),
    }
}

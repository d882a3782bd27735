//! The processes of a service: `run` and `finish`, each in the state that s6 gives it. They
//! begin in the service directory, as leaders of sessions of their own, with no signal blocked
//! and with the limit of open files that the supervisor found.

use super::home::{FOR_NEWS, Home, room_beyond};
use super::noexec;
use interpreter::arg::Arg;
use interpreter::args::number::{Decimal, uint};
use std::cell::OnceCell;
use std::ffi::{CStr, CString};
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY};
use sys::process::{Fork, Status};
use sys::slots::{Begun, Slots};
use sys::spawn::{Action, Failed};

/// What all children of a supervisor have in common.
#[derive(Debug, Default)]
pub struct Common {
    /// Their environment.
    pub env: Vec<Arg>,
    /// Their soft limit of open files, where it is not the supervisor's.
    pub nofile: Option<u64>,
    /// A descriptor that this process has open.
    like: i32,
    /// Made for the first child: many a supervisor never has one.
    slots: OnceCell<Option<Slots>>,
}

/// Descriptors that a child gets instead of the supervisor's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stdio {
    /// Standard input.
    pub input: Option<i32>,
    /// Standard output.
    pub output: Option<i32>,
    /// Standard error.
    pub error: Option<i32>,
    /// Standard input and output are /dev/null where they are nothing of these.
    pub null: bool,
}

/// A `run` that was started, and may have to be waited for ([`Common::complete`]).
#[derive(Debug)]
pub struct Running {
    /// Its process.
    pub child: Begun,
    /// Where its readiness is read from, if it tells it; non-blocking.
    pub readiness: Option<i32>,
}

/// Why there is no process, and after how many milliseconds to try again.
#[derive(Debug)]
pub struct NotStarted {
    /// What completes "unable to".
    pub what: &'static str,
    /// The reason; `None`: `what` says it all.
    pub errno: Option<Errno>,
    /// The program could not be exec'd: the reason is to be sought in the file.
    pub by_exec: bool,
    /// `None`: not before somebody says so.
    pub retry: Option<u64>,
}

const RETRY: u64 = 60_000;

impl NotStarted {
    /// The system said no; it is tried again.
    pub fn sys(what: &'static str) -> impl Fn(Errno) -> NotStarted {
        move |errno| NotStarted { what, errno: Some(errno), by_exec: false, retry: Some(RETRY) }
    }
}

impl Common {
    /// `like`: a descriptor that this process has open.
    pub fn new(env: Vec<Arg>, nofile: Option<u64>, like: i32) -> Common {
        Common { env, nofile, like, slots: OnceCell::new() }
    }

    /// The numbers that are kept free for children: lower ones than those of whatever is opened
    /// from now on.
    pub fn slots(&self) -> Option<&Slots> {
        self.slots.get_or_init(|| Slots::reserve(self.like).ok()).as_ref()
    }

    /// Starts a process ([`Slots::spawn`]), whose environment is given.
    pub fn spawn(
        &self,
        paths: &[&CStr],
        argv: &[&CStr],
        env: &[&CStr],
        actions: &[Action],
        flags: i32,
    ) -> Result<i32, Failed> {
        match self.slots() {
            Some(slots) => slots.spawn(paths, argv, env, actions, flags),
            None => sys::spawn::spawn_flags(paths, argv, env, actions, flags),
        }
    }

    /// Waits for the exec of a process that was begun: its pid.
    pub fn complete(&self, child: Begun) -> Result<i32, Failed> {
        match self.slots() {
            Some(slots) => slots.complete(child),
            None => Ok(child.pid()),
        }
    }

    /// No process is going to be started soon.
    pub fn rest(&self) {
        self.slots.get().into_iter().flatten().for_each(Slots::rest);
    }

    fn actions(&self, home: &Home, stdio: Stdio) -> Vec<Action> {
        let mut actions = vec![Action::UnblockSignals, Action::Setsid, Action::Fchdir(home.dir)];
        actions.extend(self.nofile.map(Action::NoFile));
        if stdio.null {
            let open = |(to, flags)| Action::Null { to, flags };
            actions.extend([(0, O_RDONLY), (1, O_WRONLY)].map(open));
        }
        let pairs = [(0, stdio.input), (1, stdio.output), (2, stdio.error)];
        for (to, from) in pairs.into_iter().filter_map(|(to, from)| Some((to, from?))) {
            actions.push(Action::Copy { to, from });
        }
        actions
    }

    /// Starts `./run NAME`. `warn` is told about files of the definition that make no sense. `ahead`: its
    /// exec is not waited for, where that can be.
    pub fn run(
        &self,
        home: &Home,
        name: &CStr,
        stdio: Stdio,
        ahead: bool,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Running, NotStarted> {
        let lock = number(home, c"lock-fd", warn);
        let notification = number(home, c"notification-fd", warn);
        if lock.is_some() && lock == notification {
            let what = "start service: notification-fd and lock-fd are the same";
            return Err(NotStarted { what, errno: None, by_exec: false, retry: None });
        }
        let mut actions = self.actions(home, stdio);
        let lock = lock.map(|fd| Lock::look(home, fd, warn)).transpose()?;
        if let Some(lock) = &lock {
            lock.take(&mut actions);
        }
        let pipe = match notification {
            None => None,
            Some(_) => Some(service_pipe(FOR_NEWS).map_err(NotStarted::sys("create a pipe"))?),
        };
        if let (Some(to), Some((_, from))) = (notification, pipe) {
            actions.push(Action::Move { to, from });
        }
        let argv = [c"./run", name];
        let started = match (lock.filter(|lock| !lock.free), self.slots().filter(|_| ahead)) {
            (Some(lock), _) => {
                let mut kept = [lock.to, notification.unwrap_or(lock.to)];
                kept.sort_unstable();
                self.run_behind_lock(home, &argv, &actions, lock.to, kept).map(Begun::whole)
            }
            (None, Some(slots)) => slots.begin(&argv[..1], &argv, &self.env, &actions, flags(home)),
            (None, None) => {
                self.start(home, argv[0], &argv, &actions, flags(home)).map(Begun::whole)
            }
        };
        if let Some((_, write)) = pipe {
            let _ = sys::fd::close(write);
        }
        let readiness = pipe.map(|(read, _)| read);
        match started {
            Ok(child) => {
                if let Some(fd) = readiness {
                    let _ = sys::fd::set_pipe_nonblock(fd);
                }
                Ok(Running { child, readiness })
            }
            Err(failed) => {
                if let Some(fd) = readiness {
                    let _ = sys::fd::close(fd);
                }
                let by_exec = failed.action.is_none();
                Err(NotStarted { by_exec, ..NotStarted::sys("spawn ./run")(failed.errno) })
            }
        }
    }

    /// Starts a file of the service directory.
    fn start(
        &self,
        home: &Home,
        file: &CStr,
        argv: &[&CStr],
        actions: &[Action],
        flags: i32,
    ) -> Result<i32, Failed> {
        let start =
            |file: &CStr, argv: &[&CStr]| self.spawn(&[file], argv, &self.env, actions, flags);
        match start(file, argv) {
            Err(failed @ Failed { action: None, errno: Errno::EACCES }) => {
                let Some(script) = noexec::words(home.dir, file) else { return Err(failed) };
                let script: Vec<&CStr> = script.iter().map(|word| &**word).collect();
                start(script[0], &[&script, &argv[1..]].concat())
            }
            other => other,
        }
    }

    /// A former instance holds the lock: this one has to wait for it, which takes a process that
    /// can wait.
    fn run_behind_lock(
        &self,
        home: &Home,
        argv: &[&CStr],
        actions: &[Action],
        lock: i32,
        kept: [i32; 2],
    ) -> Result<i32, Failed> {
        let forked = sys::process::fork_flags(flags(home));
        match forked.map_err(|errno| Failed { action: None, errno })? {
            Fork::Parent(pid) => Ok(pid),
            Fork::Child => {
                let ready = actions.iter().try_for_each(sys::spawn::act);
                // It may wait for long, and would hold the supervisor's own locks and pipes.
                let _ = sys::fd::close_but(&kept);
                let locked = ready.and_then(|()| sys::fd::lock_process(lock, true));
                if locked.is_ok()
                    && sys::process::execve(argv[0], argv, &self.env) == Errno::EACCES
                    && let Some(script) = noexec::words(sys::at::CURRENT, argv[0])
                {
                    let script: Vec<&CStr> = script.iter().map(|word| &**word).collect();
                    sys::process::execve(script[0], &[&script, &argv[1..]].concat(), &self.env);
                }
                sys::process::exit(127)
            }
        }
    }

    /// Starts `./finish CODE SIGNAL NAME PGID`. `None`: there is none.
    pub fn finish(
        &self,
        home: &Home,
        name: &CStr,
        stdio: Stdio,
        ended: Status,
        pgid: i32,
    ) -> Result<Option<i32>, Errno> {
        let code = ended.signal().map_or_else(|| ended.code().unwrap_or(0), |_| 256);
        let signal = ended.signal().unwrap_or(0);
        let numbers = [code, signal, pgid].map(|n| {
            CString::new(Decimal::new(n.unsigned_abs().into()).to_vec()).unwrap_or_default()
        });
        let [code, signal, pgid] = numbers.each_ref().map(CString::as_c_str);
        let argv = [c"finish", code, signal, name, pgid];
        let actions = self.actions(home, stdio);
        match self.start(home, c"./finish", &argv, &actions, 0) {
            Ok(pid) => Ok(Some(pid)),
            Err(failed) if failed.errno == Errno::ENOENT && !is_there(home) => Ok(None),
            Err(failed) => Err(failed.errno),
        }
    }
}

/// A pipe that is held for long, if so many descriptors are left then.
pub fn service_pipe(left: u64) -> sys::Result<(i32, i32)> {
    let (read, write) = sys::fd::pipe(O_CLOEXEC)?;
    room_beyond(read.max(write), left).map(|()| (read, write)).inspect_err(|_| {
        let _ = sys::fd::close(read);
        let _ = sys::fd::close(write);
    })
}

/// The flags of the clone that makes `run`.
fn flags(home: &Home) -> i32 {
    match home.has(c"flag-newpidns") {
        Ok(true) => sys::spawn::NEW_PID_NAMESPACE,
        _ => 0,
    }
}

fn is_there(home: &Home) -> bool {
    home.has(c"finish").unwrap_or(false)
}

/// A number out of a file of the definition: a descriptor above 0.
fn number(home: &Home, file: &CStr, warn: &mut dyn FnMut(&str)) -> Option<i32> {
    let line = read_line(home, file, warn)?;
    let number = uint(&line).and_then(|n| i32::try_from(n).ok()).filter(|&n| n > 0);
    if number.is_none() {
        warn(&format!(
            "invalid {}: {:?} is not the number of a descriptor above 0",
            file.to_string_lossy(),
            String::from_utf8_lossy(&line)
        ));
    }
    number
}

/// The first line of a file of the definition, if there is one.
pub fn read_line(home: &Home, file: &CStr, warn: &mut dyn FnMut(&str)) -> Option<Vec<u8>> {
    match home.line(file) {
        Ok(line) => line,
        Err(errno) => {
            warn(&format!("unable to open {}: {}", file.to_string_lossy(), sys::reason(errno)));
            None
        }
    }
}

/// The lock of `lock-fd`, which lives as long as the service's process: it would end with any
/// descriptor of the file that the process closes, so the process opens the file itself, and has no
/// other.
struct Lock {
    to: i32,
    /// Nobody has it.
    free: bool,
}

impl Lock {
    const FILE: Arg = c"supervise/service-lock";
    const FLAGS: i32 = O_WRONLY | O_NONBLOCK | sys::fd::O_CREAT;

    fn look(home: &Home, to: i32, warn: &mut dyn FnMut(&str)) -> Result<Lock, NotStarted> {
        let fd = sys::fd::openat(home.dir, Self::FILE, Self::FLAGS | O_CLOEXEC, 0o644)
            .map_err(NotStarted::sys("open supervise/service-lock"))?;
        if sys::fs::fstat(fd).is_ok_and(|st| st.size > 0) {
            warn("a previous instance of the service wrote to the lock file!");
            let _ = sys::fd::truncate(fd, 0);
        }
        let locked = sys::fd::is_locked(fd);
        let _ = sys::fd::close(fd);
        let locked =
            locked.map_err(NotStarted::sys("read lock state on supervise/service-lock"))?;
        if locked {
            warn("another instance of the service is already running, child will block");
        }
        Ok(Lock { to, free: !locked })
    }

    fn take(&self, actions: &mut Vec<Action>) {
        let (to, path, flags) = (self.to, Self::FILE, Self::FLAGS);
        actions.push(Action::Open { to, path, flags, mode: 0o644 });
        actions.extend(self.free.then_some(Action::Lock(to)));
    }
}

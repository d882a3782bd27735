//! How a tree comes into being.

use super::entry::{Entries, Entry};
use super::follow::Followers;
use super::handover::Faults;
use super::tree::{Config, Place, Source, Tree, token, warn};
use crate::supervise::child::Common;
use crate::supervise::home::{Home, Taken, open_control};
use crate::supervise::pipes::Pipes;
use crate::supervise::service::Service;
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::CString;
use sys::Errno;
use sys::event::{EPOLLIN, Epoll};
use sys::fd::{O_CLOEXEC, O_CREAT, O_DIRECTORY, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY};
use sys::signal::{Disposition, SIGCHLD, SIGPIPE, Set};
use sys::time::Time;

/// How long after its own beginning a supervisor waits for locks: ms. One that was killed a moment
/// ago still has them, and so has a child that it was starting, up to its exec.
const PATIENCE: u64 = 200;

pub(super) fn tree(config: Config) -> Result<Tree, Fail> {
    let mut tree = bare(config)?;
    let scandir = &tree.config.scandir;
    let dir = sys::fd::open_bytes(scandir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        .map_err(|errno| Fail::sys_at("open the scan directory", scandir, errno))?;
    let place = with_umask_0(|| take_place(dir, tree.patience))?;
    tree.epoll
        .add(place.control, EPOLLIN, token(Source::Scan, 0))
        .map_err(|errno| Fail::sys("watch .s6-svscan/control", errno))?;
    // Without it services are supervised all the same.
    let listens = place.listener.map_or(Ok(()), |fd| tree.watch_listener(fd));
    tree.place = Some(place);
    tree.complain("watch .s6-svscan/oneshots", listens);
    Ok(tree)
}

pub(super) fn single(config: Config) -> Result<Tree, Fail> {
    let mut tree = bare(config)?;
    let path = tree.config.scandir.clone();
    let dir = sys::fd::open_bytes(&path, sys::at::O_PLACE, 0)
        .map_err(|errno| Fail::sys_at("chdir to", &path, errno))?;
    let name = CString::new(path.clone()).unwrap_or_default();
    let taken = with_umask_0(|| Home::take(dir, tree.patience));
    let service = taken.and_then(|home| Service::new(name.clone(), path, home, None));
    let place = || shown(&tree.config.scandir);
    let service = service.map_err(|taken| match taken {
        Taken::Sys { what, errno } => Fail::sys(format!("{what} in {}", place()), errno),
        other => Fail::bad(format!("{other} in {}", place())),
    })?;
    let mut entry = Entry::new(name, (0, 0), false);
    entry.active = false;
    let control = service.home.control;
    entry.service = Some(service);
    let index = tree.entries.insert(entry);
    tree.epoll
        .add(control, EPOLLIN, token(Source::Service, index))
        .map_err(|errno| Fail::sys("watch supervise/control", errno))?;
    tree.take_over(index);
    tree.scanned = true;
    Ok(tree)
}

/// A tree without a place: descriptors 0 to 2, signals, limits, epoll.
fn bare(config: Config) -> Result<Tree, Fail> {
    open_stdio().map_err(|errno| Fail::sys("open /dev/null as a standard descriptor", errno))?;
    // Ignored, SIGCHLD would reap children unseen; SIGPIPE is the services' own affair. What else
    // was ignored stays so in the children, as under s6; a signalfd gets it all the same.
    let mut ignored = Vec::new();
    for signal in [SIGCHLD, SIGPIPE] {
        let was = sys::signal::dispose(signal, Disposition::Default)
            .map_err(|errno| Fail::sys("reset signals", errno))?;
        ignored.extend(was.then_some(signal));
    }
    let (signals, epoll, mask) =
        ears(config.signals).map_err(|errno| Fail::sys("listen for signals", errno))?;
    sys::signal::block(&mask);
    let nofile = sys::process::raise_nofile().ok().flatten();
    let common = Common::new(config.env.clone(), nofile, signals);
    let mut tree = empty(config, common, signals, epoll);
    tree.ignored = ignored;
    tree.patience = sys::time::monotonic().plus_millis(PATIENCE);
    Ok(tree)
}

/// What a tree hears by: a signalfd, the epoll that watches it, and what is to be blocked.
pub(super) fn ears(signals: &[i32]) -> sys::Result<(i32, Epoll, Set)> {
    let mut caught = signals.to_vec();
    caught.push(SIGCHLD);
    let signals = sys::event::signalfd(&Set::of(&caught))?;
    // Blocked and never taken: writing where nobody reads gives EPIPE.
    caught.push(SIGPIPE);
    let epoll = Epoll::new()?;
    epoll.add(signals, EPOLLIN, token(Source::Signals, 0))?;
    Ok((signals, epoll, Set::of(&caught)))
}

/// A tree with nothing in it.
pub(super) fn empty(config: Config, common: Common, signals: i32, epoll: Epoll) -> Tree {
    Tree {
        config,
        place: None,
        entries: Entries::default(),
        by_pid: BTreeMap::new(),
        common,
        pipes: Pipes::default(),
        epoll,
        signals,
        ignored: Vec::new(),
        scan_at: None,
        scanned: false,
        stopping: None,
        told_quiet: false,
        served: Vec::new(),
        scripts: Vec::new(),
        followers: Followers::default(),
        watched: Vec::new(),
        faults: Faults::default(),
        upgrade: false,
        begun: None,
        patience: Time::default(),
        strangers: Vec::new(),
        look_at: None,
        resident: None,
        heard_by: None,
        lines: None,
        ahead: false,
        starting: VecDeque::new(),
    }
}

fn take_place(dir: i32, patience: Time) -> Result<Place, Fail> {
    let made = sys::at::mkdir(dir, c".s6-svscan", 0o700);
    match made {
        Ok(()) => {}
        Err(Errno::EEXIST) => {
            let st = sys::at::stat(dir, c".s6-svscan")
                .map_err(|errno| Fail::sys("stat .s6-svscan", errno))?;
            if !st.is_dir() {
                return Err(Fail::bad(".s6-svscan exists and is not a directory"));
            }
        }
        Err(errno) => return Err(Fail::sys("mkdir .s6-svscan", errno)),
    }
    let flags = O_WRONLY | O_NONBLOCK | O_CREAT | O_CLOEXEC;
    let lock = sys::fd::openat(dir, c".s6-svscan/lock", flags, 0o600)
        .map_err(|errno| Fail::sys("open .s6-svscan/lock", errno))?;
    let locked = sys::fd::lock_exclusive_until(lock, patience)
        .map_err(|errno| Fail::sys("lock .s6-svscan/lock", errno))?;
    if !locked {
        return Err(Fail::bad(
            "another instance of s6-svscan is already running on the same directory",
        ));
    }
    // Whoever finds somebody at the fifo finds the socket, too.
    let listener = listener(dir, made.is_ok());
    match open_control(dir, c".s6-svscan/control") {
        Ok(control) => Ok(Place { dir, control, lock, listener }),
        Err(Errno::EEXIST) => Err(Fail::bad(".s6-svscan/control is not a FIFO")),
        Err(errno) => Err(Fail::sys("open .s6-svscan/control", errno)),
    }
}

fn listener(dir: i32, is_new: bool) -> Option<i32> {
    let listener = super::serve::listen(dir, is_new);
    if let Err(errno) = listener {
        let path = super::request::SOCKET.to_string_lossy();
        warn(&format!("unable to listen on {path}, so no oneshot can run: {}", sys::reason(errno)));
    }
    listener.ok()
}

/// Does something with files whose permissions are exactly what is asked.
pub(super) fn with_umask_0<T>(f: impl FnOnce() -> T) -> T {
    with_umask(0, f)
}

pub(super) fn with_umask<T>(umask: u32, f: impl FnOnce() -> T) -> T {
    let old = sys::fs::umask(umask);
    let done = f();
    sys::fs::umask(old);
    done
}

/// Opens what is closed of descriptors 0 to 2, so that nothing else comes to stand there.
fn open_stdio() -> sys::Result<()> {
    for fd in 0..3 {
        if sys::fd::flags(fd).is_err() {
            let got = sys::fd::null(O_RDWR)?;
            if got != fd {
                sys::fd::rename(fd, got)?;
            }
        }
    }
    Ok(())
}

/// Standard input and output become nothing: the ends of a service's pipes are let go.
pub(super) fn null_stdio() {
    if let Ok(fd) = sys::fd::null(O_RDWR | O_CLOEXEC) {
        for to in [0, 1] {
            let _ = sys::fd::copy(to, fd);
        }
        let _ = sys::fd::close(fd);
    }
}

/// Does somebody read what goes to standard error? Of a fifo this can be told.
pub(super) fn is_heard() -> bool {
    let ready = sys::event::wait_one(2, sys::event::POLLOUT, Some(0));
    ready.is_ok_and(|events| events & sys::event::POLLERR == 0)
}

impl Tree {
    /// What was standard error at the start.
    pub fn console(&self) -> i32 {
        self.config.console.unwrap_or(2)
    }

    /// Whatever comes behind the tree has the console again, and writes to no logger that is gone.
    pub(super) fn leave_console(&self) {
        if self.config.console.is_some() || !is_heard() {
            leave_stdio(self.config.console);
        }
    }
}

/// Standard output and error let go of the logger of everything: they become the console, if
/// there is one, else nothing.
pub(super) fn leave_stdio(console: Option<i32>) {
    let to = match console {
        Some(fd) => Ok(fd),
        None => sys::fd::null(O_RDWR | O_CLOEXEC),
    };
    if let Ok(fd) = to {
        for standard in [1, 2] {
            let _ = sys::fd::copy(standard, fd);
        }
        if console.is_none() {
            let _ = sys::fd::close(fd);
        }
    }
}

//! New processes that become another program at once.
//!
//! The child shares the parent's memory until its exec, and the parent waits for that: no page
//! table is copied, so it costs the same however much memory the parent has.

use crate::signal::{self, Set};
use crate::{Arg, Errno, Result, check, limit};
use core::ffi::{CStr, c_char, c_int, c_void};

/// What a child does before it becomes the program, in the order of the list.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Closes; one that is closed already is fine.
    Close(i32),
    /// `to` becomes what `from` is; `from` stays.
    Copy {
        /// The number that is set.
        to: i32,
        /// The descriptor that it becomes a copy of.
        from: i32,
    },
    /// `to` becomes what `from` is; `from` is closed.
    Move {
        /// The number that is set.
        to: i32,
        /// The descriptor that is renumbered.
        from: i32,
    },
    /// Opens a file as `to`.
    Open {
        /// The number that it gets.
        to: i32,
        /// The file.
        path: Arg,
        /// `O_*`.
        flags: c_int,
        /// Permissions where it is made.
        mode: u32,
    },
    /// Opens `/dev/null`, or what stands for it ([`crate::fd::null`]), as `to`.
    Null {
        /// The number that it gets.
        to: i32,
        /// `O_*`.
        flags: c_int,
    },
    /// Changes the working directory.
    Chdir(Arg),
    /// Changes it to an open one.
    Fchdir(i32),
    /// Begins a session.
    Setsid,
    /// Begins a process group.
    Setpgrp,
    /// Makes a descriptor the session's controlling terminal; failure is ignored.
    TakeTerminal(i32),
    /// Makes the own process group the foreground one of a terminal; failure is ignored.
    Foreground(i32),
    /// Blocks no signal.
    UnblockSignals,
    /// Blocks exactly these.
    Mask(&'static Set),
    /// Sets a signal to its default.
    DefaultSignal(c_int),
    /// Sets a signal to be ignored.
    IgnoreSignal(c_int),
    /// Sets the soft limit of open files.
    NoFile(u64),
    /// Takes a lock of the process on an open file, `EAGAIN` if somebody has it.
    Lock(i32),
    /// Writes a line with the child's pid in it ([`crate::note::write_with_pid`]); failure is
    /// ignored.
    Note {
        /// Where to.
        fd: i32,
        /// What stands before the pid and behind it.
        pieces: [&'static [u8]; 3],
    },
}

/// Does one action, in this process.
pub fn act(action: &Action) -> Result<()> {
    match *action {
        Action::Close(fd) => {
            let _ = crate::fd::close(fd);
            Ok(())
        }
        Action::Copy { to, from } => crate::fd::copy(to, from),
        Action::Move { to, from } => crate::fd::rename(to, from),
        Action::Open { to, path, flags, mode } => {
            let fd = crate::fd::open(path, flags, mode)?;
            crate::fd::rename(to, fd)
        }
        Action::Null { to, flags } => {
            let fd = crate::fd::null(flags)?;
            crate::fd::rename(to, fd)
        }
        Action::Chdir(path) => crate::fs::chdir(path),
        Action::Fchdir(fd) => crate::fs::fchdir(fd),
        Action::Setsid => crate::process::setsid().map(drop),
        Action::Setpgrp => crate::process::setpgid(0, 0),
        Action::TakeTerminal(fd) => {
            let _ = crate::process::take_terminal(fd);
            Ok(())
        }
        Action::Foreground(fd) => {
            let _ = crate::process::set_foreground(fd, crate::process::getpid());
            Ok(())
        }
        Action::UnblockSignals => {
            signal::set_mask(&Set::empty());
            Ok(())
        }
        Action::Mask(set) => {
            signal::set_mask(set);
            Ok(())
        }
        Action::DefaultSignal(s) => signal::dispose(s, signal::Disposition::Default).map(drop),
        Action::IgnoreSignal(s) => signal::dispose(s, signal::Disposition::Ignore).map(drop),
        Action::NoFile(soft) => set_nofile(soft),
        Action::Lock(fd) => match crate::fd::lock_process(fd, false) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Errno::EAGAIN),
            Err(e) => Err(e),
        },
        Action::Note { fd, pieces } => {
            let _ = crate::note::write_with_pid(fd, pieces);
            Ok(())
        }
    }
}

fn set_nofile(soft: u64) -> Result<()> {
    let (_, hard) = limit::get(limit::RLIMIT_NOFILE)?;
    limit::set(limit::RLIMIT_NOFILE, (soft, hard))
}

/// Why there is no child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The number of the action that failed; `None`: the exec, or making the process.
    pub action: Option<usize>,
    /// The reason.
    pub errno: Errno,
}

/// What a child is to do, and what came of it.
pub(crate) struct Order<'a> {
    paths: &'a [&'a CStr],
    argv: Vec<*const c_char>,
    env: Vec<*const c_char>,
    actions: &'a [Action],
    /// The child shares the parent's table of descriptors, and gets one that ends before this.
    pub(crate) behind: Option<i32>,
    pub(crate) failed: Option<Failed>,
    /// The child has been here, in this very memory.
    began: bool,
    /// Where the child tells its failure, if memory is not shared.
    report: Option<i32>,
}

impl<'a> Order<'a> {
    pub(crate) fn new(
        paths: &'a [&'a CStr],
        argv: &[&CStr],
        env: &[&CStr],
        actions: &'a [Action],
    ) -> Order<'a> {
        let (argv, env) = (crate::process::pointers(argv), crate::process::pointers(env));
        Order { paths, argv, env, actions, behind: None, failed: None, began: false, report: None }
    }
}

const STACK: usize = 48 * 1024;

/// Runs in the child, in the parent's memory: allocates nothing, and leaves by exec or _exit.
pub(crate) extern "C" fn child(order: *mut c_void) -> c_int {
    // SAFETY: the parent passed a pointer to its Order, and does not touch that until this ends.
    let order = unsafe { &mut *order.cast::<Order>() };
    order.began = true;
    let failed =
        prepare(order).err().unwrap_or_else(|| Failed { action: None, errno: become_one(order) });
    order.failed = Some(failed);
    if let Some(report) = order.report {
        crate::apart::tell(report, failed);
    }
    127
}

/// The exec, and why there was none.
fn become_one(order: &Order) -> Errno {
    let mut worst = Errno::ENOENT;
    for path in order.paths {
        let (argv, env) = (order.argv.as_ptr(), order.env.as_ptr());
        let exec = |path: &CStr| {
            // SAFETY: path and words are NUL-terminated, both lists end with a null pointer.
            unsafe { libc::execve(path.as_ptr(), argv, env) };
        };
        match crate::moved::exec(path, exec) {
            Errno::ENOENT | Errno::ENOTDIR if worst == Errno::EACCES => {}
            errno @ (Errno::ENOENT | Errno::ENOTDIR | Errno::EACCES) => worst = errno,
            errno => {
                worst = errno;
                break;
            }
        }
    }
    worst
}

fn prepare(order: &Order) -> core::result::Result<(), Failed> {
    let shares = order.behind.is_some();
    let is_dir = |action: &Action| matches!(action, Action::Fchdir(_));
    let run = |dirs: bool| {
        let actions = order.actions.iter().enumerate();
        for (i, action) in actions.filter(|(_, action)| !shares || is_dir(action) == dirs) {
            act(action).map_err(|errno| Failed { action: Some(i), errno })?;
        }
        Ok(())
    };
    if let Some(behind) = order.behind {
        // Directories may lie behind the table's end.
        run(true)?;
        crate::slots::end_table(behind).map_err(|errno| Failed { action: Some(0), errno })?;
    }
    run(false)
}

/// Makes a process that does the actions and becomes the first of `paths` that can be exec'd, by
/// posix_spawnp's rules: after ENOENT, ENOTDIR and EACCES the next one is tried, and EACCES or
/// else the last error is told. Its pid.
///
/// The child has the caller's signal mask unless an action changes it. A signal that comes before
/// the exec finds no handler to run in the shared memory, because chainit installs none but
/// [`crate::crash`]'s, which lets a child die; so none has to be held back.
pub fn spawn(
    paths: &[&CStr],
    argv: &[&CStr],
    env: &[&CStr],
    actions: &[Action],
) -> core::result::Result<i32, Failed> {
    spawn_flags(paths, argv, env, actions, 0)
}

/// A flag for [`spawn_flags`]: the child is the first process of a pid namespace of its own.
pub const NEW_PID_NAMESPACE: c_int = libc::CLONE_NEWPID;

/// [`spawn`] with further flags of `clone(2)`, such as `CLONE_NEWPID`.
pub fn spawn_flags(
    paths: &[&CStr],
    argv: &[&CStr],
    env: &[&CStr],
    actions: &[Action],
    flags: c_int,
) -> core::result::Result<i32, Failed> {
    let mark = crate::alloc::mark();
    let spawned = carry_out(Order::new(paths, argv, env, actions), flags, &mut stack());
    // SAFETY: the stack and the lists are gone. They were not freed in the order in which the
    // block takes its bytes back, and a loop's spawns would fill it.
    unsafe { crate::alloc::release(mark) };
    spawned
}

/// Room for a child before its exec.
pub(crate) fn stack() -> Vec<u128> {
    Vec::with_capacity(STACK / size_of::<u128>())
}

pub(crate) fn carry_out(
    mut order: Order,
    flags: c_int,
    stack: &mut Vec<u128>,
) -> core::result::Result<i32, Failed> {
    let report = crate::apart::Report::if_apart();
    order.report = report.as_ref().map(|report| report.write);
    // SAFETY: the stack is 16-aligned, as large as its capacity, and outlives the child's use of it,
    // because CLONE_VFORK suspends this thread until the child has exec'd or exited. The child
    // touches only the order, which outlives it for the same reason.
    let pid = unsafe {
        let top = stack.as_mut_ptr().add(stack.capacity());
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD | flags;
        check(libc::clone(child, top.cast(), flags, (&raw mut order).cast()))
    };
    let told = report.map(crate::apart::Report::wait);
    let pid = pid.map_err(|errno| Failed { action: None, errno })?;
    // SAFETY: reads fields that the child wrote through the pointer that it was given.
    let (began, failed) = unsafe {
        ((&raw const order.began).read_volatile(), (&raw const order.failed).read_volatile())
    };
    if !began {
        crate::apart::found();
    }
    match told.unwrap_or(failed) {
        None => Ok(pid),
        Some(failed) => {
            let _ = crate::process::wait(pid);
            Err(failed)
        }
    }
}

/// Becomes the first of `paths` that can be exec'd, by the rules of skarnet's exec: after ENOENT
/// and whatever a directory of the PATH may be to blame for the next one is tried, and the last
/// error other than ENOENT is the reason why not.
pub fn exec(paths: &[Arg], argv: &[Arg], env: &[Arg]) -> Errno {
    let mut worst = Errno::ENOENT;
    for path in paths {
        let errno = crate::process::execve(path, argv, env);
        match errno {
            Errno::ENOENT => {}
            Errno::EACCES | Errno::EPERM | Errno::EISDIR | Errno::ENOTDIR => worst = errno,
            _ => return errno,
        }
    }
    worst
}

/// The path of the program that this process runs, to start it again.
pub const SELF: &CStr = match CStr::from_bytes_with_nul(&SELF_BYTES) {
    Ok(path) => path,
    Err(_) => c"",
};

/// It has a name of its own, by which it lies beside the code of chains (`init/overlay/layout.ld`).
static SELF_BYTES: [u8; 15] = *b"/proc/self/exe\0";

/// Where a command of this program is: in itself, or by its name where there is no /proc. An emulator
/// (see `apart`) execs [`SELF`] by the path that this process was exec'd by, which may be
/// another command's; there the name comes first.
pub fn own(name: &CStr) -> [&CStr; 2] {
    if crate::apart::known() { [name, SELF] } else { [SELF, name] }
}

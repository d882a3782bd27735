//! Processes: identity, becoming another program, ending, waiting.

use crate::{Errno, Result, check, limit, retry};
use core::ffi::{CStr, c_char, c_int, c_void};

/// Ends the process, at once and with nothing in between.
pub fn exit(code: i32) -> ! {
    // SAFETY: ends the process; nothing of ours waits for exit handlers.
    unsafe { libc::_exit(code) }
}

/// A NULL-terminated array of the words' pointers, as exec takes it.
pub fn pointers(words: &[&CStr]) -> Vec<*const c_char> {
    let mut list = Vec::with_capacity(words.len() + 1);
    list.extend(words.iter().map(|w| w.as_ptr()));
    list.push(core::ptr::null());
    list
}

/// Becomes the program at `path`; comes back only with the reason why not.
pub fn execve(path: &CStr, argv: &[&CStr], env: &[&CStr]) -> Errno {
    let (argv, env) = (pointers(argv), pointers(env));
    let (argv, env) = (argv.as_ptr(), env.as_ptr());
    crate::moved::exec(path, |path| {
        // SAFETY: path and words are NUL-terminated, both lists end with a null pointer.
        unsafe { libc::execve(path.as_ptr(), argv, env) };
    })
}

/// Which of the two came out of [`fork`].
pub enum Fork {
    /// The new process.
    Child,
    /// The old one, with the pid of the new.
    Parent(i32),
}

/// `fork(2)`. For processes of one thread: a copy of a thread that holds a lock would hold it
/// for ever.
pub fn fork() -> Result<Fork> {
    // SAFETY: this process has one thread, so the child finds all memory in a consistent state.
    match check(unsafe { libc::fork() })? {
        0 => Ok(Fork::Child),
        pid => Ok(Fork::Parent(pid)),
    }
}

/// [`fork`] with flags of `clone(2)`, such as `CLONE_NEWPID`.
pub fn fork_flags(flags: c_int) -> Result<Fork> {
    if flags == 0 {
        return fork();
    }
    let none = core::ptr::null_mut::<c_void>();
    let flags = libc::c_long::from(flags | libc::SIGCHLD);
    // SAFETY: no memory is shared (no CLONE_VM), and this process has one thread, so the child
    // finds all memory in a consistent state.
    match check(unsafe { libc::syscall(libc::SYS_clone, flags, none, none, none, none) })? {
        0 => Ok(Fork::Child),
        pid => Ok(Fork::Parent(pid as i32)),
    }
}

/// How a child ended or changed, as `wait(2)` reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub c_int);

impl Status {
    /// The signal that killed it.
    pub fn signal(self) -> Option<c_int> {
        libc::WIFSIGNALED(self.0).then(|| libc::WTERMSIG(self.0))
    }
    /// Its exit code, if it ended by itself.
    pub fn code(self) -> Option<c_int> {
        libc::WIFEXITED(self.0).then(|| libc::WEXITSTATUS(self.0))
    }
    /// What execline puts into `?`: the exit code, or 256 and the signal's number.
    pub fn variable(self) -> c_int {
        self.signal().map_or_else(|| self.code().unwrap_or(0), |s| 256 + s)
    }
    /// What execline exits with on its account: codes from 128 on become 128, a signal gives
    /// 128 and its number.
    pub fn exit_code(self) -> c_int {
        self.signal().map_or_else(|| self.code().unwrap_or(0).min(128), |s| 128 + s)
    }
    /// What a shell would say: the code as it is, a signal 128 and its number.
    pub fn shell_code(self) -> c_int {
        self.signal().map_or_else(|| self.code().unwrap_or(0), |s| 128 + s)
    }
}

/// Waits for this child to end.
pub fn wait(pid: i32) -> Result<Status> {
    let mut status = 0;
    // SAFETY: the call fills the number.
    retry(|| check(unsafe { libc::waitpid(pid, &mut status, 0) }))?;
    Ok(Status(status))
}

/// Waits for any child (-1) or this one to end; its pid and end, or `None` if none has yet and
/// `block` is false. `ECHILD`: there is none.
pub fn wait_any(pid: i32, block: bool) -> Result<Option<(i32, Status)>> {
    let mut status = 0;
    let flags = if block { 0 } else { libc::WNOHANG };
    // SAFETY: the call fills the number.
    let got = retry(|| check(unsafe { libc::waitpid(pid, &mut status, flags) }))?;
    Ok((got != 0).then_some((got, Status(status))))
}

/// Whether a child has ended. It can still be waited for.
pub fn has_ended(pid: i32) -> bool {
    let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: siginfo_t is plain numbers, for which zeroes are a valid value; the call fills it.
    unsafe {
        let mut info: libc::siginfo_t = core::mem::zeroed();
        libc::waitid(libc::P_PID, pid.unsigned_abs(), &mut info, flags) == 0 && info.si_pid() != 0
    }
}

/// Adds to the niceness.
pub fn nice(by: i32) -> Result<()> {
    // -1 may be a niceness, too.
    Errno::clear();
    // SAFETY: no memory is touched.
    match unsafe { libc::nice(by) } {
        -1 if Errno::last_raw() != 0 => Err(Errno::last()),
        _ => Ok(()),
    }
}

/// The size of a page of memory, in bytes.
pub fn page_size() -> u64 {
    // SAFETY: no memory is touched.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    u64::try_from(size).unwrap_or(4096)
}

/// Fills the buffer with random bytes.
pub fn random(mut buffer: &mut [u8]) -> Result<()> {
    while !buffer.is_empty() {
        let (to, room) = (buffer.as_mut_ptr().cast(), buffer.len());
        let (to, room): (*mut libc::c_void, usize) = (to, room);
        // The system call itself: the standard library links the C library's function weakly,
        // and in a static program nothing brings it in.
        // SAFETY: the kernel writes at most the buffer's length into it.
        let got = retry(|| check(unsafe { libc::syscall(libc::SYS_getrandom, to, room, 0) }))?;
        buffer = &mut buffer[got as usize..];
    }
    Ok(())
}

/// The own pid.
pub fn getpid() -> i32 {
    // SAFETY: no memory is touched; the call can't fail.
    unsafe { libc::getpid() }
}

/// The parent's pid.
pub fn getppid() -> i32 {
    // SAFETY: no memory is touched; the call can't fail.
    unsafe { libc::getppid() }
}

/// Real and effective user, real and effective group.
pub fn ids() -> (u32, u32, u32, u32) {
    // SAFETY: no memory is touched; these calls can't fail.
    unsafe { (libc::getuid(), libc::geteuid(), libc::getgid(), libc::getegid()) }
}

/// [`ids`] as they were at the process's start, without a call.
pub fn first_ids() -> (u32, u32, u32, u32) {
    // SAFETY: getauxval reads the auxiliary vector only.
    let id = |which| unsafe { libc::getauxval(which) } as u32;
    (id(libc::AT_UID), id(libc::AT_EUID), id(libc::AT_GID), id(libc::AT_EGID))
}

// The C library's own would bring what many threads need to agree on who they are.
#[cfg(not(any(target_arch = "arm", target_arch = "x86")))]
use libc::{SYS_setgid, SYS_setgroups, SYS_setuid};
#[cfg(any(target_arch = "arm", target_arch = "x86"))]
use libc::{
    SYS_setgid32 as SYS_setgid, SYS_setgroups32 as SYS_setgroups, SYS_setuid32 as SYS_setuid,
};

/// `setuid(2)`.
pub fn setuid(uid: u32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::syscall(SYS_setuid, uid) }).map(drop)
}

/// `setgid(2)`.
pub fn setgid(gid: u32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::syscall(SYS_setgid, gid) }).map(drop)
}

/// `setgroups(2)`.
pub fn setgroups(gids: &[u32]) -> Result<()> {
    // SAFETY: the call reads so many numbers.
    check(unsafe { libc::syscall(SYS_setgroups, gids.len(), gids.as_ptr()) }).map(drop)
}

/// The supplementary groups.
pub fn getgroups() -> Result<Vec<u32>> {
    // SAFETY: with 0 the call only counts.
    let n = check(unsafe { libc::getgroups(0, core::ptr::null_mut()) })?;
    let mut gids = vec![0; n as usize];
    // SAFETY: the call fills at most so many numbers.
    let n = check(unsafe { libc::getgroups(n, gids.as_mut_ptr()) })?;
    gids.truncate(n as usize);
    Ok(gids)
}

/// `setsid(2)`: the new session's id.
pub fn setsid() -> Result<i32> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::setsid() })
}

/// `setpgid(2)`.
pub fn setpgid(pid: i32, pgid: i32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::setpgid(pid, pgid) }).map(drop)
}

/// The process group of a process (0: the own).
pub fn getpgid(pid: i32) -> Result<i32> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::getpgid(pid) })
}

/// Orphans below this process become its children (`PR_SET_CHILD_SUBREAPER`).
pub fn set_subreaper(on: bool) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, libc::c_ulong::from(on)) }).map(drop)
}

/// Do they?
pub fn is_subreaper() -> bool {
    let mut on: c_int = 0;
    // SAFETY: the call fills the number.
    let done = unsafe { libc::prctl(libc::PR_GET_CHILD_SUBREAPER, &raw mut on) };
    done == 0 && on != 0
}

/// Is the session this process's own?
pub fn is_session_leader() -> bool {
    // SAFETY: no memory is touched.
    unsafe { libc::getsid(0) == libc::getpid() }
}

/// The name in /proc/PID/comm; 15 bytes of it are kept.
pub fn set_name(name: &CStr) {
    // SAFETY: the name is NUL-terminated and only read.
    unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
}

/// This process dies with that signal when its parent does.
pub fn die_with_parent(signal: c_int) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal as libc::c_ulong) }).map(drop)
}

/// Raises the soft limit of open files to the hard one; the soft limit that was, `None` if it was
/// as high already.
pub fn raise_nofile() -> Result<Option<u64>> {
    let (was, hard) = limit::get(limit::RLIMIT_NOFILE)?;
    if was == hard {
        return Ok(None);
    }
    limit::set(limit::RLIMIT_NOFILE, (hard, hard))?;
    Ok(Some(was))
}

/// Writes what the kernel holds back to the disks.
pub fn sync() {
    // SAFETY: no memory is touched.
    unsafe { libc::sync() }
}

/// Makes a terminal the controlling one of this session.
pub fn take_terminal(fd: i32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::ioctl(fd, libc::TIOCSCTTY, 0) }).map(drop)
}

/// Gives the controlling terminal up.
pub fn drop_terminal(fd: i32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::ioctl(fd, libc::TIOCNOTTY) }).map(drop)
}

/// Makes a process group the terminal's foreground one.
pub fn set_foreground(fd: i32, pgid: i32) -> Result<()> {
    // SAFETY: no memory is touched.
    check(unsafe { libc::tcsetpgrp(fd, pgid) }).map(drop)
}

//! A service whose supervisor was killed runs on, or its finish script does: its next supervisor takes
//! it over, and starts no other one beside it.
//!
//! Who it is tells the status file that was left: a session leader of that pid, which began when the
//! file says. A copy of a service directory has such a file, too, but a younger lock beside it. A
//! PID 1 takes over nothing: nobody survives the last one, and a container's next life has the same
//! pids.

use super::stat;
use super::status::{SIZE, Status};
use std::ffi::CString;
use sys::fd::{O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY};

/// How far the time of its start in the file, which is asked after the exec of `run` and before that
/// of `finish`, may be from the process's own: ns.
const APART: u128 = 5_000_000_000;

/// The state of the service in the directory `name` below `dir`, where it runs and nobody has
/// supervised it since.
pub fn find(dir: i32, name: &[u8]) -> Option<Status> {
    if sys::process::getpid() == 1 {
        return None;
    }
    let path = |file: &[u8]| CString::new([name, b"/supervise/", file].concat()).ok();
    let status = Status::unpack(&sys::at::read(dir, &path(b"status")?, SIZE).ok()??)?;
    let status = Some(status).filter(|status| status.pid != 0)?;
    let lock = sys::at::stat(dir, &path(b"lock")?).ok()?;
    let apart = began(&stat::of(status.pid)?, status.pid)?.abs_diff(status.stamp.nanos());
    (lock.ctime <= status.stamp && apart <= APART).then_some(status)
}

/// When a session leader began that is no child of this process, by the wall clock in ns.
fn began(stat: &[u8], pid: i32) -> Option<i128> {
    const TICK: i128 = 10_000_000;
    let all = stat::fields(stat)?;
    let [state, parent, _, session] = *all.first_chunk()?;
    let start = all.get(19)?;
    let is = |field: &[u8], pid: i32| field == pid.to_string().as_bytes();
    if matches!(state, b"Z" | b"X") || !is(session, pid) || is(parent, sys::process::getpid()) {
        return None;
    }
    let start: i128 = str::from_utf8(start).ok()?.parse().ok()?;
    let boot = sys::time::now().nanos() - sys::time::since_boot().nanos();
    Some(boot + start * TICK)
}

/// Both ends of the pipe that a logger reads, out of the logger: lines that are in it stay there.
pub fn pipe(logger: &Status) -> Option<(i32, i32)> {
    let path = format!("/proc/{}/fd/0", logger.pid);
    let open = |flags| sys::fd::open_bytes(path.as_bytes(), flags | O_NONBLOCK | O_CLOEXEC, 0);
    let write = open(O_WRONLY).ok()?;
    let read = open(O_RDONLY).ok();
    let is_pipe = sys::fs::fstat(write).is_ok_and(|stat| stat.is_fifo());
    let ends = read.filter(|&fd| is_pipe && [fd, write].into_iter().all(blocks));
    if ends.is_none() {
        for fd in [Some(write), read].into_iter().flatten() {
            let _ = sys::fd::close(fd);
        }
    }
    Some((ends?, write))
}

fn blocks(fd: i32) -> bool {
    sys::fd::set_nonblock(fd, false).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_a_process_began() {
        let own = sys::process::getpid();
        let stat = |state: &str, parent: i32, session: i32| {
            let rest = "0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 250 999 1\n";
            format!("7 (a) b) {state} {parent} 7 {session} {rest}").into_bytes()
        };
        let boot = sys::time::now().nanos() - sys::time::since_boot().nanos();
        let began = |stat: &[u8]| began(stat, 7).map(|at| (at - boot) / 1_000_000_000);
        assert_eq!(began(&stat("S", own + 1, 7)), Some(2));
        assert_eq!(began(&stat("Z", own + 1, 7)), None);
        assert_eq!(began(&stat("S", own + 1, 8)), None);
        assert_eq!(began(&stat("S", own, 7)), None);
        assert_eq!(began(b"7 (a"), None);
    }
}

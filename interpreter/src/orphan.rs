//! Children of nobody: double forks.

use crate::arg::{Arg, Argv};
use crate::image::Image;
use sys::Errno;
use sys::process::{Fork, fork};
use sys::spawn::{Action, Failed};

/// What the process in between tells: a pid and 0, or 0 and an error number.
const REPORT: usize = 8;

impl Image {
    /// [`Image::spawn`], but the process becomes a child of PID 1 or the nearest subreaper
    /// instead of this one's: nobody here will have to wait for it. Its pid.
    pub fn spawn_grandchild(
        &self,
        argv: &Argv,
        env: Option<&[Arg]>,
        actions: &[Action],
    ) -> Result<i32, Failed> {
        let fail = |errno| Failed { action: None, errno };
        let (read, write) = sys::fd::pipe(sys::fd::O_CLOEXEC).map_err(fail)?;
        let forked = fork();
        if let Ok(Fork::Child) = forked {
            let _ = sys::fd::close(read);
            self.in_between(argv, env, actions, write);
        }
        let _ = sys::fd::close(write);
        let report = match forked {
            Ok(Fork::Parent(pid)) => receive(read, pid),
            Ok(Fork::Child) => Err(Errno::EINTR),
            Err(errno) => Err(errno),
        };
        let _ = sys::fd::close(read);
        report.map_err(fail)
    }

    /// The process in between: makes the child, tells about it, and leaves it an orphan.
    fn in_between(&self, argv: &Argv, env: Option<&[Arg]>, actions: &[Action], write: i32) -> ! {
        let mut all = Vec::with_capacity(actions.len() + 1);
        all.push(Action::Close(write));
        all.extend_from_slice(actions);
        let (pid, errno) = match self.spawn(argv, env, &all) {
            Ok(pid) => (pid, 0),
            Err(failed) => (0, failed.errno as i32),
        };
        let mut report = [0; REPORT];
        report[..4].copy_from_slice(&pid.to_ne_bytes());
        report[4..].copy_from_slice(&errno.to_ne_bytes());
        let _ = sys::fd::write_all(write, &report);
        sys::process::exit(0)
    }
}

fn receive(read: i32, between: i32) -> Result<i32, Errno> {
    let mut report = [0; REPORT];
    let got = sys::fd::read(read, &mut report);
    let _ = sys::process::wait(between);
    if got? != REPORT {
        return Err(Errno::EINTR);
    }
    let number = |at: usize| {
        i32::from_ne_bytes([report[at], report[at + 1], report[at + 2], report[at + 3]])
    };
    match (number(0), number(4)) {
        (pid, 0) => Ok(pid),
        (_, errno) => Err(Errno::from_raw(errno)),
    }
}

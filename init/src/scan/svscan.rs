//! The director of the command `s6-svscan`: signals that run scripts, and a script at the end.

use super::tree::{Stop, Tree, warn};
use super::{Director, Flow};
use interpreter::arg::{Arg, leak};
use sys::signal::{SIGABRT, SIGALRM, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// What stands in `.s6-svscan/` beside the control files: `SIGNAME` scripts, and `finish`. The
/// working directory is the scan directory.
pub struct Svscan {
    /// The environment of the scripts.
    pub env: Vec<Arg>,
}

impl Director for Svscan {
    fn on_signal(&mut self, tree: &mut Tree, signal: i32) -> Flow {
        match signal {
            SIGALRM => tree.scan(),
            SIGABRT => return Flow::Exit(0),
            _ if self.script(tree, signal) => {}
            SIGHUP => return tree.command(b'h'),
            SIGINT | SIGTERM => tree.stop(Stop::Services),
            SIGQUIT => tree.stop(Stop::All),
            _ => {}
        }
        Flow::Go
    }
}

impl Svscan {
    /// Runs the signal's script, if there is one.
    fn script(&self, tree: &mut Tree, signal: i32) -> bool {
        let Some(name) = sys::signal::name(signal) else { return false };
        let path = leak_once(name);
        if sys::fs::access(path.to_bytes(), sys::fs::X_OK).is_err() {
            return false;
        }
        match tree.spawn(&[path], &vec![path].into(), &self.env, &[]) {
            Ok(_) => true,
            Err(failed) => {
                let path = path.to_string_lossy();
                let why = sys::reason(failed.errno);
                warn(&format!("unable to spawn {path}: {why}"));
                false
            }
        }
    }

    /// Becomes `.s6-svscan/finish`; without one this is the end. Comes back with the exit code.
    pub fn finish(&self) -> i32 {
        let path = c".s6-svscan/finish";
        sys::signal::set_mask(&sys::signal::Set::empty());
        let errno = sys::process::execve(path, &[path], &self.env);
        if errno == sys::Errno::ENOENT && sys::fs::lstat(path).is_err() {
            return 0;
        }
        let why = crate::supervise::why::describe_exec_failure(path.to_bytes(), errno);
        warn(&format!("unable to exec finish script .s6-svscan/finish: {why}"));
        self.crash()
    }

    /// Becomes `.s6-svscan/crash`: what is left to do when nothing can be done.
    pub fn crash(&self) -> i32 {
        let path = c".s6-svscan/crash";
        warn("executing into .s6-svscan/crash");
        let errno = sys::process::execve(path, &[path], &self.env);
        let why = sys::reason(errno);
        crate::supervise::service::say(&format!(
            "s6-svscan: fatal: unable to exec .s6-svscan/crash: {why}\n"
        ));
        if errno == sys::Errno::ENOENT { 127 } else { 126 }
    }
}

/// The path of a signal's script.
fn leak_once(name: &str) -> Arg {
    leak([b".s6-svscan/SIG", name.as_bytes()].concat())
}

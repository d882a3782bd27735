//! The director of the command `s6-svscan`: signals that run scripts, and a script at the end.

use super::tree::{SIGNALS, Stop, Tree, warn};
use super::{Director, Flow};
use interpreter::arg::{Arg, leak};
use interpreter::diagnose::shown;
use sys::handover::Environment;
use sys::signal::{Disposition, SIGABRT, SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM};

/// What stands in `.s6-svscan/` beside the control files: `SIGNAME` scripts, and `finish`. The
/// working directory is the scan directory.
pub struct Svscan {
    /// The environment of the scripts.
    pub env: Vec<Arg>,
}

/// [`Director::kind`] of it.
pub const KIND: u8 = b's';

impl Director for Svscan {
    fn kind(&self) -> u8 {
        KIND
    }

    fn environment(&self) -> &[Arg] {
        &self.env
    }

    fn give_up(&self, env: &Environment) {
        let_go_of_signals();
        let path = c".s6-svscan/crash";
        sys::handover::exec(-1, path, &[path], env);
        sys::process::exit(111)
    }

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
    /// The loop and what comes behind it. The exit code.
    pub fn run(mut self, mut tree: Tree) -> i32 {
        match tree.run(&mut self) {
            0 => {
                tree.leave_behind(&self.env);
                tree.leave_console();
                drop(tree);
                self.finish()
            }
            _ => self.crash(),
        }
    }

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
                let path = shown(path.to_bytes());
                let why = sys::reason(failed.errno);
                warn(&format!("unable to spawn {path}: {why}"));
                false
            }
        }
    }

    /// Becomes `.s6-svscan/finish`; without one this is the end. Comes back with the exit code.
    pub fn finish(&self) -> i32 {
        let path = c".s6-svscan/finish";
        let_go_of_signals();
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
        let_go_of_signals();
        let errno = sys::process::execve(path, &[path], &self.env);
        let why = sys::reason(errno);
        crate::supervise::service::say(&format!(
            "s6-svscan: fatal: unable to exec .s6-svscan/crash: {why}\n"
        ));
        if errno == sys::Errno::ENOENT { 127 } else { 126 }
    }
}

/// Unblocks every signal. One that is pending, and that nobody will look at any more, would end
/// the process before its script: it goes first.
fn let_go_of_signals() {
    for &signal in SIGNALS.iter().chain(&[SIGPIPE]) {
        if let Ok(false) = sys::signal::dispose(signal, Disposition::Ignore) {
            let _ = sys::signal::dispose(signal, Disposition::Default);
        }
    }
    sys::signal::set_mask(&sys::signal::Set::empty());
}

/// The path of a signal's script.
fn leak_once(name: &str) -> Arg {
    leak([b".s6-svscan/SIG", name.as_bytes()].concat())
}

//! Whose process stage 2 is in: PID 1's, until there is something to run.

use super::{Failed, Stage2};
use crate::scan::Tree;
use crate::stages::alive::Scope;
use crate::stages::catch_all::Log;
use crate::stages::milestone::Progress;
use crate::stages::terminal;
use interpreter::word::{Fail, Ran};
use sys::process::Fork;

/// Whose process it is.
pub enum Place {
    /// PID 1's, which has its tree and waits.
    Within {
        /// The tree.
        tree: Box<Tree>,
        /// How far stage 2 is.
        progress: Progress,
        /// What PID 1 has of the logger of everything.
        log: Option<Log>,
        /// Whose end PID 1 sees to.
        scope: Scope,
    },
    /// Its own.
    Apart {
        /// Where milestones go.
        pipe: i32,
    },
    /// A oneshot's script: nobody is told how far it is.
    Oneshot,
}

/// Stage 2 as PID 1 knows it, beside which it goes on.
#[derive(Default)]
pub struct Beside {
    /// Its process, or the CMD's; none where there is nothing left to do.
    pub pid: Option<i32>,
    /// Where further milestones are read from.
    pub pipe: Option<i32>,
    /// Over which it asks.
    pub socket: Option<i32>,
    /// How far it came in PID 1's process.
    pub progress: Progress,
}

/// What came of stage 2 in a process.
pub enum Went {
    /// The process is stage 2's: the CMD, or its code.
    Apart(Ran),
    /// The process is PID 1's.
    Here(Box<Tree>, Beside),
    /// Stage 2 could not become a process.
    Nowhere(Fail),
}

impl Stage2 {
    /// Goes on in a process of its own, from here. To be done before anything runs, and before
    /// what can take long: PID 1 hears nothing until then. In PID 1's process it is an error.
    pub(super) fn leave(&mut self) -> Result<(), Failed> {
        let Place::Within { log, scope, .. } = &self.place else { return Ok(()) };
        let (log, scope) = (*log, *scope);
        self.say.flush();
        let beside = self.fork(log, scope).map_err(|fail| Failed::Left(Err(fail)))?;
        beside.map_or(Ok(()), |beside| Err(Failed::Left(Ok(beside))))
    }

    /// `None` in the new process.
    fn fork(&mut self, log: Option<Log>, scope: Scope) -> Result<Option<Beside>, Fail> {
        let fail = |what: &'static str| move |errno| Fail::sys(what, errno);
        let (told, tell) =
            sys::fd::pipe(sys::fd::O_CLOEXEC | sys::fd::O_NONBLOCK).map_err(fail("make a pipe"))?;
        let (ours, theirs) = sys::fd::socketpair(sys::fd::SOCK_SEQPACKET | sys::fd::SOCK_CLOEXEC)
            .map_err(fail("make a socket pair"))?;
        match sys::process::fork().map_err(fail("fork"))? {
            Fork::Parent(pid) => {
                let _ = sys::fd::close(tell);
                let _ = sys::fd::close(theirs);
                let progress = self.progress();
                let (pipe, socket) = (Some(told), Some(ours));
                Ok(Some(Beside { pid: Some(pid), pipe, socket, progress }))
            }
            Fork::Child => {
                let _ = sys::fd::close(told);
                let _ = sys::fd::close(ours);
                log.map(|log| sys::fd::close(log.reader));
                begin_session(scope, self.console);
                let place = std::mem::replace(&mut self.place, Place::Apart { pipe: tell });
                if let Place::Within { tree, .. } = place {
                    for action in tree.actions_of_old() {
                        let _ = sys::spawn::act(&action);
                    }
                }
                self.socket = theirs;
                sys::process::set_name(c"rc.init");
                Ok(None)
            }
        }
    }

    pub(super) fn progress(&self) -> Progress {
        match &self.place {
            Place::Within { progress, .. } => *progress,
            _ => Progress::default(),
        }
    }

    /// What PID 1's process goes on with.
    pub(super) fn went(self, left: Result<Beside, Fail>) -> Went {
        match (left, self.place) {
            (Ok(mut beside), Place::Within { tree, progress, .. }) => {
                beside.progress = progress;
                Went::Here(tree, beside)
            }
            (Err(fail), _) => Went::Nowhere(fail),
            (Ok(_), _) => Went::Nowhere(Fail::bad("stage 2 left a process that is its own")),
        }
    }
}

/// Until there is a CMD ^C is for stage 2, whose end PID 1 takes for the container's. Where the
/// session is not ours to leave the terminal is still reached by its group.
fn begin_session(scope: Scope, console: i32) {
    if scope == Scope::Own && terminal::is_there(console) {
        let _ = sys::process::setpgid(0, 0);
    } else {
        let _ = sys::process::setsid();
        terminal::claim(console);
    }
}

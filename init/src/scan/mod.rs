//! Many services in one process: what `s6-svscan` is, as PID 1 or anywhere.
//!
//! A [`Tree`] is a scan directory, the services in it, and one epoll loop. It knows services,
//! their loggers' pipes, the two kinds of control fifos and the reaping of children; it does not
//! know what a container is. Whoever owns it (PID 1's stages, the command `s6-svscan`) is its
//! [`Director`] and is asked whenever something happens that is not a service's own affair.
//!
//! How an owner uses it:
//!
//! ```text
//! let mut tree = Tree::new(Config::new(b"/run/service", env))?;   // fifo and lock are there now
//! tree.scan();                                  // optional: run() does it first thing anyway
//! tree.serve(socket);                           // stage 2's end of a SOCK_SEQPACKET pair
//! let code = tree.run(&mut director);           // until a hook gives Flow::Exit
//! ```
//!
//! A stop is a sequence of events and no sleep: [`Tree::stop`] tells every service to end (its
//! down-signal, then SIGCONT), loggers end when the last writer of their pipe is gone, and when
//! nothing is left [`Director::on_quiet`] is called. A director that has its own order (first
//! some services, then scripts, then the rest) goes on from there: after `on_quiet` the tree is
//! empty but alive, still reaps, and may be used further.
//!
//! All descriptors of a tree are close-on-exec, and go with it where a fork has copied it.

pub mod alone;
mod behind;
mod config;
mod entry;
mod follow;
pub mod handover;
mod lines;
mod log;
mod pipeline;
pub mod request;
mod saved;
mod scanner;
mod script;
mod serve;
mod setup;
pub mod svscan;
pub mod tree;

pub use config::{Config, ONE_SERVICE, SIGNALS, Stop};
pub use lines::Format;
pub use tree::Tree;

use crate::supervise::record::Out;
use interpreter::arg::Arg;
use sys::handover::Environment;
use sys::process::Status;

/// Whether the loop goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    Go,
    /// [`Tree::run`] comes back with this code. Nothing is killed and nothing is waited for.
    Exit(i32),
}

/// The owner of a tree, asked in its loop. Each hook may do to the tree whatever it likes.
pub trait Director {
    /// Which director it is, where the process becomes its program anew ([`handover`]): the new
    /// one makes the same out of what [`Director::save`] has written.
    fn kind(&self) -> u8;

    /// Writes its state down, and allocates nothing. By default there is none.
    fn save(&self, _out: &mut Out) {}

    /// The environment of the program that this process becomes.
    fn environment(&self) -> &[Arg];

    /// The end, because there is no way on after a fault. Nothing may be allocated.
    fn give_up(&self, _env: &Environment) {
        sys::process::exit(111)
    }

    /// A signal out of [`Config::signals`] (never SIGCHLD).
    fn on_signal(&mut self, tree: &mut Tree, signal: i32) -> Flow;

    /// ^C on the terminal of this process's session.
    fn on_interrupt(&mut self, tree: &mut Tree) -> Flow {
        self.on_signal(tree, sys::signal::SIGINT)
    }

    /// A child that is no service's has ended: an orphan, or one that the director started.
    fn on_orphan(&mut self, _tree: &mut Tree, _pid: i32, _status: Status) -> Flow {
        Flow::Go
    }

    /// Orphans have ended, and there are no more for now.
    fn on_orphans(&mut self, _tree: &mut Tree) -> Flow {
        Flow::Go
    }

    /// A byte came through `.s6-svscan/control`. Left as it is, it does what s6-svscan does.
    fn on_command(&mut self, tree: &mut Tree, byte: u8) -> Flow {
        tree.command(byte)
    }

    /// A stop is complete: no service and no logger is left. Called once a stop.
    fn on_quiet(&mut self, _tree: &mut Tree) -> Flow {
        Flow::Exit(0)
    }

    /// The moment (of the monotonic clock) at which [`Director::on_deadline`] is wanted. Asked
    /// each time that the loop goes to sleep.
    fn deadline(&self) -> Option<sys::time::Time> {
        None
    }

    /// The deadline is past. Set the next one, or none, or the loop spins.
    fn on_deadline(&mut self, _tree: &mut Tree) -> Flow {
        Flow::Go
    }

    /// Something came on a descriptor of [`Tree::watch`]. `events`: `EPOLLIN` and the like.
    fn on_fd(&mut self, _tree: &mut Tree, _fd: i32, _events: u32) -> Flow {
        Flow::Go
    }
}

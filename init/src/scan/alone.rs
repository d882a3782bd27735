//! The director of services without a scan directory: signals are for all of them, and their end
//! is the end.

use super::{Director, Flow, Tree};
use crate::supervise::machine::Event;
use interpreter::arg::Arg;
use sys::signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// What `s6-supervise` is, and what s6-svscan leaves behind.
pub struct Supervise {
    /// The environment.
    pub env: Vec<Arg>,
}

/// [`Director::kind`] of it.
pub const KIND: u8 = b'1';

impl Director for Supervise {
    fn kind(&self) -> u8 {
        KIND
    }

    fn environment(&self) -> &[Arg] {
        &self.env
    }

    fn on_signal(&mut self, tree: &mut Tree, signal: i32) -> Flow {
        match signal {
            SIGTERM => tree.tell_all(Event::Terminate),
            SIGHUP => tree.tell_all(Event::HangUp),
            SIGQUIT => tree.tell_all(Event::Quit),
            SIGINT => tree.tell_all(Event::Interrupt),
            _ => {}
        }
        Flow::Go
    }
}

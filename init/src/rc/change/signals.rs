//! What ends a change early.

use crate::rc::source::Talk;
use sys::signal::{SIGINT, SIGTERM, Set};

/// SIGTERM and SIGINT as events, until it is dropped.
pub struct Signals {
    /// Readable when there is one.
    pub fd: i32,
    mask: Set,
}

impl Signals {
    /// Blocks them.
    pub fn new() -> sys::Result<Signals> {
        let set = Set::of(&[SIGTERM, SIGINT]);
        Ok(Signals { fd: sys::event::signalfd(&set)?, mask: sys::signal::block(&set) })
    }

    /// Takes what has come, and says so; the last one.
    pub fn warn(&self, talk: Talk) -> Option<i32> {
        let mut last = None;
        while let Ok(Some(signal)) = sys::event::read_signal(self.fd) {
            let name = sys::signal::name(signal.number).unwrap_or_default();
            talk.warn(2, || {
                format!("received {name}, aborting pending processes and exiting asap")
            });
            last = Some(signal.number);
        }
        last
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        let _ = sys::fd::close(self.fd);
        sys::signal::set_mask(&self.mask);
    }
}

//! Terminals: the caller's, which passes every byte on while the container runs, and the
//! container's own.

use std::os::fd::RawFd;
use sys::Errno;
use sys::space::Modes;

/// Standard input's settings as they were, to be put back.
pub struct Raw(Modes);

impl Raw {
    /// Makes the caller's terminal pass every byte on; the container's gets its settings.
    pub fn begin(master: RawFd) -> Result<Raw, Errno> {
        let before = Modes::of(0)?;
        copy_window(master);
        before.set(master)?;
        before.raw().set(0)?;
        Ok(Raw(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = self.0.set(0);
    }
}

/// The container's terminal gets the size of the caller's window.
pub fn copy_window(master: RawFd) {
    if let Ok(size) = sys::space::window(0) {
        let _ = sys::space::set_window(master, size);
    }
}

//! The children of a loop's rounds: how many there may be at once, and how they end.

use super::codes::Codes;
use interpreter::again::Round;
use interpreter::word::Fail;
use sys::share::Others;
use sys::signal::{Disposition, SIGCHLD, Set};

/// The children that live, and what is to be done when one ends.
pub struct Children {
    pids: Vec<i32>,
    most: u32,
    codes: Codes,
    /// Signals were blocked when the loop began. No round's child inherits that, and while the
    /// loop waits none is.
    mask: Option<Set>,
    missed: bool,
}

impl Children {
    /// None yet; at most `most` at once. A SIGCHLD that is ignored no longer is, for the children
    /// too: the kernel would reap them.
    pub fn new(most: u32, codes: Codes) -> Result<Children, Fail> {
        sys::signal::dispose(SIGCHLD, Disposition::Default)
            .map_err(|errno| Fail::sys("watch for children", errno))?;
        let mask = sys::signal::block(&Set::empty());
        let mask = (!mask.is_empty()).then_some(mask);
        Ok(Children { pids: Vec::new(), most, codes, mask, missed: false })
    }

    /// Whether a child has to be told that no signal is blocked.
    pub fn masked(&self) -> bool {
        self.mask.is_some()
    }

    /// What becomes of other children while one that is alone is waited for: they are reaped, as
    /// [`Children::add`] does it. None: it is not alone, or this process has its signals to open
    /// while it waits.
    pub fn alone(&self) -> Option<Others> {
        (self.most == 1 && !self.masked()).then_some(Others::Reaped)
    }

    /// Takes one in, and waits until there is room for another. The exit code, if this one's end
    /// is the loop's: only where rounds follow one another.
    pub fn add(&mut self, round: Round) -> Result<Option<i32>, Fail> {
        let mut last = 0;
        match round {
            Round::Begun(pid) => self.pids.push(pid),
            Round::Over(ended) => {
                last = ended.map_err(|e| Fail::sys("wait", e))?.exit_code();
                self.missed |= self.codes.end(last);
            }
        }
        while self.pids.len() as u64 >= u64::from(self.most) {
            last = self.one_ends()?;
        }
        Ok((self.most == 1 && self.codes.end(last)).then_some(last))
    }

    /// Waits for all that are left; whether each of all the rounds had a code to go on with.
    pub fn finish(mut self) -> Result<bool, Fail> {
        while !self.pids.is_empty() {
            self.one_ends()?;
        }
        Ok(!self.missed)
    }

    /// Waits for the end of one. Children that were there before the loop are reaped on the way.
    fn one_ends(&mut self) -> Result<i32, Fail> {
        if self.mask.is_some() {
            sys::signal::set_mask(&Set::empty());
        }
        let code = loop {
            let ended = sys::process::wait_any(-1, true).map_err(|e| Fail::sys("wait", e))?;
            let Some((pid, status)) = ended else { continue };
            let Some(at) = self.pids.iter().position(|&p| p == pid) else { continue };
            self.pids.swap_remove(at);
            interpreter::trace::ended(pid, status);
            break status.exit_code();
        };
        if let Some(mask) = &self.mask {
            sys::signal::set_mask(mask);
        }
        self.missed |= self.codes.end(code);
        Ok(code)
    }
}

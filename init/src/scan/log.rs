//! A logger of everything whose fifo the tree holds for its owner: what is written while the
//! logger does not run waits for it, and it ends when the owner says so, after everybody else.

use super::entry::Entry;
use super::tree::{SPECIAL, Source, Tree, token};
use sys::event::EPOLLIN;

impl Tree {
    /// Holds the end of the fifo that the logger of everything reads; non-blocking. Such a logger
    /// does not count where [`super::Director::on_quiet`] is to be called: [`Tree::end_log`] ends
    /// it.
    pub fn hold_log(&mut self, fd: i32) {
        for index in self.entries.which(|entry| entry.name.as_c_str() == SPECIAL) {
            if let Some(entry) = self.entries.get_mut(index) {
                entry.pipe = Some(fd);
            }
            self.watch_log(index, self.log_pid().is_none());
        }
    }

    /// The logger's number, until it is told to end.
    pub(super) fn held_log(&self) -> Option<usize> {
        self.entries.iter().find(|(_, entry)| entry.holds_log() && !entry.drained).map(|(i, _)| i)
    }

    /// Has this process write to the console, and the logger end with its last writer.
    pub fn end_log(&mut self) {
        let Some(index) = self.held_log() else { return };
        if let Some(entry) = self.entries.get_mut(index) {
            entry.drained = true;
        }
        self.told_quiet = false;
        self.leave_stdio(self.config.console);
        self.drain(index);
    }

    /// The logger's process, while there is one.
    pub fn log_pid(&self) -> Option<i32> {
        let (_, entry) = self.entries.iter().find(|(_, entry)| entry.holds_log())?;
        Some(entry.pid()).filter(|&pid| pid != 0)
    }

    /// While the logger can't begin, the console gets what waits for it.
    pub(super) fn watch_log(&self, index: usize, stuck: bool) {
        let entry = self.entries.get(index).filter(|entry| entry.holds_log());
        let Some(fd) = entry.and_then(|entry| entry.pipe) else { return };
        // Each may be so already.
        let _ = match stuck {
            true => self.epoll.add(fd, EPOLLIN, token(Source::Log, index)),
            false => self.epoll.remove(fd),
        };
    }

    /// The console gets what waits for the logger.
    pub(super) fn rescue_log(&self, index: usize) {
        let entry = self.entries.get(index).filter(|entry| entry.holds_log());
        if let Some(fd) = entry.and_then(|entry| entry.pipe) {
            rescue(fd, self.config.console);
        }
    }
}

impl Entry {
    /// Is it the logger of everything, whose fifo the tree holds?
    pub(super) fn holds_log(&self) -> bool {
        self.pipe.is_some() && self.name.as_c_str() == SPECIAL
    }
}

fn rescue(fd: i32, console: Option<i32>) {
    let Some(console) = console else { return };
    let mut room = [0; 4096];
    while let Ok(count @ 1..) = sys::fd::read(fd, &mut room) {
        let _ = sys::fd::write_all(console, &room[..count]);
    }
}

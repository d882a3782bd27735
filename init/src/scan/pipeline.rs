//! Services that read what other services write: how their pipes end.
//!
//! Until a stop a pipe is held as long as a service is at an end of it. When the tree is stopped
//! those who write are told to end first, and those who read end with their input, as loggers do:
//! so what is in a pipe gets to where it was meant to get. One that takes no notice of its input's
//! end is told to end after a while.

use super::tree::Tree;

/// How long a service may take to end after its input has: ms. Then it is told to, as others are.
const PATIENCE: u64 = 2000;

impl Tree {
    /// Does a service read from a pipe that there is?
    pub(super) fn is_fed(&self, index: usize) -> bool {
        self.input(index).is_some_and(|name| self.pipes.has(name))
    }

    fn input(&self, index: usize) -> Option<&[u8]> {
        self.entries.get(index)?.service.as_ref()?.ends().input.as_deref()
    }

    fn is_written_by_others(&self, name: &[u8], reader: usize) -> bool {
        self.entries.iter().any(|(index, entry)| {
            let ends = entry.service.as_ref().map(|service| service.ends());
            index != reader && ends.is_some_and(|ends| ends.output.as_deref() == Some(name))
        })
    }

    /// Lets go of the pipes of services that have gone; in a stop, also of the ends to which
    /// nobody writes any more.
    pub(super) fn let_go_of_pipes(&mut self) {
        let Tree { pipes, entries, .. } = self;
        if pipes.is_empty() {
            return;
        }
        pipes.keep(|name| {
            let mut services = entries.iter().filter_map(|(_, entry)| entry.service.as_ref());
            services.any(|service| service.ends().has(name))
        });
        if self.stopping.is_none() {
            return;
        }
        let ready = self.entries.which(|entry| entry.leaving && !entry.drained);
        for index in ready {
            let Some(name) = self.input(index) else { continue };
            if self.is_written_by_others(name, index) {
                continue;
            }
            let name = name.to_vec();
            self.pipes.end(&name);
            if let Some(entry) = self.entries.get_mut(index) {
                entry.drained = true;
                entry.end_at = Some(sys::time::monotonic().plus_millis(PATIENCE));
            }
            self.drain(index);
        }
    }
}

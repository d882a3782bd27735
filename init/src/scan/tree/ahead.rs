//! Many services that start at once: PID 1 begins the next ones while the kernel execs the last.
//!
//! Outside of [`Tree::ahead`] no start is under way, so nobody else has to think of one.

use super::Tree;
use crate::supervise::service::Service;

/// So many services may be waiting for their execs: more than there are processors to do them.
pub(super) const ABREAST: usize = 8;

impl Tree {
    /// Does something with each of many, of which services may start: the next ones begin before the
    /// execs of the last. When this comes back all have begun, or could not.
    pub(in crate::scan) fn ahead<T>(&mut self, many: &[T], mut f: impl FnMut(&mut Tree, &T)) {
        self.ahead = many.len() > 1;
        many.iter().for_each(|one| f(self, one));
        self.ahead = false;
        self.await_starts(0);
    }

    /// Waits for the execs of services until no more than these are left.
    pub(super) fn await_starts(&mut self, left: usize) {
        while self.starting.len() > left
            && let Some(index) = self.starting.pop_front()
        {
            self.await_start(index);
        }
    }

    /// Waits for the exec of a service, if it is starting.
    pub(in crate::scan) fn await_start(&mut self, index: usize) {
        let service = self.entries.get(index).and_then(|entry| entry.service.as_ref());
        if service.is_some_and(Service::is_starting) {
            self.give(index, None);
        }
    }
}

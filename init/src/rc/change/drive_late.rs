//! Who keeps a change waiting is named.

use super::drive::Driver;
use super::last_words;
use crate::rc::compiled::{Id, Way};
use sys::time::{Time, monotonic};

/// Milliseconds on the way down: half of what `docker stop` waits.
const PATIENCE: u64 = 5000;

impl Driver<'_> {
    /// A way down has a limit that nobody may have set here: that of who stops the container.
    pub(super) fn be_patient(&mut self) {
        let down = self.way == Way::Down && self.dry.is_none();
        self.remind_at = down.then(|| monotonic().plus_millis(PATIENCE));
    }

    /// Names who is still on the way when patience has come to its end.
    pub(super) fn remind(&mut self, now: Time) {
        if self.remind_at.take_if(|at| *at <= now).is_none() {
            return;
        }
        for (id, flight) in self.flights.iter().enumerate() {
            if let Some(flight) = flight {
                self.warn(1, || self.late(id as Id, &flight.lacks()));
            }
        }
    }

    fn late(&self, id: Id, lacks: &str) -> String {
        let not_yet = if self.way == Way::Up { "not up yet" } else { "not down yet" };
        let help = self.last_words(id);
        format!("service {} is {not_yet}: it lacks {lacks}{help}", self.name(id))
    }

    /// Nobody waits for it any more: its listener goes, or its script is told to end.
    pub(super) fn abandon(&mut self, id: Id, late: bool) {
        self.pretended.retain(|(_, other)| *other != id);
        let Some(flight) = self.flights[id as usize].take() else { return };
        let lacks = flight.lacks();
        self.note("timeout", id, &lacks);
        if !late {
            return self.details.push((id, lacks));
        }
        let what = self.late(id, &lacks);
        (self.on_failure)(what.as_bytes());
        self.warn(1, || what);
    }

    pub(super) fn last_words(&self, id: Id) -> String {
        let words = last_words::of(self.live, id, self.since);
        words.map_or_else(String::new, |words| format!("\n{words}"))
    }
}

//! What is held: descriptors under names, each until a moment. Pure but for the descriptors.

use super::super::{Moment, later};
use crate::sockets::message::Descriptor;
use std::rc::Rc;

/// One of them.
pub struct Entry {
    /// Its name.
    pub id: Vec<u8>,
    /// When it is forgotten.
    pub limit: Moment,
    /// The descriptor, which answers that have not been sent may have, too.
    pub fd: Rc<Descriptor>,
}

/// All of them, in places that are used again: lists show that order.
#[derive(Default)]
pub struct Store {
    places: Vec<Option<Entry>>,
    free: Vec<usize>,
}

impl Store {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.places.iter().flatten()
    }

    /// The one of that name.
    pub fn find(&self, id: &[u8]) -> Option<&Entry> {
        self.iter().find(|entry| entry.id == id)
    }

    /// Puts one in. One of the same name goes, but keeps its place until then.
    pub fn insert(&mut self, entry: Entry) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.remove(&entry.id);
        self.places[place] = Some(entry);
    }

    /// Forgets the one of that name.
    pub fn remove(&mut self, id: &[u8]) {
        self.forget(|entry| entry.id == id);
    }

    /// Forgets those whose time is over.
    pub fn expire(&mut self, now: &Moment) {
        self.forget(|entry| entry.limit <= *now);
    }

    fn forget(&mut self, is_gone: impl Fn(&Entry) -> bool) {
        for (place, slot) in self.places.iter_mut().enumerate() {
            if slot.as_ref().is_some_and(&is_gone) {
                *slot = None;
                self.free.push(place);
            }
        }
    }

    /// The next moment at which one is to be forgotten, if that is less than a year ahead.
    pub fn next_end(&self, now: &Moment) -> Option<Moment> {
        let year = later(now, 366 * 86400);
        self.iter().map(|entry| entry.limit).min().filter(|end| *end < year)
    }
}

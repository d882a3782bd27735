//! A change's longruns, as far as they are told over the tree's socket. Where that can't be, or is not
//! any more, each one is told and listened to through its own files.

use super::drive::{Driver, Flight, ORDERS};
use super::longrun::{Longrun, Step};
use super::orders::Orders;
use crate::rc::compiled::Id;
use crate::scan::request::News;
use sys::event::EPOLLIN;

impl Driver<'_> {
    /// Connects to the tree, if one of ours is there that we may ask.
    pub(super) fn connect(&mut self) {
        let longruns = self.live.db.longruns() > 0;
        if !longruns || self.dry.is_some() {
            return;
        }
        let prefix = sys::fd::read_file_bytes(&[&self.live.dir[..], b"/prefix"].concat());
        let orders = prefix.and_then(|prefix| Orders::open(&self.live.scandir(), prefix));
        let watched = |orders: &Orders| self.epoll.add(orders.fd(), EPOLLIN, ORDERS).is_ok();
        self.orders = orders.ok().filter(watched);
    }

    /// Tells a service something, soon. The tag of its news; `None`: this is not the way.
    pub(super) fn order(&mut self, id: Id, letter: u8) -> Option<u32> {
        let name = self.live.db.service(id).name();
        if self.orders.as_ref()?.is_full(name.to_bytes()) {
            self.speak();
        }
        let told = self.orders.as_mut()?.tell(name.to_bytes(), letter);
        match told {
            Ok(tag) => {
                self.tagged.push(id);
                Some(tag)
            }
            Err(_) => {
                self.lose_tree();
                None
            }
        }
    }

    /// Sends what was said.
    pub(super) fn send_orders(&mut self) {
        self.speak();
        if self.orders.as_mut().is_some_and(|orders| orders.flush().is_err()) {
            self.lose_tree();
        }
    }

    /// Takes in what the tree tells.
    pub(super) fn hear_tree(&mut self) {
        match self.orders.as_ref().map(Orders::news) {
            Some(Ok(all)) => all.into_iter().for_each(|news| self.hear_news(news)),
            Some(Err(_)) => self.lose_tree(),
            None => {}
        }
    }

    fn hear_news(&mut self, news: News) {
        let Some(&id) = self.tagged.get((news.tag as usize).wrapping_sub(1)) else { return };
        match &mut self.flights[id as usize] {
            Some(Flight::Told(_, tag)) if *tag == news.tag && news.byte == News::UNKNOWN => {
                self.begin_elsewhere(id);
            }
            Some(Flight::Told(longrun, tag)) if *tag == news.tag => {
                let step = longrun.take(&[news.byte]);
                self.step(id, step);
            }
            _ => {}
        }
    }

    /// The tree is gone, or is another program: what is on its way is told once more, through its files.
    fn lose_tree(&mut self) {
        let Some(orders) = self.orders.take() else { return };
        let _ = self.epoll.remove(orders.fd());
        let told = |id: &usize| matches!(self.flights[*id], Some(Flight::Told(..)));
        let on_their_way: Vec<usize> = (0..self.flights.len()).filter(told).collect();
        on_their_way.into_iter().for_each(|id| self.begin_elsewhere(id as Id));
    }

    fn begin_elsewhere(&mut self, id: Id) {
        self.speak();
        let step = match Longrun::begin(self.live.servicedir(id), self.way, None) {
            Ok((longrun, step)) => self.fly(id, Flight::Longrun(longrun), step),
            Err(step) => step,
        };
        self.step(id, step);
    }

    /// A transition is on its way.
    pub(super) fn fly(&mut self, id: Id, flight: Flight, step: Step) -> Step {
        let added = flight.fd().map_or(Ok(()), |fd| self.epoll.add(fd, EPOLLIN, id.into()));
        self.flights[id as usize] = Some(flight);
        added.map_or_else(|errno| Step::Lost(111, sys::reason(errno)), |()| step)
    }
}

//! Services that somebody has told something over a socket, and whose news he is told from then on.
//!
//! News are kept until the end of a turn of the loop: whoever starts a hundred services is woken once
//! for many of them. They are nobody's state: where the process becomes its program anew, whoever
//! follows loses his connection, and goes on by the services' own fifos.

use super::request::{LONGEST, News, Order};
use super::tree::Tree;
use crate::supervise::command::Command;
use crate::supervise::machine::Event;

/// Somebody who follows a service.
#[derive(Clone, Copy, Debug)]
struct Follower {
    /// The service.
    index: usize,
    /// His connection.
    fd: i32,
    /// What he calls it.
    tag: u32,
}

/// Who follows what, and what is to be told.
#[derive(Debug, Default)]
pub(super) struct Followers {
    all: Vec<Follower>,
    news: Vec<(i32, News)>,
    /// Where the last service was found: they mostly come in the order of their names.
    last: usize,
}

impl Followers {
    /// Does somebody follow over this connection?
    pub fn has(&self, fd: i32) -> bool {
        self.all.iter().any(|follower| follower.fd == fd)
    }

    /// A connection is gone.
    pub fn forget(&mut self, fd: i32) {
        self.all.retain(|follower| follower.fd != fd);
        self.news.retain(|(to, _)| *to != fd);
    }

    /// Something happened to a service.
    pub fn note(&mut self, index: usize, bytes: &[u8]) {
        for follower in self.all.iter().filter(|follower| follower.index == index) {
            let news = |&byte| (follower.fd, News { tag: follower.tag, byte });
            self.news.extend(bytes.iter().map(news));
        }
    }

    /// A service is gone.
    pub fn lose(&mut self, index: usize) {
        self.all.retain(|follower| follower.index != index);
    }
}

impl Tree {
    /// Tells services what somebody wants of them. He follows them from then on.
    pub(super) fn order(&mut self, fd: i32, orders: &[Order]) {
        self.ahead(orders, |tree, order| tree.order_one(fd, order));
    }

    fn order_one(&mut self, fd: i32, order: &Order) {
        let news = |byte| (fd, News { tag: order.tag, byte });
        let Some((index, command)) = self.find(&order.name).zip(Command::of(order.letter)) else {
            return self.followers.news.push(news(News::UNKNOWN));
        };
        self.await_start(index);
        let entry = self.entries.get(index).and_then(|entry| entry.service.as_ref());
        let Some(status) = entry.map(|service| service.machine.status) else { return };
        let state = match (status.is_up(), status.ready) {
            (true, true) => b'U',
            (true, false) => b'u',
            (false, true) => b'D',
            (false, false) => b'd',
        };
        self.followers.news.push(news(state));
        self.followers.all.retain(|old| (old.index, old.fd) != (index, fd));
        self.followers.all.push(Follower { index, fd, tag: order.tag });
        self.feed(index, Event::Command(command));
    }

    /// The service of that name in the scan directory, if it is supervised.
    fn find(&mut self, name: &[u8]) -> Option<usize> {
        let is = |index: &usize| {
            let entry = self.entries.get(*index).filter(|entry| entry.active && !entry.leaving);
            entry.is_some_and(|entry| entry.name.to_bytes() == name && entry.service.is_some())
        };
        let last = self.followers.last;
        let near = [last.wrapping_sub(1), last.wrapping_add(1)].into_iter().find(is);
        let found = near.or_else(|| self.entries.iter().map(|(index, _)| index).find(is))?;
        self.followers.last = found;
        Some(found)
    }

    /// Tells everybody what there is to tell.
    pub(super) fn tell_news(&mut self) {
        while let Some(&(fd, _)) = self.followers.news.first() {
            let mut packet = News::BEGIN.to_vec();
            let all = std::mem::take(&mut self.followers.news);
            for (to, news) in all {
                if to == fd && packet.len() + News::SIZE <= LONGEST {
                    news.encode(&mut packet);
                } else {
                    self.followers.news.push((to, news));
                }
            }
            self.send_packet(fd, &packet);
        }
    }
}

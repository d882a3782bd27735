//! A tree as bytes, and out of them: what the loop holds, each entry with its place.

use super::config::{Config, Stop};
use super::entry::{Entries, Entry};
use super::lines::Lines;
use super::script::Script;
use super::serve::Client;
use super::setup;
use super::tree::{Place, Source, Tree, by_pid, token};
use crate::supervise::child::Common;
use crate::supervise::pipes::Pipes;
use crate::supervise::record::{In, Out};
use crate::supervise::service::Service;
use std::collections::BTreeMap;
use sys::event::EPOLLIN;

impl Entry {
    fn save(&self, out: &mut Out) {
        out.bytes(self.name.to_bytes());
        out.count(self.id.0);
        out.count(self.id.1);
        [self.active, self.leaving, self.drained, self.is_logger]
            .into_iter()
            .for_each(|f| out.number(f));
        out.maybe(self.peer.map(|peer| peer as i64));
        out.fd(self.pipe);
        out.number(self.voice.is_some());
        self.voice.into_iter().flatten().for_each(|at| out.count(at as u64));
        out.time(Some(self.begin_at));
        out.time(self.end_at);
        out.bytes(self.trouble.as_deref().unwrap_or("").as_bytes());
        out.number(self.service.is_some());
        if let Some(service) = &self.service {
            service.save(out);
        }
    }

    fn load(input: &mut In) -> Option<Entry> {
        Some(Entry {
            name: input.word()?,
            id: (input.count()?, input.count()?),
            active: input.flag()?,
            leaving: input.flag()?,
            drained: input.flag()?,
            is_logger: input.flag()?,
            peer: input.maybe()?.and_then(|peer| peer.try_into().ok()),
            pipe: input.fd()?,
            voice: match input.flag()? {
                true => Some([input.index()?, input.index()?]),
                false => None,
            },
            begin_at: input.time()??,
            end_at: input.time()?,
            trouble: String::from_utf8(input.bytes()?).ok().filter(|text| !text.is_empty()),
            service: if input.flag()? { Some(Service::load(input)?) } else { None },
        })
    }
}

impl Config {
    fn save(&self, out: &mut Out) {
        out.bytes(&self.scandir);
        out.words(&self.env);
        out.count(self.signals.len() as u64);
        self.signals.iter().for_each(|&signal| out.number(signal));
        out.maybe(self.rescan.map(|ms| ms as i64));
        out.count(self.services_max as u64);
        out.count(self.name_max as u64);
        out.fd(self.console);
    }

    fn load(input: &mut In) -> Option<Config> {
        Some(Config {
            scandir: input.bytes()?,
            env: input.words()?,
            signals: list(input, |input| input.int())?.leak(),
            rescan: input.maybe()?.map(i64::cast_unsigned),
            services_max: input.index()?,
            name_max: input.index()?,
            console: input.fd()?,
        })
    }
}

/// How a stop is written, none being 0.
const STOPS: [Stop; 2] = [Stop::Services, Stop::All];

impl Tree {
    /// Writes it down. Nothing is allocated.
    pub(super) fn save(&self, out: &mut Out) {
        self.config.save(out);
        out.maybe(self.common.nofile.map(u64::cast_signed));
        out.number(self.place.is_some());
        if let Some(place) = &self.place {
            [place.dir, place.control, place.lock].into_iter().for_each(|fd| out.fd(Some(fd)));
            out.fd(place.listener);
        }
        out.time(self.scan_at);
        out.number(self.scanned);
        let stop = self.stopping.and_then(|stop| STOPS.iter().position(|&s| s == stop));
        out.count(stop.map_or(0, |n| n as u64 + 1));
        out.number(self.told_quiet);
        // Who follows services loses the connection: news in between would be lost.
        let served = || self.served.iter().filter(|client| !self.followers.has(client.fd));
        out.count(served().count() as u64);
        for client in served() {
            out.fd(Some(client.fd));
            out.number(client.script);
            out.count(client.waits.len() as u64);
            client.waits.iter().for_each(|word| out.bytes(word.to_bytes()));
        }
        out.count(self.scripts.len() as u64);
        for script in &self.scripts {
            out.number(script.pid);
            out.bytes(script.name.to_bytes());
        }
        out.count(self.watched.len() as u64);
        self.watched.iter().for_each(|&fd| out.fd(Some(fd)));
        self.pipes.save(out);
        out.number(self.lines.is_some());
        if let Some(lines) = &self.lines {
            lines.save(out);
        }
        out.count(self.entries.len() as u64);
        for (index, entry) in self.entries.iter() {
            out.count(index as u64);
            entry.save(out);
        }
    }

    /// Reads it, and goes on where it was: nothing is started and nothing is told. `None`: that
    /// is no tree.
    pub(super) fn load(input: &mut In) -> Option<Tree> {
        let config = Config::load(input)?;
        let (signals, epoll, mask) = setup::ears(config.signals).ok()?;
        // After a fault everything is blocked.
        sys::signal::set_mask(&mask);
        let nofile = input.maybe()?.map(i64::cast_unsigned);
        let common = Common::new(config.env.clone(), nofile, signals);
        let _ = common.slots();
        let mut tree = setup::empty(config, common, signals, epoll);
        if input.flag()? {
            let mut fd = || input.fd().flatten();
            let (dir, control, lock) = (fd()?, fd()?, fd()?);
            tree.place = Some(Place { dir, control, lock, listener: input.fd()? });
        }
        tree.scan_at = input.time()?;
        tree.scanned = input.flag()?;
        tree.stopping = match input.index()? {
            0 => None,
            n => Some(*STOPS.get(n - 1)?),
        };
        tree.told_quiet = input.flag()?;
        tree.served = list(input, |input| {
            let (fd, script) = (input.fd()??, input.int()?);
            Some(Client { fd, script, waits: list(input, |input| input.word())? })
        })?;
        let script = |input: &mut In| Some(Script { pid: input.int()?, name: input.word()? });
        tree.scripts = list(input, script)?;
        tree.watched = list(input, |input| input.fd()?)?;
        tree.pipes = Pipes::load(input)?;
        if input.flag()? {
            tree.lines = Some(Lines::load(input)?);
        }
        for _ in 0..input.index()? {
            let index = input.index()?;
            tree.entries.put(index, Entry::load(input)?)?;
        }
        tree.look_at = tree.stopping.map(|_| sys::time::monotonic());
        tree.listen().ok()?;
        tree.hear_lines();
        Some(tree)
    }

    /// Watches all that it has, and knows its children.
    fn listen(&mut self) -> sys::Result<()> {
        let watch = |fd, source, number| self.epoll.add(fd, EPOLLIN, token(source, number));
        if let Some(place) = &self.place {
            watch(place.control, Source::Scan, 0)?;
            place.listener.map_or(Ok(()), |fd| self.watch_listener(fd))?;
        }
        for client in &self.served {
            watch(client.fd, Source::Request, client.fd as usize)?;
        }
        for &fd in &self.watched {
            watch(fd, Source::Director, fd as usize)?;
        }
        let mut all = BTreeMap::new();
        for (index, entry) in self.entries.iter() {
            let Some(service) = &entry.service else { continue };
            watch(service.home.control, Source::Service, index)?;
            if let Some(fd) = service.readiness {
                watch(fd, Source::Readiness, index)?;
            }
            match entry.pid() {
                0 => self.watch_log(index, true),
                pid => drop(all.insert(by_pid(pid), index)),
            }
        }
        for (&(_, pid), &index) in &all {
            let pid = i32::try_from(pid).unwrap_or(0);
            self.watch_stranger(index, pid)?;
        }
        self.by_pid = all;
        Ok(())
    }
}

fn list<T>(input: &mut In, one: impl Fn(&mut In) -> Option<T>) -> Option<Vec<T>> {
    let count = input.index()?;
    (0..count).map(|_| one(input)).collect()
}

impl Entries {
    /// Puts one in under a number that it had elsewhere.
    fn put(&mut self, index: usize, entry: Entry) -> Option<()> {
        const MOST: usize = 1 << 20;
        if index >= MOST {
            return None;
        }
        while self.slots.len() <= index {
            self.slots.push(None);
        }
        self.slots[index] = Some(entry);
        self.count += 1;
        Some(())
    }
}

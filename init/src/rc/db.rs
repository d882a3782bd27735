//! `s6-rc-db`: questions about a database.

use super::compiled::{Damaged, Db, Entry, Id, Kind as Of, NOMINAL, Script, Service, Way};
use super::format_upgrade::invalid;
use super::{LIVE, lock};
use interpreter::arg::{Arg, Argv};
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::diagnose::{nearest, shown};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 0 answered, 3 nothing has the name, 4 the database can't be used, 5 the name is of
/// another kind, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-db",
    usage: "s6-rc-db [ -u | -d ] [ -l live ] [ -c compiled ] [ -b ] [ -E | -e ] subcommand \
            [ name... ] (use s6-rc-db help for more information)",
    run,
    kind: Kind::Link,
    examine: None,
};

const DOWN: u64 = 1;
const WAITS: u64 = 2;
const HIDES: u64 = 4;
const FLAGS: [Flag; 5] = [
    Flag { short: b'u', long: "up", clear: DOWN, set: 0 },
    Flag { short: b'd', long: "down", clear: 0, set: DOWN },
    Flag { short: b'b', long: "block", clear: 0, set: WAITS },
    Flag { short: b'E', long: "with-essentials", clear: HIDES, set: 0 },
    Flag { short: b'e', long: "without-essentials", clear: 0, set: HIDES },
];
const VALUED: [Valued; 2] = [
    Valued { short: b'l', long: "livedir", slot: 0 },
    Valued { short: b'c', long: "compiled", slot: 1 },
];

/// What can be asked, with the words that are wanted behind; sorted.
const QUESTIONS: [(&str, &str); 12] = [
    ("all-dependencies", "[ -u | -d ] all-dependencies servicename..."),
    ("atomics", "atomics servicename..."),
    ("check", "check"),
    ("contents", "contents bundlename"),
    ("dependencies", "[ -u | -d ] dependencies servicename..."),
    ("flags", "flags atomicname"),
    ("help", "help"),
    ("list", "list all|services|oneshots|longruns|bundles"),
    ("pipeline", "pipeline longrunname"),
    ("script", "[ -u | -d ] script oneshotname"),
    ("timeout", "[ -u | -d ] timeout atomicname"),
    ("type", "type servicename"),
];

/// In which order `help` has them.
const HELP: [usize; 12] = [6, 2, 7, 11, 10, 3, 4, 8, 9, 5, 1, 0];

const LISTS: [&str; 5] = ["all", "bundles", "longruns", "oneshots", "services"];

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let Found { bits, values: [live, compiled], used } = long::scan::<2>(&argv, &FLAGS, &VALUED)?;
    argv.advance(used);
    let question = *argv.first().ok_or_else(Fail::usage)?;
    let known = QUESTIONS.iter().find(|(name, _)| name.as_bytes() == question.to_bytes());
    let Some(&(question, _)) = known else { return Err(unknown("command", question, &names())) };
    let names = &argv[1..];
    if question == "help" {
        return print(&help());
    }
    if question != "check" && names.is_empty() {
        return Err(Fail::usage());
    }
    if question == "list" && !LISTS.iter().any(|list| list.as_bytes() == names[0].to_bytes()) {
        return Err(unknown("subcommand", names[0], &LISTS));
    }
    let of_live = || {
        let live = live.map_or(LIVE, |live| live.to_bytes());
        super::of_stages(live);
        [live, b"/compiled"].concat()
    };
    let dir = compiled.map_or_else(of_live, |dir| dir.to_bytes().to_vec());
    lock::take(&dir, false, bits & WAITS != 0)
        .map_err(|errno| Fail::sys_at("take lock on", &dir, errno))?;
    let db = open(&dir)?;
    let way = if bits & DOWN != 0 { Way::Down } else { Way::Up };
    let desk = Desk { db, dir: &dir, way, hides: bits & HIDES != 0 };
    print(&desk.answer(question, names)?)
}

fn names() -> [&'static str; 12] {
    QUESTIONS.map(|(name, _)| name)
}

/// A word that should be one of those.
pub fn unknown(what: &str, word: Arg, known: &[&'static str]) -> Fail {
    let mut message = format!("unknown {what}: {}", shown(word.to_bytes()));
    let known = known.iter().map(|name| name.as_bytes());
    if let Some(near) = nearest(word.to_bytes(), known) {
        message += &format!("\nhelp: is it {} that is meant?", String::from_utf8_lossy(near));
    }
    Fail::bad(message)
}

fn help() -> Vec<u8> {
    let line = |at: usize| format!("s6-rc-db {}\n", QUESTIONS[at].1);
    HELP.map(line).concat().into_bytes()
}

/// Writes to standard output, and ends.
pub fn print(text: &[u8]) -> Ran {
    sys::fd::write_all(1, text).map_err(|errno| Fail::sys("write to stdout", errno))?;
    Ok(Next::Exit(0))
}

/// Opens a database for a command.
pub fn open(dir: &[u8]) -> Result<Db, Fail> {
    Db::open(dir).map_err(|damaged| match damaged {
        Damaged::Unreadable(errno) => Fail::sys_at("read", &[dir, b"/db"].concat(), errno),
        other => invalid(dir, &other.to_string()),
    })
}

/// The entry of that name. Exit code 3 where there is none: it is not a `what` identifier.
pub fn find(db: &Db, dir: &[u8], name: &[u8], what: &str) -> Result<Entry, Fail> {
    db.find(name).ok_or_else(|| {
        let what = format!("{} is not a {what} identifier in {}", shown(name), shown(dir));
        let names: Vec<Arg> = db.entries().map(|entry| db.name(entry)).collect();
        let near = nearest(name, names.iter().map(|name| name.to_bytes()));
        let help = near.map_or_else(String::new, |near| {
            format!("\nhelp: is it {} that is meant?", shown(near))
        });
        Fail::with_code(3, what + &help)
    })
}

struct Desk<'a> {
    db: Db,
    dir: &'a [u8],
    way: Way,
    hides: bool,
}

impl Desk<'_> {
    fn answer(&self, question: &str, names: &[Arg]) -> Result<Vec<u8>, Fail> {
        let name = names.first().copied().unwrap_or_default();
        match question {
            "check" => self.check(),
            "list" => Ok(self.list(name.to_bytes())),
            "type" => self.kind(name),
            "timeout" => {
                let service = self.atomic(name)?;
                Ok(format!("{}\n", service.timeout(self.way)).into_bytes())
            }
            "contents" => self.contents(name),
            "pipeline" => self.pipeline(name),
            "script" => self.script(name),
            "flags" => {
                let service = self.atomic(name)?;
                Ok(format!("{:08x}\n", service.flags() & !NOMINAL).into_bytes())
            }
            "dependencies" => self.union(names, |desk, set, id| {
                desk.db.service(id).needs(desk.way).for_each(|id| set[id as usize] = true);
            }),
            question => {
                let mut set = self.set(names, |_, set, id| set[id as usize] = true)?;
                if question != "atomics" {
                    self.db.close(&mut set, self.way);
                }
                Ok(self.backwards(&set))
            }
        }
    }

    fn find(&self, name: Arg) -> Result<Entry, Fail> {
        find(&self.db, self.dir, name.to_bytes(), "valid")
    }

    /// Exit code 5: the name is of another kind.
    fn wrong(&self, name: Arg, what: &str) -> Fail {
        let (dir, name) = (shown(self.dir), shown(name.to_bytes()));
        let what = format!("in database {dir}: identifier {name} represents {what}");
        Fail::with_code(5, what)
    }

    fn atomic(&self, name: Arg) -> Result<Service, Fail> {
        match self.find(name)? {
            Entry::Service(id) => Ok(self.db.service(id)),
            Entry::Bundle(_) => Err(self.wrong(name, "a bundle")),
        }
    }

    /// A line for each service that is to be seen.
    fn lines(&self, ids: impl Iterator<Item = Id>) -> Vec<u8> {
        let mut text = Vec::new();
        for service in ids.map(|id| self.db.service(id)) {
            if !(self.hides && service.is_essential()) {
                text.extend_from_slice(service.name().to_bytes());
                text.push(b'\n');
            }
        }
        text
    }

    fn list(&self, which: &[u8]) -> Vec<u8> {
        let (all, longruns) = (self.db.len() as u32, self.db.longruns());
        let services = match which {
            b"services" => 0..all,
            b"oneshots" => longruns..all,
            b"longruns" => 0..longruns,
            _ => {
                let services = (0..all).rev().filter(|_| which == b"all").map(Entry::Service);
                let bundles = (0..self.db.bundles()).rev().map(Entry::Bundle);
                let names = services.chain(bundles).map(|entry| self.db.name(entry));
                return names.flat_map(|name| [name.to_bytes(), b"\n"].concat()).collect();
            }
        };
        self.lines(services)
    }

    fn kind(&self, name: Arg) -> Result<Vec<u8>, Fail> {
        Ok(match self.find(name)? {
            Entry::Bundle(_) => &b"bundle\n"[..],
            Entry::Service(id) if self.db.service(id).kind() == Of::Longrun => b"longrun\n",
            Entry::Service(_) => b"oneshot\n",
        }
        .to_vec())
    }

    fn contents(&self, name: Arg) -> Result<Vec<u8>, Fail> {
        match self.find(name)? {
            Entry::Bundle(bundle) => Ok(self.lines(self.db.contents(bundle))),
            Entry::Service(_) => Err(self.wrong(name, "an atomic service")),
        }
    }

    fn script(&self, name: Arg) -> Result<Vec<u8>, Fail> {
        let service = self.atomic(name)?;
        if service.kind() == Of::Longrun {
            return Err(self.wrong(name, "a longrun service"));
        }
        let which = if self.way == Way::Up { Script::Up } else { Script::Down };
        let words = service.script(which);
        Ok(words.iter().flat_map(|word| word.to_bytes_with_nul()).copied().collect())
    }

    /// `producer/consumer`, a line for each step, those that are farther up first.
    fn pipeline(&self, name: Arg) -> Result<Vec<u8>, Fail> {
        let mut end = match self.find(name)? {
            Entry::Service(id) if id < self.db.longruns() => id,
            _ => return Err(self.wrong(name, "no longrun service")),
        };
        // No more steps than services, whatever stands in the file.
        for _ in 0..self.db.len() {
            end = self.db.service(end).consumer().unwrap_or(end);
        }
        let producers = |id| self.db.service(id).producers().map(move |producer| (producer, id));
        let mut steps = Vec::new();
        let mut todo: Vec<(Id, Id)> = producers(end).collect();
        while let Some(step) = todo.pop() {
            steps.push(step);
            if steps.len() <= self.db.len() {
                todo.extend(producers(step.0));
            }
        }
        let name = |id| self.db.service(id).name().to_bytes();
        let line = |&(from, to): &(Id, Id)| [name(from), b"/", name(to), b"\n"].concat();
        Ok(steps.iter().rev().flat_map(line).collect())
    }

    fn set(&self, names: &[Arg], add: impl Fn(&Self, &mut [bool], Id)) -> Result<Vec<bool>, Fail> {
        let mut set = vec![false; self.db.len()];
        for &name in names {
            for id in self.db.atoms(self.find(name)?) {
                add(self, &mut set, id);
            }
        }
        Ok(set)
    }

    fn union(&self, names: &[Arg], add: impl Fn(&Self, &mut [bool], Id)) -> Result<Vec<u8>, Fail> {
        Ok(self.backwards(&self.set(names, add)?))
    }

    /// The last service first, as the original has them.
    fn backwards(&self, set: &[bool]) -> Vec<u8> {
        self.lines((0..set.len() as u32).rev().filter(|&id| set[id as usize]))
    }

    /// The file has been checked when it was opened; whether its graph is one that can be walked
    /// is checked here.
    fn check(&self) -> Result<Vec<u8>, Fail> {
        let all = || self.db.services();
        let has = |mut list: Box<dyn Iterator<Item = Id>>, id| list.any(|other| other == id);
        let mirrored = |way, back| {
            all().all(|s| {
                s.needs(way).all(|id| has(Box::new(self.db.service(id).needs(back)), s.id))
            })
        };
        if !mirrored(Way::Up, Way::Down) || !mirrored(Way::Down, Way::Up) {
            return Err(invalid(self.dir, "direct and reverse dependencies are mismatched"));
        }
        let piped = all().all(|s| {
            s.consumer().is_none_or(|id| has(Box::new(self.db.service(id).producers()), s.id))
                && s.producers().all(|id| self.db.service(id).consumer() == Some(s.id))
        });
        if !piped {
            return Err(invalid(self.dir, "producers and consumers are mismatched"));
        }
        let edges: Vec<Vec<Id>> = all().map(|s| s.needs(Way::Up).collect()).collect();
        let parts = super::source::parts(edges.len(), |id| &edges[id]);
        let bad = |part: &&Vec<Id>| part.len() > 1 || edges[part[0] as usize].contains(&part[0]);
        if let Some(part) = parts.iter().find(bad) {
            let name = shown(self.db.service(part[0]).name().to_bytes());
            return Err(invalid(self.dir, &format!("a cycle of dependencies involves {name}")));
        }
        Ok(Vec::new())
    }
}

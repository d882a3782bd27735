//! A report: tables of contestants' figures, and the curves that go through them.

use super::fit::{Power, power};
use super::stats::{median, percentile};

/// Which way a figure is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Times, memory, bytes, counts.
    Less,
    /// Lines a second.
    More,
}

/// What a contestant is to the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// chainit.
    Ours,
    /// What ours is held against.
    Peer,
    /// What nobody can be better than: a bare program. It is shown, and no peer.
    Floor,
}

/// One contestant of a table.
#[derive(Debug, Clone)]
pub struct Entry {
    /// As the table shows it.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// All that was measured.
    pub values: Vec<f64>,
    /// Why there is nothing, or not all of it.
    pub failed: Option<String>,
}

impl Entry {
    /// That percentile, if anything was measured.
    pub fn at(&self, percent: usize) -> Option<f64> {
        percentile(&self.values, percent)
    }
}

/// One measurement by all contestants.
#[derive(Debug, Clone)]
pub struct Table {
    /// What a link leads to.
    pub anchor: String,
    /// The room of the report it stands in.
    pub section: &'static str,
    /// What was measured.
    pub title: String,
    /// What the numbers count.
    pub unit: &'static str,
    /// Which way is good.
    pub better: Better,
    /// The curve that it is a point of, and where.
    pub curve: Option<(&'static str, f64)>,
    /// How it was measured, in a sentence or a command line.
    pub how: String,
    /// Who took part.
    pub entries: Vec<Entry>,
}

/// Who differs by less than this is level: two runs of one program do.
pub const LEVEL: f64 = 1.02;

impl Table {
    fn ours(&self) -> Option<&Entry> {
        self.entries.iter().find(|e| e.role == Role::Ours)
    }

    /// Ours and its median.
    pub fn our_median(&self) -> Option<f64> {
        median(&self.ours()?.values)
    }

    /// The peer that is ahead of all others, and its median.
    pub fn best_peer(&self) -> Option<(&Entry, f64)> {
        let peers = self.entries.iter().filter(|e| e.role == Role::Peer);
        let mut medians = peers.filter_map(|e| Some((e, median(&e.values)?)));
        let first = medians.next()?;
        Some(medians.fold(first, |best, e| if self.ahead(e.1, best.1) { e } else { best }))
    }

    fn ahead(&self, one: f64, other: f64) -> bool {
        match self.better {
            Better::Less => one < other,
            Better::More => one > other,
        }
    }

    /// A median as a part of the best peer's.
    pub fn ratio(&self, entry: &Entry) -> Option<f64> {
        let (_, best) = self.best_peer()?;
        let own = median(&entry.values)?;
        if own == best { Some(1.0) } else { (best != 0.0).then(|| own / best) }
    }

    /// The peers that ours is behind.
    pub fn ahead_of_us(&self) -> Vec<&Entry> {
        let Some(ours) = self.our_median() else { return Vec::new() };
        let is_ahead = |e: &&Entry| {
            e.role == Role::Peer
                && median(&e.values).is_some_and(|theirs| match self.better {
                    Better::Less => ours > theirs * LEVEL,
                    Better::More => ours * LEVEL < theirs,
                })
        };
        self.entries.iter().filter(is_ahead).collect()
    }
}

/// A contestant's way through the tables of one curve.
#[derive(Debug, Clone)]
pub struct Line {
    /// The contestant.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// N, and the median there.
    pub points: Vec<(f64, f64)>,
    /// What fits the points with N of 10 and more, where the fixed part no longer rules.
    pub fit: Option<Power>,
}

/// One dimension.
#[derive(Debug, Clone)]
pub struct Curve {
    /// Its title.
    pub title: &'static str,
    /// What the numbers count.
    pub unit: &'static str,
    /// By contestant.
    pub lines: Vec<Line>,
}

impl Curve {
    /// What a link or a file's name has.
    pub fn anchor(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let words: String = self.title.chars().map(plain).collect();
        let words: Vec<&str> = words.split('-').filter(|w| !w.is_empty()).collect();
        format!("curve-{}", words.join("-"))
    }
}

/// Where a fit begins.
const FEWEST: f64 = 10.0;

/// The curves of a report's tables, in the order in which they come.
pub fn curves(tables: &[Table]) -> Vec<Curve> {
    let mut all: Vec<Curve> = Vec::new();
    for table in tables {
        let Some((title, n)) = table.curve else { continue };
        let at = all.iter().position(|c| c.title == title).unwrap_or_else(|| {
            all.push(Curve { title, unit: table.unit, lines: Vec::new() });
            all.len() - 1
        });
        for entry in &table.entries {
            let Some(value) = median(&entry.values) else { continue };
            let lines = &mut all[at].lines;
            match lines.iter_mut().find(|l| l.name == entry.name) {
                Some(line) => line.points.push((n, value)),
                None => lines.push(Line {
                    name: entry.name.clone(),
                    role: entry.role,
                    points: vec![(n, value)],
                    fit: None,
                }),
            }
        }
    }
    for line in all.iter_mut().flat_map(|c| &mut c.lines) {
        let many: Vec<_> = line.points.iter().filter(|p| p.0 >= FEWEST).copied().collect();
        line.fit = power(&many);
    }
    // Who was measured at N = 0 only has no place on a logarithmic scale.
    all.iter_mut().for_each(|c| c.lines.retain(|l| l.points.iter().any(|p| p.0 > 0.0)));
    all.retain(|c| c.lines.iter().any(|l| l.points.len() > 1));
    all
}

/// Where and with what it was measured.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// Names and values: the processor, the kernel, the date.
    pub facts: Vec<(String, String)>,
    /// Contestants and their versions.
    pub versions: Vec<(String, String)>,
    /// What somebody types to have the same.
    pub command: String,
    /// What a reader must know before believing anything here.
    pub warning: Option<String>,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Where.
    pub machine: Machine,
    /// What.
    pub tables: Vec<Table>,
}

impl Report {
    /// The sections in the order in which they come.
    pub fn sections(&self) -> Vec<&'static str> {
        let mut all: Vec<&'static str> = Vec::new();
        for table in &self.tables {
            if !all.contains(&table.section) {
                all.push(table.section);
            }
        }
        all
    }
}

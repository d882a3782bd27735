//! Contestants take turns.

use std::time::{Duration, Instant};
use tests::bench::model::{Better, Entry, Role, Table};

/// What one contestant does in its turn: its figures, or why there are none.
pub type Turn<'a> = Box<dyn FnMut() -> Result<Vec<f64>, String> + 'a>;

pub struct Runner<'a> {
    pub name: String,
    pub role: Role,
    turn: Turn<'a>,
    /// A turn's figures each.
    values: Vec<Vec<f64>>,
    failed: Option<String>,
    failures: usize,
}

impl<'a> Runner<'a> {
    pub fn new<F>(name: &str, role: Role, turn: F) -> Runner<'a>
    where
        F: FnMut() -> Result<Vec<f64>, String> + 'a,
    {
        let (values, turn) = (Vec::new(), Box::new(turn));
        Runner { name: name.to_owned(), role, turn, values, failed: None, failures: 0 }
    }

    fn entry(&self, values: Vec<f64>) -> Entry {
        Entry { name: self.name.clone(), role: self.role, values, failed: self.failed.clone() }
    }

    /// One that can't take part.
    pub fn absent(name: &str, why: &str) -> Runner<'a> {
        let why = why.to_owned();
        Runner::new(name, Role::Peer, move || Err(why.clone()))
    }
}

/// Who has failed so often takes part no longer.
const FAILURES: usize = 2;
/// Nor does who has taken so long for a turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// As many rounds come whatever the time.
const LEAST: usize = 2;

/// So many rounds, or as many as begin within the limit, in an order that rotates, and that turns
/// round each time: what one leaves behind falls on another.
pub fn race(runners: &mut [Runner], rounds: usize, limit: Duration) {
    let begun = Instant::now();
    for round in 0..rounds {
        if round >= LEAST && begun.elapsed() > limit {
            break;
        }
        for turn in 0..runners.len() {
            let at = (turn + round) % runners.len();
            let at = if round % 2 == 0 { at } else { runners.len() - 1 - at };
            let runner = &mut runners[at];
            if runner.failures >= FAILURES {
                continue;
            }
            let turn = Instant::now();
            match (runner.turn)() {
                Ok(values) => runner.values.push(values),
                Err(why) => {
                    runner.failures += 1;
                    runner.failed = Some(why);
                }
            }
            if turn.elapsed() > PATIENCE {
                runner.failures = FAILURES;
            }
        }
    }
}

/// What a table needs besides its figures.
pub struct About {
    pub anchor: String,
    pub section: &'static str,
    pub title: String,
    pub unit: &'static str,
    pub better: Better,
    pub curve: Option<(&'static str, f64)>,
    pub how: String,
}

/// The table of one figure of all turns, and what it looks like in a terminal. A contestant that never
/// gives this figure (`NaN`) is left out.
pub fn table(about: About, runners: &[Runner], figure: usize) -> Table {
    let values = |r: &Runner| r.values.iter().filter_map(|v| v.get(figure).copied()).collect();
    finished(about, runners.iter().map(|r| r.entry(values(r))).collect())
}

/// The table of what the turns' first figures are without those of one contestant in the same rounds. Who
/// has missed a round is left out.
pub fn without(about: About, runners: &[Runner], who: &str) -> Table {
    let first = |r: &Runner| r.values.iter().filter_map(|v| v.first().copied()).collect::<Vec<_>>();
    let base = runners.iter().find(|r| r.name == who).map(first).unwrap_or_default();
    let others = runners.iter().filter(|r| r.name != who);
    let complete = others.filter(|r| r.values.len() == base.len());
    let differ = |r: &Runner| first(r).iter().zip(&base).map(|(a, b)| a - b).collect();
    finished(about, complete.map(|r| r.entry(differ(r))).collect())
}

fn finished(about: About, mut entries: Vec<Entry>) -> Table {
    for entry in &mut entries {
        entry.values.retain(|v| v.is_finite());
    }
    entries.retain(|e| !e.values.is_empty() || e.failed.is_some());
    let About { anchor, section, title, unit, better, curve, how } = about;
    let table = Table { anchor, section, title, unit, better, curve, how, entries };
    print(&table);
    table
}

pub fn print(table: &Table) {
    use tests::bench::number::short;
    println!("\n{} ({}) [{}]", table.title, table.unit, table.anchor);
    println!("  {:<32} {:>12} {:>12} {:>12} {:>8}", "", "median", "p10", "p90", "ratio");
    for entry in &table.entries {
        let at = |percent| entry.at(percent).map_or("-".into(), short);
        let ratio = match entry.role {
            Role::Floor => "floor".into(),
            _ => table.ratio(entry).map_or("-".into(), |r| format!("{r:.2}")),
        };
        let (middle, low, high) = (at(50), at(10), at(90));
        let why = entry.failed.as_deref().unwrap_or("");
        println!("  {:<32} {middle:>12} {low:>12} {high:>12} {ratio:>8}  {why}", entry.name);
    }
}

//! One script on all implementations.

use super::known;
use super::outcome::{Aspect, Outcome};
use super::room::Room;
use super::script::Script;
use super::shrink::shrink;
use crate::spec::implementation::Whose;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Somebody's commands.
pub struct Side {
    /// As reports call them.
    pub name: String,
    /// The directory with nothing but them.
    pub bin: PathBuf,
}

/// What is compared with what.
pub struct Trial {
    /// Ours: each of them is compared.
    pub ours: Vec<Side>,
    /// With this.
    pub reference: Side,
    /// Whose that is.
    pub whose: Whose,
}

/// What came of a script.
pub enum Verdict {
    /// Everybody does the same.
    Same,
    /// Not so, for this known reason.
    Known(usize),
    /// Not so, but not each time either: the script itself is to blame.
    Unsteady,
    /// Not so: the report, with the smallest script that shows it.
    Different(String),
}

struct Difference<'t> {
    side: &'t Side,
    ours: Outcome,
    theirs: Outcome,
    aspects: Vec<Aspect>,
}

/// How many runs have to agree before a difference counts.
const AGAIN: usize = 2;

/// How many scripts are tried on the way to the smallest, and for how long: some of them hang.
const SHRINKING: usize = 600;
const PATIENCE: Duration = Duration::from_secs(15);

impl Trial {
    /// Runs the script everywhere.
    ///
    /// # Errors
    /// What could not be set up.
    pub fn judge(&self, room: &Room, script: &Script) -> io::Result<Verdict> {
        let Some(first) = self.difference(room, script)? else { return Ok(Verdict::Same) };
        if let Some(number) = self.known(room, script, &first)? {
            return Ok(Verdict::Known(number));
        }
        for _ in 0..AGAIN {
            // A process's number, printed, differs from the reference's own.
            let same = |again: &Difference| again.theirs.differences(&first.theirs).is_empty();
            if !self.difference(room, script)?.as_ref().is_some_and(same) {
                return Ok(Verdict::Unsteady);
            }
        }
        let begun = Instant::now();
        let small = shrink(script.clone(), SHRINKING, |smaller| {
            if begun.elapsed() > PATIENCE {
                return false;
            }
            let differs = || {
                let found = self.difference(room, smaller).ok()??;
                (found.aspects[0] == first.aspects[0]).then_some(())
            };
            (0..=AGAIN).all(|_| differs().is_some())
        });
        let Some(last) = self.difference(room, &small)? else { return Ok(Verdict::Unsteady) };
        if let Some(number) = self.known(room, &small, &last)? {
            return Ok(Verdict::Known(number));
        }
        Ok(Verdict::Different(format!(
            "{small}{:?} differ\n{}:\n{}{}:\n{}",
            last.aspects,
            last.side.name,
            last.ours.shown(&last.theirs),
            self.reference.name,
            last.theirs.shown(&last.ours)
        )))
    }

    /// The number of what explains the difference.
    fn known(&self, room: &Room, script: &Script, found: &Difference) -> io::Result<Option<usize>> {
        let told = known::explain(script, self.whose, &found.ours, &found.theirs);
        if told.is_some() {
            return Ok(told);
        }
        let same = |script: &Script, side: &Side| {
            let ours = room.run(script, &side.bin);
            ours.map(|ours| ours.differences(&found.theirs).is_empty())
        };
        for (number, script) in known::crashing(script, self.whose, &room.tool("crash")) {
            let all: io::Result<Vec<bool>> = self.ours.iter().map(|s| same(&script, s)).collect();
            if all?.into_iter().all(|same| same) {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    fn difference(&self, room: &Room, script: &Script) -> io::Result<Option<Difference<'_>>> {
        let theirs = room.run(script, &self.reference.bin)?;
        for side in &self.ours {
            let ours = room.run(script, &side.bin)?;
            let aspects = ours.differences(&theirs);
            if !aspects.is_empty() {
                return Ok(Some(Difference { side, ours, theirs, aspects }));
            }
        }
        Ok(None)
    }
}

//! What a person reads when the run is over.

use super::case::{Case, Mark};
use super::check::shown;

/// How a case came out on one implementation.
pub enum Verdict {
    /// As the page and its mark say.
    Passed,
    /// It is marked as one that fails here, and does.
    FailedAsMarked,
    /// It could not be tried here; why.
    Skipped(&'static str),
    /// Otherwise.
    Failed(Vec<String>),
}

/// Counts, and the failures in full.
#[derive(Default)]
pub struct Tally {
    passed: usize,
    as_marked: usize,
    skipped: Vec<(&'static str, usize)>,
    failed: usize,
}

impl Tally {
    /// Counts a verdict and prints it if it is a failure.
    pub fn add(&mut self, case: &Case, verdict: &Verdict, implementation: &str) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::FailedAsMarked => self.as_marked += 1,
            Verdict::Skipped(why) => {
                match self.skipped.iter_mut().find(|(known, _)| known == why) {
                    Some((_, count)) => *count += 1,
                    None => self.skipped.push((why, 1)),
                }
            }
            Verdict::Failed(differences) => {
                self.failed += 1;
                println!("\n{}: {} [{implementation}]", case.place(), case.title);
                println!("{}", shown(&case.script));
                differences.iter().for_each(|difference| println!("  {difference}"));
            }
        }
    }

    /// The sum in one line.
    pub fn line(&self, implementation: &str) -> String {
        let mut line = format!("{implementation}: {} passed", self.passed);
        if self.as_marked > 0 {
            line += &format!(", {} failed as their marks say", self.as_marked);
        }
        for (why, count) in &self.skipped {
            line += &format!(", {count} skipped ({why})");
        }
        line + &format!(", {} failed", self.failed)
    }

    /// Whether all is well.
    pub fn good(&self) -> bool {
        self.failed == 0
    }
}

/// Judges a run by the case's mark.
pub fn judge(mark: Mark, should_pass: bool, differences: Vec<String>) -> Verdict {
    match (should_pass, differences.is_empty()) {
        (true, true) => Verdict::Passed,
        (true, false) => Verdict::Failed(differences),
        (false, false) => Verdict::FailedAsMarked,
        (false, true) => {
            let mark = match mark {
                Mark::Newer => "newer than 2.9.3",
                Mark::Mended => "mended",
                _ => "ours alone",
            };
            Verdict::Failed(vec![format!("it passes here: the mark '{mark}' is stale")])
        }
    }
}

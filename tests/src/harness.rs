//! A runner for cases that may have to be skipped where they are: libtest can't say so.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What came of a case that did not fail. A failure is a panic.
pub enum Outcome {
    /// It is as it should be.
    Passed,
    /// It could not be tried here, and why.
    Skipped(String),
}

/// A case: its name and what it does.
pub type Case = (&'static str, fn() -> Outcome);

/// Runs the cases whose name has the first argument in it, one after another, and ends the
/// process: with 1 if any failed. The last line is `N passed, N failed, N skipped`.
pub fn run(cases: &[Case]) -> ! {
    run_and_clean(cases, || {})
}

/// [`run`], where the cases share something that `clean` removes at the end.
pub fn run_and_clean(cases: &[Case], clean: fn()) -> ! {
    let filter = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (name, case) in cases.iter().filter(|c| c.0.contains(&filter)) {
        match catch_unwind(AssertUnwindSafe(case)) {
            Ok(Outcome::Passed) => {
                passed += 1;
                println!("case {name} ... ok");
            }
            Ok(Outcome::Skipped(why)) => {
                skipped += 1;
                println!("case {name} ... skipped: {why}");
            }
            Err(_) => {
                failed += 1;
                println!("case {name} ... FAILED");
            }
        }
    }
    clean();
    println!("\n{passed} passed, {failed} failed, {skipped} skipped");
    std::process::exit(i32::from(failed > 0))
}

/// Each of these has to be in the text, in this order.
pub fn assert_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let Some(at) = rest.find(part) else {
            panic!("{part:?} is missing, or too early, in:\n{text}");
        };
        rest = &rest[at + part.len()..];
    }
}

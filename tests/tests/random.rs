//! `cargo test -p tests --test random`: random scripts on ours, fused and unfused, and on the
//! original.
//!
//! `RANDOM_SCRIPTS=100000` for a long run, `SEED=…` for other scripts, `RANDOM_ONE=…` for one of
//! them, `UNDER_TEST=DIR` with `SPEC_NEWEST=1` for another original, as with the specification.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "it reports like a test harness does"
)]

use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use tests::random::worker::{PART, Wishes, run, work};

/// Debian's.
const REFERENCE: &str = "/usr/lib/execline/bin:/usr/bin";

/// The seed of every bounded run, beside one by the clock.
const SEED: u64 = 1;

fn main() -> ExitCode {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let number = |name| set(name).and_then(|value| value.parse().ok());
    let named = set("SEED").map(|text| text.split(' ').filter_map(|n| n.parse().ok()).collect());
    let scripts = number("RANDOM_SCRIPTS");
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(2, |now| now.as_secs());
    let wishes = Wishes {
        seeds: named
            .unwrap_or_else(|| if scripts.is_some() { vec![clock] } else { vec![SEED, clock] }),
        scripts: scripts.unwrap_or(600),
        one: number("RANDOM_ONE"),
        reference: set("UNDER_TEST").unwrap_or_else(|| REFERENCE.to_owned()),
        newest: set("SPEC_NEWEST").is_some(),
        probe: env!("CARGO_BIN_EXE_probe").into(),
    };
    let result = match set(PART) {
        None => run(&wishes),
        Some(part) => {
            let mut words = part.splitn(3, ' ');
            let mut number = || words.next().and_then(|n| n.parse().ok()).unwrap_or(0);
            let (number, count) = (number(), number());
            work(&wishes, number, count, Path::new(words.next().unwrap_or_default())).map(|()| true)
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(what) => {
            eprintln!("random: {what}");
            ExitCode::FAILURE
        }
    }
}

//! `cargo test -p tests --test spec`: the pages of `spec/` on ours, fused and unfused, or with
//! `UNDER_TEST=/dir/of/commands` on another implementation.
#![allow(clippy::print_stderr, reason = "it reports like a test harness does")]

use std::process::ExitCode;
use tests::spec::suite::{Wishes, run};

fn main() -> ExitCode {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let wishes = Wishes {
        filter: set("SPEC").unwrap_or_default(),
        under_test: set("UNDER_TEST"),
        newest: set("SPEC_NEWEST").is_some(),
        record: set("SPEC_RECORD").is_some(),
        launcher: env!("CARGO_BIN_EXE_launch").into(),
        helpers: vec![env!("CARGO_BIN_EXE_datagram").into()],
    };
    match run(&wishes) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(what) => {
            eprintln!("spec: {what}");
            ExitCode::FAILURE
        }
    }
}

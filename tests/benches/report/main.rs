//! Every figure of the project beside every peer, in one run, and the report of it:
//!
//! `cargo bench -p tests --bench report`
//!
//! Its options are in `tests::bench::options::USAGE` (`-- --help`). A peer that is not there or fails is
//! a row with its reason. The run fails, after its report is written, where ours is behind a peer and
//! nobody has said why (`tests/src/bench/explain.rs`), where a curve of ours is steeper than linear,
//! and where ours could not be measured.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a bench prints"
)]

mod child;
mod container;
mod counts;
mod graph;
mod lab;
mod language;
mod logging;
mod machine;
mod memory;
mod peers;
mod process;
mod race;
mod room;
mod size;
mod snippets;
mod stamps;
mod supervision;
mod tree;
mod write;

use lab::Lab;
use std::time::Instant;
use tests::bench::model::{Report, Table, curves};
use tests::bench::options::{Options, SECTIONS, USAGE};
use tests::bench::{explain, model};

fn main() {
    let mut args = std::env::args_os().skip(1);
    let first = args.next();
    if first.as_ref().is_some_and(|a| a == room::HELPER) {
        return room::helper(args);
    }
    if first.as_ref().is_some_and(|a| a == room::INNER) {
        return room::inner(args);
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    let options = match Options::parse(args.clone()) {
        Ok(options) => options,
        Err(why) => {
            eprint!("report: {why}\n\n{USAGE}");
            std::process::exit(100);
        }
    };
    if options.help {
        return print!("{USAGE}");
    }
    if options.list {
        return SECTIONS.iter().for_each(|(name, about)| println!("{name:<12} {about}"));
    }
    child::watch();
    if options.install {
        peers::install();
    }
    match all(&options, &args) {
        Ok(report) => std::process::exit(verdict(&report, &options)),
        Err(why) => {
            eprintln!("report: {why}");
            std::process::exit(1);
        }
    }
}

fn all(options: &Options, args: &[String]) -> Result<Report, String> {
    let lab = Lab::new(options)?;
    let missing = peers::missing();
    if !missing.is_empty() {
        println!("not there: {} (`-- --install` gets them)", missing.join(", "));
    }
    let mut report =
        Report { machine: machine::describe(&lab, options, args), ..Report::default() };
    for (section, _) in SECTIONS.iter().filter(|s| options.wants(s.0)) {
        println!("\n=== {section}");
        let begun = Instant::now();
        match measure(&lab, section) {
            Ok(tables) => report.tables.extend(tables),
            Err(why) => report.tables.push(failed(section, &why)),
        }
        println!("\n=== {section}: {:.0} s", begun.elapsed().as_secs_f64());
    }
    write::all(&report, options)?;
    Ok(report)
}

fn measure(lab: &Lab, section: &'static str) -> Result<Vec<Table>, String> {
    match section {
        "container" => container::measure(lab),
        "counts" => counts::measure(lab),
        "memory" => memory::measure(lab),
        "supervision" => supervision::measure(lab),
        "logging" => logging::measure(lab),
        "graph" => graph::measure(lab),
        "size" => size::measure(lab),
        _ => Ok(language::measure(lab, section)),
    }
}

/// A section that could not be measured at all.
fn failed(section: &'static str, why: &str) -> Table {
    println!("{section}: {why}");
    let ours = model::Entry {
        name: "chainit".into(),
        role: model::Role::Ours,
        values: Vec::new(),
        failed: Some(why.to_owned()),
    };
    Table {
        anchor: format!("{section}-none"),
        section,
        title: format!("{section}: not measured"),
        unit: "",
        better: model::Better::Less,
        curve: None,
        how: "Nothing was measured.".into(),
        entries: vec![ours],
    }
}

/// 0, or 1 where something needs a sentence.
fn verdict(report: &Report, options: &Options) -> i32 {
    let behind = explain::behind(&report.tables, explain::REASONS);
    let mut faults = explain::missing(&report.tables);
    for row in &behind {
        let why = row.why.unwrap_or("NOBODY HAS SAID WHY");
        println!("behind: {}: {:.2} of {}: {why}", row.anchor, row.ratio, row.peer);
        if row.why.is_none() {
            faults.push(format!("{} is behind {} without a reason", row.anchor, row.peer));
        }
    }
    for (curve, exponent) in explain::steep(&curves(&report.tables)) {
        faults.push(format!("{curve}: grows with N^{exponent:.2}"));
    }
    for fault in &faults {
        eprintln!("report: {fault}");
    }
    if faults.is_empty() {
        return 0;
    }
    eprintln!("report: {} faults; reasons stand in tests/src/bench/explain.rs", faults.len());
    // A trial's rounds are too few to be behind in earnest.
    i32::from(!options.quick)
}

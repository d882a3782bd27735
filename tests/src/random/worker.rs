//! The run as a whole: workers, a process each because they wait for all of their children, and
//! the sum of what they found.

use super::generate::Grammar;
use super::known::KNOWN;
use super::rng::Rng;
use super::room::Room;
use super::table::{ENDS, LINKS};
use super::trial::{Side, Trial, Verdict};
use crate::build;
use crate::spec::implementation::{Implementation, Whose};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the environment asks for.
#[derive(Clone)]
pub struct Wishes {
    /// `SEED`, and further seeds.
    pub seeds: Vec<u64>,
    /// `RANDOM_SCRIPTS`: how many scripts for each seed.
    pub scripts: u64,
    /// `RANDOM_ONE`: only the script of this number.
    pub one: Option<u64>,
    /// `UNDER_TEST`: directories of the commands to compare with.
    pub reference: String,
    /// `SPEC_NEWEST`: they are as new as ours.
    pub newest: bool,
    /// The program that is the foreign ones.
    pub probe: PathBuf,
}

/// The foreign programs.
const TOOLS: [&str; 11] =
    ["args", "lines", "cat", "env", "state", "code", "true", "false", "crash", "upto", "echo"];

/// The variable by which a worker is told which it is, of how many, and where.
pub const PART: &str = "RANDOM_PART";

/// A worker stops after so many differences.
const ENOUGH: usize = 12;

/// Lays everything out, and runs the workers. True if all is well.
///
/// # Errors
/// What kept it from running at all.
pub fn run(wishes: &Wishes) -> Result<bool, String> {
    // A file system in memory, where there is one: each script writes a dozen files.
    let shm = Path::new("/dev/shm");
    let base = if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() };
    let room = base.join(format!("chainit-random-{}", std::process::id()));
    fs::create_dir_all(&room).map_err(|error| format!("{}: {error}", room.display()))?;
    let result = lay_out(wishes, &room).and_then(|()| workers(wishes, &room));
    // Whatever a script has left there, modes included, is root's or ours to remove.
    let _ = fs::remove_dir_all(&room);
    result
}

fn lay_out(wishes: &Wishes, room: &Path) -> Result<(), String> {
    let tools = room.join("tools");
    let copy = || {
        fs::create_dir(&tools)?;
        TOOLS.iter().try_for_each(|tool| fs::copy(&wishes.probe, tools.join(tool)).map(|_| ()))
    };
    copy().map_err(|error| format!("cannot lay out the tools: {error}"))?;
    Implementation::ours("fused", build::fused()?, room, &tools)?;
    Implementation::ours("unfused", build::unfused()?, room, &tools)?;
    let wanted: BTreeSet<String> = names().chain(["execlineb".to_owned()]).collect();
    let whose = whose(wishes);
    Implementation::other(&wishes.reference, whose, &wanted, room, &tools)?;
    Ok(())
}

fn whose(wishes: &Wishes) -> Whose {
    if wishes.newest { Whose::Newest } else { Whose::Other }
}

/// Every word of the forms that may be a command's name.
fn names() -> impl Iterator<Item = String> {
    let words = LINKS.iter().chain(ENDS).flat_map(|form| form.trim_start_matches('+').split(' '));
    let plain = words.filter(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
    plain.map(str::to_owned)
}

fn workers(wishes: &Wishes, room: &Path) -> Result<bool, String> {
    let me = std::env::current_exe().map_err(|error| error.to_string())?;
    let count = match wishes.one {
        Some(_) => 1,
        None => std::thread::available_parallelism().map_or(2, usize::from),
    };
    let start = |number| {
        let mut command = Command::new(&me);
        command.env(PART, format!("{number} {count} {}", room.display()));
        command.env("SEED", wishes.seeds.iter().map(|s| format!("{s} ")).collect::<String>());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()
    };
    let started: Result<Vec<_>, _> = (0..count).map(start).collect();
    let mut sum = [0; 4];
    let mut failed = false;
    for mut child in started.map_err(|error| error.to_string())? {
        let lines = child.stdout.take().map(BufReader::new);
        for line in lines.into_iter().flat_map(BufRead::lines) {
            let line = line.map_err(|error| error.to_string())?;
            match line.strip_prefix("tally ") {
                Some(numbers) => {
                    let numbers = numbers.split(' ').map(|n| n.parse().unwrap_or(0));
                    sum.iter_mut().zip(numbers).for_each(|(sum, n): (&mut u64, u64)| *sum += n);
                }
                None => println!("{line}"),
            }
        }
        failed |= !child.wait().map_err(|error| error.to_string())?.success();
    }
    let [run, known, unsteady, different] = sum;
    let seeds = &wishes.seeds;
    println!("random: {run} scripts (seeds {seeds:?}) on ours and {}:", wishes.reference);
    println!("{different} differ, {known} for a known reason, {unsteady} not each time");
    Ok(!failed && different == 0 && run > 0)
}

/// The work of one of `count` workers, number `number`, in `room`.
///
/// # Errors
/// What kept it from running.
pub fn work(wishes: &Wishes, number: u64, count: u64, room: &Path) -> Result<(), String> {
    let side = |name: &str| Side { name: name.to_owned(), bin: room.join(name) };
    let trial = Trial {
        ours: vec![side("fused"), side("unfused")],
        reference: side("other"),
        whose: whose(wishes),
    };
    // What one of them lacks can't be compared; what all lack is no command.
    let comparable = |name: &str| {
        let there = |side: &Side| side.bin.join(name).exists();
        let mut all = trial.ours.iter().chain([&trial.reference]);
        all.clone().all(there) || !all.any(there)
    };
    let grammar = Grammar::new(comparable, wishes.newest);
    let tools = room.join("tools");
    let place = Room::new(&room.join(format!("w{number}")), &tools).map_err(|e| e.to_string())?;
    let (mut run, mut known, mut unsteady, mut different) = (0, 0, 0, 0);
    let mut reasons = vec![0; KNOWN.len()];
    let mine = |index: &u64| index % count == number && wishes.one.is_none_or(|one| one == *index);
    for seed in &wishes.seeds {
        for index in (0..wishes.scripts.max(wishes.one.map_or(0, |one| one + 1))).filter(mine) {
            let script = grammar.script(&mut Rng::new(*seed, index));
            if wishes.one.is_some() {
                println!("{script}");
            }
            run += 1;
            match trial.judge(&place, &script).map_err(|error| error.to_string())? {
                Verdict::Same => {}
                Verdict::Known(reason) => {
                    known += 1;
                    reasons[reason] += 1;
                }
                Verdict::Unsteady => unsteady += 1,
                Verdict::Different(report) => {
                    different += 1;
                    println!("\n==== SEED={seed} RANDOM_ONE={index}\n{report}");
                }
            }
            if different >= ENOUGH as u64 {
                break;
            }
        }
    }
    for (times, known) in reasons.iter().zip(KNOWN).filter(|(times, _)| **times > 0) {
        println!("known, {times} times: {}", known.why);
    }
    println!("tally {run} {known} {unsteady} {different}");
    std::io::stdout().flush().map_err(|error| error.to_string())
}

//! All pages on all implementations, in parallel.

use super::case::{Case, Mark, Need};
use super::implementation::{FUSED, Implementation, Whose, tools};
use super::page::{self, Page};
use super::report::{Tally, Verdict, judge};
use super::{check, launch, record};
use crate::build;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the environment asks for.
pub struct Wishes {
    /// `SPEC`: only cases whose page or title has this in it.
    pub filter: String,
    /// `UNDER_TEST`: directories of somebody else's commands.
    pub under_test: Option<String>,
    /// `SPEC_NEWEST`: those are as new as ours, so cases marked as newer hold.
    pub newest: bool,
    /// `SPEC_RECORD`: write results where a case has the line `- Observe`.
    pub record: bool,
    /// The program that starts a case.
    pub launcher: PathBuf,
    /// The helper programs that cases call, which have to be built.
    pub helpers: Vec<PathBuf>,
}

struct Job<'a> {
    case: &'a Case,
    commands: &'a [String],
    implementation: usize,
}

/// Runs everything and prints the report. True if all is well.
///
/// # Errors
/// What kept it from running at all.
pub fn run(wishes: &Wishes) -> Result<bool, String> {
    let pages = pages()?;
    let room = std::env::temp_dir().join(format!("chainit-spec-{}", std::process::id()));
    fs::create_dir_all(&room).map_err(|error| format!("{}: {error}", room.display()))?;
    let result = in_room(wishes, &pages, &room);
    launch::sweep(&room);
    let removed = fs::remove_dir_all(&room);
    let good = result?;
    removed.map(|()| good).map_err(|error| format!("{}: {error}", room.display()))
}

fn in_room(wishes: &Wishes, pages: &[Page], room: &Path) -> Result<bool, String> {
    let implementations = implementations(wishes, pages, room)?;
    let wanted = |case: &&Case| {
        let whole = format!("{}: {}", case.page.display(), case.title);
        whole.contains(&wishes.filter) && (!wishes.record || case.observe.is_some())
    };
    let mut jobs = Vec::new();
    for implementation in 0..implementations.len() {
        for page in pages {
            let commands = page.commands.as_slice();
            let cases = page.cases.iter().filter(wanted);
            jobs.extend(cases.map(|case| Job { case, commands, implementation }));
        }
    }
    if jobs.is_empty() {
        return Err(format!("no case has '{}' in its page or title", wishes.filter));
    }
    let able = Able::find();
    let verdicts: Mutex<Vec<Option<Verdict>>> = Mutex::new(jobs.iter().map(|_| None).collect());
    let records: Mutex<Vec<(PathBuf, (usize, String))>> = Mutex::default();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(|| {
                while let Some(at) = Some(next.fetch_add(1, Ordering::Relaxed))
                    && let Some(job) = jobs.get(at)
                {
                    let under = &implementations[job.implementation];
                    let attempt = |number| {
                        let place = room.join(format!("case-{at}-{number}"));
                        try_one(job, under, wishes, &able, &place, &records)
                    };
                    // Others lose races that ours have to win.
                    let more = if under.whose == Whose::Ours { 0 } else { 2 };
                    let verdict = (0..more)
                        .map(attempt)
                        .find(|verdict| !matches!(verdict, Verdict::Failed(_)))
                        .unwrap_or_else(|| attempt(more));
                    verdicts.lock().unwrap()[at] = Some(verdict);
                }
            });
        }
    });
    write_records(&records.into_inner().unwrap())?;
    let verdicts = verdicts.into_inner().unwrap();
    let mut good = true;
    let mut sums = Vec::new();
    for (number, implementation) in implementations.iter().enumerate() {
        let mut tally = Tally::default();
        for (job, verdict) in jobs.iter().zip(&verdicts) {
            if let (true, Some(verdict)) = (job.implementation == number, verdict) {
                tally.add(job.case, verdict, &implementation.name);
            }
        }
        good &= tally.good();
        sums.push(tally.line(&implementation.name));
    }
    println!();
    sums.iter().for_each(|sum| println!("spec on {sum}"));
    Ok(good)
}

fn threads() -> usize {
    // Many cases wait for something, so a few more than there are processors.
    std::thread::available_parallelism().map_or(4, |count| count.get() * 2)
}

fn try_one(
    job: &Job,
    under: &Implementation,
    wishes: &Wishes,
    able: &Able,
    place: &Path,
    records: &Mutex<Vec<(PathBuf, (usize, String))>>,
) -> Verdict {
    if !under.has(job.commands) {
        return Verdict::Skipped("no such command there");
    }
    if let Some(why) = able.lacks(&job.case.needs) {
        return Verdict::Skipped(why);
    }
    let should_pass = under.passes(job.case.mark);
    if wishes.record && !should_pass {
        return Verdict::Skipped("no authority on this case");
    }
    if job.case.mark == Mark::Untried && !should_pass {
        return Verdict::Skipped("untried there");
    }
    let limit = if should_pass { launch::LIMIT } else { launch::MARKED };
    let outcome = match launch::run(job.case, under, &wishes.launcher, place, limit) {
        Ok(outcome) => outcome,
        Err(error) => return Verdict::Failed(vec![format!("cannot be run: {error}")]),
    };
    let verdict = if wishes.record {
        if let Some(lines) = record::lines(job.case, &outcome, under) {
            records.lock().unwrap().push((job.case.page.clone(), lines));
        }
        Verdict::Passed
    } else if job.case.observe.is_some() {
        Verdict::Failed(vec!["it still has the line '- Observe': run with SPEC_RECORD=1".into()])
    } else {
        judge(job.case.mark, should_pass, check::differences(job.case, &outcome, under))
    };
    // What another user left there is removed with the room, by whoever may.
    let _ = fs::remove_dir_all(place);
    verdict
}

/// What this machine allows.
struct Able {
    root: bool,
    own_run: bool,
}

impl Able {
    fn find() -> Self {
        let root = nix::unistd::geteuid().is_root();
        let mut unshare = Command::new("unshare");
        unshare.args([if root { "-m" } else { "-Urm" }, "mount", "-t", "tmpfs", "tmpfs", "/run"]);
        let tried = unshare.stdin(Stdio::null()).stderr(Stdio::null()).status();
        Self { root, own_run: tried.is_ok_and(|status| status.success()) }
    }

    fn lacks(&self, needs: &[Need]) -> Option<&'static str> {
        needs.iter().find_map(|need| match need {
            Need::Root => (!self.root).then_some("not root"),
            Need::OwnRun => (!self.own_run).then_some("no mount namespace"),
        })
    }
}

fn implementations(
    wishes: &Wishes,
    pages: &[Page],
    room: &Path,
) -> Result<Vec<Implementation>, String> {
    let tools = tools(room, &wishes.helpers)
        .map_err(|error| format!("cannot lay out the tools: {error}"))?;
    if let Some(directories) = &wishes.under_test {
        let named = pages.iter().flat_map(|page| page.commands.iter().cloned());
        // Whatever a page is about, its scripts need the launcher.
        let wanted: BTreeSet<String> = named.chain(["execlineb".to_owned()]).collect();
        let whose = if wishes.newest { Whose::Newest } else { Whose::Other };
        return Ok(vec![Implementation::other(directories, whose, &wanted, room, &tools)?]);
    }
    Ok(vec![
        Implementation::ours(FUSED, build::fused()?, room, &tools)?,
        Implementation::ours("unfused", build::unfused()?, room, &tools)?,
    ])
}

/// Reads all pages, in the order of their names.
fn pages() -> Result<Vec<Page>, String> {
    let root = build::root();
    let mut files = Vec::new();
    find(&root.join("spec"), &mut files)?;
    files.sort();
    let read = |file: &PathBuf| {
        let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let short = file.strip_prefix(&root).unwrap_or(file);
        page::parse(short, &text).map_err(|fault| fault.to_string())
    };
    files.iter().map(read).collect()
}

fn find(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "md") && !path.ends_with("README.md") {
            files.push(path);
        }
    }
    Ok(())
}

fn write_records(records: &[(PathBuf, (usize, String))]) -> Result<(), String> {
    let pages: BTreeSet<&PathBuf> = records.iter().map(|(page, _)| page).collect();
    for page in pages {
        let of_it: Vec<_> =
            records.iter().filter(|(of, _)| of == page).map(|(_, lines)| lines.clone()).collect();
        let file = build::root().join(page);
        record::write(&file, &of_it).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

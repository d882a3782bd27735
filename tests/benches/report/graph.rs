//! The service graph: definitions checked, compiled and walked; and all of it up and down.

use crate::child::{Guard, timed};
use crate::lab::Lab;
use crate::peers::Suite;
use crate::process;
use crate::race::{About, Runner, race, table};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::bench::model::{Better, Role, Table};

/// Definitions of so many longruns in the bundle `all`. Each tenth needs the one before it, so that
/// there are chains, and most can start at once.
fn define(lab: &Lab, count: usize) -> Result<PathBuf, String> {
    let source = lab.dir.join("source");
    let write = || -> std::io::Result<()> {
        let _ = std::fs::remove_dir_all(&source);
        let contents = source.join("all/contents.d");
        std::fs::create_dir_all(&contents)?;
        std::fs::write(source.join("all/type"), "bundle\n")?;
        for i in 0..count {
            let service = source.join(format!("s{i}"));
            std::fs::create_dir_all(service.join("dependencies.d"))?;
            std::fs::write(service.join("type"), "longrun\n")?;
            std::fs::write(service.join("notification-fd"), "3\n")?;
            std::fs::hard_link(lab.program("service"), service.join("run"))?;
            std::fs::write(contents.join(format!("s{i}")), "")?;
            if i % 10 > 0 {
                std::fs::write(service.join(format!("dependencies.d/s{}", i - 1)), "")?;
            }
        }
        Ok(())
    };
    write().map_err(|e| format!("{}: {e}", source.display()))?;
    Ok(source)
}

fn database(lab: &Lab, suite: &Suite) -> PathBuf {
    lab.dir.join(format!("db-{}", suite.name.replace(' ', "-")))
}

fn compile(lab: &Lab, suite: &Suite, source: &Path) -> Result<f64, String> {
    let db = database(lab, suite);
    let _ = std::fs::remove_dir_all(&db);
    timed(suite.command("s6-rc-compile")?.arg(db).arg(source))
}

/// A tree, its live state, all up, all down; the tree is PID 1 of a namespace that goes with it.
fn live(lab: &Lab, suite: &Suite) -> Result<Vec<f64>, String> {
    let place = lab.dir.join("place");
    let _ = std::fs::remove_dir_all(&place);
    let (scan, live) = (place.join("scan"), place.join("live"));
    std::fs::create_dir_all(&scan).map_err(|e| e.to_string())?;
    let svscan = suite.find("s6-svscan").ok_or("has no s6-svscan")?;
    let begun = Instant::now();
    let mut tree = Command::new("unshare");
    tree.args(["--pid", "--fork", "--kill-child=KILL", "--"]).arg(svscan).env("PATH", suite.path());
    tree.arg(suite.most_services()).arg(&scan).stdin(Stdio::null()).stdout(Stdio::null());
    let tree = Guard::spawn(tree.stderr(Stdio::null()))?;
    let control = scan.join(".s6-svscan/control");
    let mut fifo = std::fs::OpenOptions::new();
    fifo.write(true).custom_flags(nix::libc::O_NONBLOCK);
    while fifo.open(&control).is_err() {
        if begun.elapsed() > Duration::from_secs(10) {
            return Err("the tree does not come up".into());
        }
        std::thread::sleep(Duration::from_micros(50));
    }
    let mut init = suite.command("s6-rc-init")?;
    timed(init.arg("-c").arg(database(lab, suite)).arg("-l").arg(&live).arg(&scan))?;
    let change = |verb: &str| {
        let mut change = suite.command("s6-rc")?;
        timed(change.args(["-t", "50000", "-l"]).arg(&live).args([verb, "change", "all"]))
    };
    change("-u")?;
    let up = begun.elapsed().as_secs_f64() * 1e3;
    let down = change("-d")?;
    let pids = process::tree(tree.0.id());
    drop(tree);
    let there = |pid: &u32| Path::new(&format!("/proc/{pid}/exe")).read_link().is_ok();
    while pids.iter().any(there) {
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(vec![up, down])
}

fn about(anchor: &str, title: &str, curve: &'static str, count: usize, how: &str) -> About {
    About {
        anchor: format!("graph-{anchor}-{count}"),
        section: "graph",
        title: format!("{count} definitions {title}"),
        unit: "ms",
        better: Better::Less,
        curve: Some((curve, count as f64)),
        how: how.into(),
    }
}

type Doing<'a> = dyn Fn(&Suite) -> Result<Vec<f64>, String> + 'a;

/// A row for each suite that has the program; who lacks it is told with its reason.
fn runners<'a>(lab: &'a Lab, doing: &'a Doing<'a>) -> Vec<Runner<'a>> {
    let runner = |suite: &'a Suite| match suite.find("s6-rc-compile") {
        Some(_) => Runner::new(suite.name, suite.role, move || doing(suite)),
        None => Runner::absent(suite.name, "has no s6-rc"),
    };
    lab.suites.iter().map(runner).collect()
}

pub fn measure(lab: &Lab) -> Result<Vec<Table>, String> {
    let mut all = Vec::new();
    for (count, rounds) in [(10, 40), (100, 30), (1000, 10), (10_000, 3)] {
        let source = define(lab, count)?;
        let limit = Duration::from_secs(8);
        let check = |_: &Suite| {
            let mut check = Command::new(&lab.chainit);
            Ok(vec![timed(check.arg("check").arg(&source))?])
        };
        let mut ours = vec![Runner::new("chainit: check", Role::Ours, || check(&lab.suites[0]))];
        race(&mut ours, lab.rounds(rounds), limit);
        let how = "`chainit check SOURCE`; no peer has the like.";
        let curve = "N definitions: checked";
        all.push(table(about("check", "checked", curve, count, how), &ours, 0));

        let compiled = |suite: &Suite| Ok(vec![compile(lab, suite, &source)?]);
        let mut compiles = runners(lab, &compiled);
        race(&mut compiles, lab.rounds(rounds), limit);
        let how = "`s6-rc-compile DB SOURCE`; chains of ten.";
        let curve = "N definitions: compiled";
        all.push(table(about("compile", "compiled", curve, count, how), &compiles, 0));

        let planned = |suite: &Suite| {
            let mut db = suite.command("s6-rc-db")?;
            db.arg("-c").arg(database(lab, suite)).args(["-u", "all-dependencies", "all"]);
            Ok(vec![timed(&mut db)?])
        };
        let mut plans = runners(lab, &planned);
        race(&mut plans, lab.rounds(rounds), limit);
        let how = "`s6-rc-db -c DB -u all-dependencies all`: what a change of the bundle would go \
                   through.";
        let curve = "N definitions: planned";
        all.push(table(about("plan", "planned", curve, count, how), &plans, 0));

        if count <= 1000 && lab.root {
            let alive = |suite: &Suite| live(lab, suite);
            let mut changes = runners(lab, &alive);
            race(&mut changes, lab.rounds(rounds.min(10)), Duration::from_secs(12));
            let how = "s6-svscan's start, `s6-rc-init`, `s6-rc -u change all`, and `-d`; each service \
                       says when it is ready.";
            let (up, down) = ("N definitions: from nothing to all up", "N definitions: all down");
            all.push(table(about("up", "from nothing to all up", up, count, how), &changes, 0));
            all.push(table(
                about("down", "from all up to all down", down, count, how),
                &changes,
                1,
            ));
        }
    }
    Ok(all)
}

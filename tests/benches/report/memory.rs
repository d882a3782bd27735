//! What supervision holds when nothing happens, without the daemons, and how often it wakes.

use crate::container::{Init, inits};
use crate::lab::Lab;
use crate::process::{overhead, private, pss, wakes};
use crate::race::{About, Runner, race, table};
use crate::room::SETTINGS;
use crate::tree::{Contestant, Kind, contestants};
use std::time::Duration;
use tests::bench::model::{Better, Role, Table};
use tests::cgroup::Cgroup;

const FIGURES: [(&str, &str, &str); 3] = [
    ("pss", "PSS", "kB"),
    ("private", "private memory", "kB"),
    ("wakes", "wake-ups a minute", "per minute"),
];
/// What is resting has been left alone so long.
const SETTLED: Duration = Duration::from_millis(700);

fn about(what: &str, count: usize, figure: usize, how: &str, curve: &'static str) -> About {
    let (part, name, unit) = FIGURES[figure];
    let where_ = if what == "container" { "a container" } else { "a tree" };
    About {
        anchor: format!("memory-{what}-{count}-{part}"),
        section: "memory",
        title: format!("{name} of {where_} with {count} services, without the daemons"),
        unit,
        better: Better::Less,
        curve: (figure < 2).then_some((curve, count as f64)),
        how: how.into(),
    }
}

/// PSS, private memory, and the wake-ups within a window, as many as they would be in a minute.
fn figures(lab: &Lab, root: u32) -> Vec<f64> {
    std::thread::sleep(SETTLED);
    let pids = overhead(root);
    let window = Duration::from_millis(if lab.quick { 500 } else { 2000 });
    let before = wakes(&pids);
    std::thread::sleep(window);
    let woken = (wakes(&pids) - before) * 60.0 / window.as_secs_f64();
    vec![pss(&pids), private(&pids), woken]
}

const CURVES: [(&str, &str); 2] = [
    ("PSS of a tree of N", "private memory of a tree of N"),
    ("PSS of a container with N", "private memory of a container with N"),
];

pub fn measure(lab: &Lab) -> Result<Vec<Table>, String> {
    let mut all = Vec::new();
    let how = "The sum over all processes that are no daemon (smaps_rollup), 0.7 s after the last one \
               came up; wake-ups are voluntary context switches within 2 s, as a minute's.";
    let mut add =
        |what: &str, count: usize, runners: &[Runner], curves: (&'static str, &'static str)| {
            for figure in 0..3 {
                let curve = if figure == 0 { curves.0 } else { curves.1 };
                all.push(table(about(what, count, figure, how, curve), runners, figure));
            }
        };
    let trees = contestants(lab);
    for count in [0, 10, 100, 1000] {
        let runner = |c| {
            let c: &crate::tree::Contestant = c;
            Runner::new(&c.name, c.role, move || {
                let tree = c.start(lab, "service", count)?;
                Ok(figures(lab, tree.root))
            })
        };
        let mut runners: Vec<Runner> = trees.iter().map(runner).collect();
        race(&mut runners, rounds(lab, count), Duration::from_secs(12));
        add("tree", count, &runners, CURVES[0]);
    }
    let inits = inits(lab)?;
    for count in [0, 10, 100, 1000] {
        let fits = |i: &&Init| count == 0 && !i.argv.is_empty() || i.services;
        for init in inits.iter().filter(fits) {
            init.room.plant(false, count)?;
        }
        let runner = |init| {
            let init: &Init = init;
            let mut argv = init.argv.to_vec();
            argv.push("/service");
            Runner::new(init.name, init.role, move || {
                let held = init.room.hold(count, &argv, &SETTINGS)?;
                Ok(figures(lab, held.pid))
            })
        };
        let mut runners: Vec<Runner> = inits.iter().filter(fits).map(runner).collect();
        race(&mut runners, rounds(lab, count), Duration::from_secs(12));
        add("container", count, &runners, CURVES[1]);
    }
    all.push(charged(lab, &trees));
    Ok(all)
}

/// What the kernel charges for a thousand services, above the same services without a supervisor.
fn charged(lab: &Lab, trees: &[Contestant]) -> Table {
    const SERVICES: usize = 1000;
    let kilobytes = |c: &Contestant| -> Result<f64, String> {
        let cgroup = Cgroup::new("memory").ok_or("there is no memory cgroup to be had here")?;
        let tree = c.start_in(Some(&cgroup), lab, "service", SERVICES)?;
        std::thread::sleep(SETTLED);
        let bytes = cgroup.bytes().ok_or("the cgroup does not tell")?;
        drop(tree);
        Ok(bytes as f64 / 1024.0)
    };
    let bare = Contestant { name: "bare".into(), role: Role::Floor, kind: Kind::Bare };
    // They are the same each time.
    let floor = kilobytes(&bare);
    let runner = |c| {
        let (c, floor): (&Contestant, _) = (c, floor.clone());
        Runner::new(&c.name, c.role, move || {
            Ok(vec![(kilobytes(c)? - floor.clone()?) / SERVICES as f64])
        })
    };
    let mut runners: Vec<Runner> = trees.iter().map(runner).collect();
    race(&mut runners, lab.rounds(20).min(3), Duration::from_secs(30));
    let about = About {
        anchor: "memory-tree-1000-cgroup".into(),
        section: "memory",
        title: "memory of the cgroup for each of 1000 services, above the services' own".into(),
        unit: "kB",
        better: Better::Less,
        curve: None,
        how: "All that a memory cgroup is charged for, pages and the kernel's objects, with the files \
              in memory; less what the same processes take that nobody supervises. The supervisors' \
              programs have been read before, so that they count elsewhere."
            .into(),
    };
    table(about, &runners, 0)
}

fn rounds(lab: &Lab, count: usize) -> usize {
    if lab.quick || count == 1000 { 1 } else { 2 }
}

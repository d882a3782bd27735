//! Trees: how soon all run, how soon a death is made good, how soon a command arrives; orphans; and
//! services that die at once.

use crate::child::timed;
use crate::container;
use crate::lab::Lab;
use crate::process::daemons;
use crate::race::{About, Runner, race, table};
use crate::stamps::{SERVICE, SIGNAL, now};
use crate::tree::{Contestant, LONG, contestants};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::Write;
use std::time::Duration;
use tests::bench::model::{Better, Table};

fn about(anchor: &str, title: &str, unit: &'static str, how: &str) -> About {
    About {
        anchor: format!("supervision-{anchor}"),
        section: "supervision",
        title: title.into(),
        unit,
        better: Better::Less,
        curve: None,
        how: how.into(),
    }
}

pub fn measure(lab: &Lab) -> Result<Vec<Table>, String> {
    let trees = contestants(lab);
    let mut all = starts(lab, &trees);
    all.push(restart(lab, &trees));
    all.extend(commands(lab, &trees));
    all.push(container::orphans(lab)?);
    all.push(storm(lab, &trees));
    Ok(all)
}

fn starts(lab: &Lab, trees: &[Contestant]) -> Vec<Table> {
    let mut all = Vec::new();
    for (count, rounds) in [(10, 10), (100, 6), (1000, 3)] {
        let runner = |c| {
            let c: &Contestant = c;
            Runner::new(&c.name, c.role, move || Ok(vec![c.start(lab, "service", count)?.took]))
        };
        let mut runners: Vec<Runner> = trees.iter().map(runner).collect();
        race(&mut runners, lab.rounds(rounds), Duration::from_secs(15));
        let title = format!("a tree of {count} services, from its start to the last one's");
        let how = "From the supervisor's start (as PID 1 of a pid namespace) to the first instruction \
                   of the last service.";
        let mut about = about(&format!("start-{count}"), &title, "ms", how);
        about.curve = Some(("N of a tree: to all running", count as f64));
        all.push(table(about, &runners, 0));
    }
    all
}

/// Services that had been up for longer than the second within which nobody starts them again.
fn restart(lab: &Lab, trees: &[Contestant]) -> Table {
    let services = if lab.quick { 5 } else { 50 };
    let one = |c: &Contestant| -> Result<Vec<f64>, String> {
        let mut tree = c.start(lab, "service", services)?;
        std::thread::sleep(Duration::from_millis(1500));
        let pids = daemons(tree.root);
        if pids.len() != services {
            return Err(format!("{} of {services} services run", pids.len()));
        }
        tree.stamps.drain();
        let (mut times, begun) = (Vec::new(), now());
        for pid in pids {
            // Who lets a second pass each time has shown it after a few.
            if times.len() >= 5 && now() - begun > 8.0 {
                break;
            }
            let killed = now();
            kill(Pid::from_raw(pid as i32), Signal::SIGKILL).map_err(|e| e.to_string())?;
            let again = tree.stamps.last(SERVICE, 1, LONG)?;
            times.push((again - killed) * 1e6);
        }
        Ok(times)
    };
    let about = about(
        "restart",
        "from a service's death to its next start",
        "µs",
        "SIGKILL to a service that has been up for 1.5 s, to the first instruction of the next one.",
    );
    singles(about, trees, &one)
}

/// One turn of each contestant gives all of its values.
fn singles(
    about: About,
    trees: &[Contestant],
    one: &dyn Fn(&Contestant) -> Result<Vec<f64>, String>,
) -> Table {
    use tests::bench::model::Entry;
    let About { anchor, section, title, unit, better, curve, how } = about;
    let entry = |c: &Contestant| {
        let (values, failed) = match one(c) {
            Ok(values) => (values, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        Entry { name: c.name.clone(), role: c.role, values, failed }
    };
    let entries = trees.iter().map(entry).collect();
    let table = Table { anchor, section, title, unit, better, curve, how, entries };
    crate::race::print(&table);
    table
}

fn commands(lab: &Lab, trees: &[Contestant]) -> [Table; 2] {
    let samples = lab.rounds(300);
    let by_fifo = |c: &Contestant| -> Result<Vec<f64>, String> {
        let mut tree = c.start(lab, "service", 1)?;
        let control = c.control(&tree, 0).ok_or("has no control fifo")?;
        std::thread::sleep(Duration::from_millis(300));
        let mut fifo =
            std::fs::File::options().write(true).open(control).map_err(|e| e.to_string())?;
        let mut times = Vec::new();
        for _ in 0..samples {
            let begun = now();
            fifo.write_all(b"1").map_err(|e| e.to_string())?;
            times.push((tree.stamps.last(SIGNAL, 1, LONG)? - begun) * 1e6);
        }
        Ok(times)
    };
    let by_tool = |c: &Contestant| -> Result<Vec<f64>, String> {
        let mut tree = c.start(lab, "service", 1)?;
        std::thread::sleep(Duration::from_millis(300));
        let slow = matches!(c.kind, crate::tree::Kind::Supervisord);
        let mut times = Vec::new();
        for _ in 0..if slow { lab.rounds(20) } else { lab.rounds(100) } {
            let begun = now();
            timed(&mut c.signal(&tree)?)?;
            times.push((tree.stamps.last(SIGNAL, 1, LONG)? - begun) * 1e6);
        }
        Ok(times)
    };
    let fifo = about(
        "fifo",
        "a letter in the control fifo, to the service's signal",
        "µs",
        "`1` written into supervise/control, to the service's next instruction.",
    );
    let tool = about(
        "command",
        "a command line, to the service's signal",
        "µs",
        "`s6-svc -1`, `sv 1`, `supervisorctl signal USR1`, from its start to the service's next \
         instruction.",
    );
    [singles(fifo, trees, &by_fifo), singles(tool, trees, &by_tool)]
}

/// A thousand services that die at once are started once a second each.
fn storm(lab: &Lab, trees: &[Contestant]) -> Table {
    const SERVICES: usize = 1000;
    let window = Duration::from_secs(if lab.quick { 2 } else { 5 });
    let one = |c: &Contestant| -> Result<Vec<f64>, String> {
        let mut tree = c.start(lab, "mortal", SERVICES)?;
        std::thread::sleep(Duration::from_millis(1500));
        tree.stamps.drain();
        let begun = now();
        let mut rates = Vec::new();
        let (mut seen, mut second) = (0, 1.0);
        while now() - begun < window.as_secs_f64() {
            if tree.stamps.next(Duration::from_millis(20)).is_some() {
                seen += 1;
            }
            if now() - begun >= second {
                rates.push(f64::from(seen));
                (seen, second) = (0, second + 1.0);
            }
        }
        Ok(rates)
    };
    let mut about = about(
        "restarts",
        "1,000 services that die at once: starts in a second",
        "starts",
        "Counted in each of 5 seconds. s6's rule is a start a second for each service, so that 1,000 \
         are all.",
    );
    about.better = Better::More;
    singles(about, trees, &one)
}

//! Faults, and what is as before after each: every service is supervised, no dead child is left,
//! no descriptor, and the state that is told is the true one.

mod clients;
mod files;
mod logs;
mod processes;
mod scarce;
mod survivors;

pub use clients::{full_fifo, garbage, killed_clients};
pub use files::{cut_short, fifos, no_room, read_only};
pub use logs::{killed_in_a_flood, no_room_for_logs, read_only_logs};
pub use processes::{killed, orphans, quick_deaths, stopped};
pub use scarce::{few_descriptors, no_descriptors, no_processes};
pub use survivors::{killed_at_a_start, supervise_killed, svscan_killed, waits_for_lock};

use crate::lab::{Scratch, Svscan, Tools, within};
use std::path::Path;

/// Longer than anything here takes on a machine that does ten other things.
pub const LONG: u64 = 30_000;

/// A number that a service's state tells.
pub fn number(tools: &Tools, field: &str, dir: &Path) -> i64 {
    let told = tools.ask("s6-svstat", &["-o", field], dir);
    told.lines().next().and_then(|line| line.parse().ok()).unwrap_or(-1)
}

/// The parent of a process and its state, by /proc; `None` for one that is gone.
pub fn parent_and_state(pid: i64) -> Option<(i64, char)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.chars().next()?;
    Some((fields.next()?.parse().ok()?, state))
}

/// The children of a process that have ended and that nobody has waited for.
pub fn dead_children(pid: u32) -> usize {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let children = std::fs::read_to_string(path).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
    children.filter(|&pid| parent_and_state(pid).is_some_and(|(_, state)| state == 'Z')).count()
}

/// The state says that it is up, and what it names is there, alive, and the supervisor's own.
pub fn truly_up(svscan: &Svscan, dir: &Path) -> bool {
    let (tools, parent) = (&svscan.tools, i64::from(svscan.child.id()));
    tools.ask("s6-svstat", &["-o", "up,wantedup"], dir) == "true true\n[0]"
        && parent_and_state(number(tools, "pid", dir)).is_some_and(|p| p.0 == parent && p.1 != 'Z')
}

/// All is well again: these services are up, and nothing is left of what was done to them.
pub fn well(s: &Scratch, svscan: &Svscan, services: &[&str], descriptors: usize) {
    for name in services {
        within(&format!("{name} is up\n{}", s.text("stderr")), LONG, || {
            truly_up(svscan, &s.service(name))
        });
    }
    within("no child is left unreaped", LONG, || dead_children(svscan.child.id()) == 0);
    let count = || svscan.descriptors();
    within(&format!("{descriptors} descriptors, not {}", count()), LONG, || count() == descriptors);
}

/// Sends a signal by its name.
pub fn signal(name: &str, pid: i64) -> bool {
    let mut kill = std::process::Command::new("kill");
    kill.args(["-s", name]).arg(pid.to_string()).stderr(std::process::Stdio::null());
    kill.status().unwrap().success()
}

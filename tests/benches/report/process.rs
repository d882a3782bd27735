//! What /proc says of a tree of processes.

use std::fs::read_to_string;

/// The process and all that are below it.
pub fn tree(root: u32) -> Vec<u32> {
    let mut all = vec![root];
    let mut at = 0;
    while at < all.len() {
        let pid = all[at];
        let text = read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        all.extend(text.split_whitespace().filter_map(|word| word.parse::<u32>().ok()));
        at += 1;
    }
    all
}

pub fn name(pid: u32) -> String {
    let text = read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    text.trim_end().to_owned()
}

/// The name that the process of a measured service has: its file's.
pub const DAEMON: &str = "run";

/// The tree without the daemons.
pub fn overhead(root: u32) -> Vec<u32> {
    tree(root).into_iter().filter(|pid| name(*pid) != DAEMON).collect()
}

pub fn daemons(root: u32) -> Vec<u32> {
    tree(root).into_iter().filter(|pid| name(*pid) == DAEMON).collect()
}

/// The sum of the lines of a file of each process that begin so, where one number follows.
fn sum(pids: &[u32], file: &str, lines: &[&str]) -> f64 {
    let number = |line: &str| {
        let rest = lines.iter().find_map(|name| line.strip_prefix(name))?;
        rest.split_whitespace().next()?.parse::<f64>().ok()
    };
    let of = |pid: &u32| read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    pids.iter().map(|pid| of(pid).lines().filter_map(number).sum::<f64>()).fold(0.0, |a, b| a + b)
}

/// In kB.
pub fn pss(pids: &[u32]) -> f64 {
    sum(pids, "smaps_rollup", &["Pss:"])
}

/// In kB.
pub fn private(pids: &[u32]) -> f64 {
    sum(pids, "smaps_rollup", &["Private_Clean:", "Private_Dirty:"])
}

/// How often they have been woken so far.
pub fn wakes(pids: &[u32]) -> f64 {
    sum(pids, "status", &["voluntary_ctxt_switches:"])
}

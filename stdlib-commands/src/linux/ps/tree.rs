//! In which order processes are shown.

use super::process::{Process, stat};

/// By their pids, or as a tree: the kernel's, those that came from outside, then those of PID 1.
pub fn order(processes: &mut Vec<Process>, as_tree: bool) {
    sys::order::by_key(processes, |process| process.pid);
    if !as_tree {
        return;
    }
    let parent = |process: &Process| {
        let parent = process.number(stat::PARENT);
        let known = processes.iter().any(|p| u64::from(p.pid) == parent);
        if known && parent != u64::from(process.pid) { parent } else { 0 }
    };
    let parents: Vec<u64> = processes.iter().map(parent).collect();
    let mut left: Vec<Option<Process>> = processes.drain(..).map(Some).collect();
    // What is still to be shown, the next one last: its index and its depth.
    let mut next = children(&left, &parents, 0, 0);
    sys::order::by_key(&mut next, |&(at, _)| left[at].as_ref().is_some_and(|p| p.pid != 1));
    while let Some((at, depth)) = next.pop() {
        let Some(mut process) = left[at].take() else { continue };
        let deeper = if process.pid == 1 { 0 } else { depth + 1 };
        next.extend(children(&left, &parents, process.pid.into(), deeper));
        process.depth = depth;
        processes.push(process);
    }
}

/// The last one first.
fn children(
    all: &[Option<Process>],
    parents: &[u64],
    of: u64,
    depth: usize,
) -> Vec<(usize, usize)> {
    let is_child = |&at: &usize| parents[at] == of && all[at].is_some();
    (0..all.len()).rev().filter(is_child).map(|at| (at, depth)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pairs: &[(u32, u32)], as_tree: bool) -> Vec<(u32, usize)> {
        let process = |(pid, parent): &(u32, u32)| {
            Process::parse(format!("{pid} (x) S {parent}\n").as_bytes()).unwrap()
        };
        let mut processes = pairs.iter().map(process).collect();
        order(&mut processes, as_tree);
        processes.iter().map(|p| (p.pid, p.depth)).collect()
    }

    #[test]
    fn trees() {
        let some = [(9, 1), (1, 0), (2, 0), (4, 2), (3, 1), (5, 3), (7, 99), (6, 3), (8, 5)];
        let flat: Vec<(u32, usize)> = (1..=9).map(|pid| (pid, 0)).collect();
        assert_eq!(run(&some, false), flat);
        assert_eq!(
            run(&some, true),
            [(2, 0), (4, 1), (7, 0), (1, 0), (3, 0), (5, 1), (8, 2), (6, 1), (9, 0)]
        );
        assert_eq!(run(&[(3, 3), (4, 3)], true), [(3, 0), (4, 1)]);
        // Each the parent of the other: read while they changed.
        assert_eq!(run(&[(5, 0), (3, 4), (4, 3)], true).len(), 1);
    }
}

//! Who is left, and signals to all of them.
//!
//! PID 1 may signal everybody in its namespace. Elsewhere (`docker run --init`, a shared pid
//! namespace) the same call would reach processes of others, perhaps of the whole host: there
//! only descendants count, which the kernel hands to us as orphans because we are their
//! subreaper.

use nix::sys::wait::{Id, WaitPidFlag, waitid};
use sys::Errno;
use sys::signal::kill;

/// Whose end we have to see to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everybody in the pid namespace.
    Namespace,
    /// Our descendants.
    Own,
}

/// A process as /proc shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// Its parent's.
    pub parent: i32,
    /// Its program's name, at most 15 bytes.
    pub name: Vec<u8>,
}

impl Scope {
    /// PID 1 sees to the namespace.
    pub fn here() -> Scope {
        if sys::process::getpid() == 1 { Scope::Namespace } else { Scope::Own }
    }

    /// Is nobody left? The dead that nobody has waited for yet count as alive.
    pub fn is_empty(self) -> bool {
        match self {
            Scope::Namespace => kill(-1, 0) == Err(Errno::ESRCH),
            Scope::Own => {
                let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
                waitid(Id::All, flags) == Err(nix::errno::Errno::ECHILD)
            }
        }
    }

    /// Sends a signal to all but one. False: nobody is left, and was told. The kernel walks over
    /// all processes of the machine for it, so the answer is not asked for a second time.
    pub fn signal(self, number: i32, spared: Option<i32>) -> bool {
        match self {
            Scope::Namespace if spared.is_none() || read_proc(|_| false).is_empty() => {
                kill(-1, number) != Err(Errno::ESRCH)
            }
            _ => {
                self.signal_tree(number, spared);
                !self.is_empty()
            }
        }
    }

    /// Until nobody new is found: a process may fork between a look at it and its signal.
    fn signal_tree(self, number: i32, spared: Option<i32>) {
        let mut told: Vec<i32> = spared.into_iter().collect();
        loop {
            let mut found = self.processes();
            found.retain(|process| !told.contains(&process.pid));
            if found.is_empty() {
                return;
            }
            for process in found {
                let _ = kill(process.pid, number);
                told.push(process.pid);
            }
        }
    }

    /// All of them, as far as /proc tells.
    pub fn processes(self) -> Vec<Process> {
        let me = sys::process::getpid();
        match self {
            Scope::Namespace => read_proc(|pid| pid == me),
            Scope::Own => descendants(me, &read_proc(|_| false)),
        }
    }
}

/// What /proc has of all processes but those that are not wanted.
fn read_proc(skipped: impl Fn(i32) -> bool) -> Vec<Process> {
    let names = sys::fs::list(b"/proc").unwrap_or_default();
    let numbers = names.iter().filter(|name| {
        let number = std::str::from_utf8(name).ok().and_then(|name| name.parse().ok());
        number.is_some_and(|pid| !skipped(pid))
    });
    let stats = numbers.filter_map(|name| {
        let path = [b"/proc/", &name[..], b"/stat"].concat();
        parse(&sys::fd::read_file_bytes(&path).ok()?)
    });
    stats.collect()
}

/// `PID (NAME) STATE PARENT …`, where the name may hold anything.
fn parse(stat: &[u8]) -> Option<Process> {
    let open = stat.iter().position(|&b| b == b'(')?;
    let close = stat.iter().rposition(|&b| b == b')')?;
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.trim().parse().ok();
    let mut rest = stat.get(close + 2..)?.split(|&b| b == b' ');
    Some(Process {
        pid: number(&stat[..open])?,
        parent: number(rest.nth(1)?)?,
        name: stat.get(open + 1..close)?.to_vec(),
    })
}

/// Those whose line of parents leads to `root`.
fn descendants(root: i32, all: &[Process]) -> Vec<Process> {
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        for process in all.iter().filter(|p| p.parent == parent && p.pid != parent) {
            parents.push(process.pid);
            found.push(process.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, parent: i32) -> Process {
        Process { pid, parent, name: Vec::new() }
    }

    #[test]
    fn a_name_may_hold_brackets_and_blanks() {
        let found = parse(b"42 (a) b (c) S 7 42 42 0").unwrap();
        assert_eq!((found.pid, found.parent, &found.name[..]), (42, 7, &b"a) b (c"[..]));
        assert_eq!(parse(b""), None);
        assert_eq!(parse(b"1 (x)"), None);
    }

    #[test]
    fn only_the_own_tree_is_ours() {
        let all = [process(1, 0), process(5, 1), process(6, 5), process(7, 6), process(8, 1)];
        let pids: Vec<i32> = descendants(5, &all).iter().map(|p| p.pid).collect();
        assert_eq!(pids, [6, 7]);
        assert!(descendants(8, &all).is_empty());
    }
}

//! What /proc has about the processes.

use interpreter::args::number;
use interpreter::word::Fail;

/// A process. What can't be read of it is empty.
#[derive(Debug, Default)]
pub struct Process {
    pub pid: u32,
    pub uid: u32,
    pub gid: u32,
    pub name: Vec<u8>,
    pub state: u8,
    /// The fields of its `stat` from the fourth on.
    numbers: Vec<u64>,
    pub args: Vec<u8>,
    pub env: Option<Vec<u8>>,
    /// How deep it stands in the tree.
    pub depth: usize,
}

/// What is a number in `stat`, by its place as proc(5) counts.
pub mod stat {
    pub const PARENT: usize = 4;
    pub const GROUP: usize = 5;
    pub const SESSION: usize = 6;
    pub const TTY: usize = 7;
    pub const FOREGROUND: usize = 8;
    pub const UTIME: usize = 14;
    pub const NICE: usize = 19;
    pub const THREADS: usize = 20;
    pub const START: usize = 22;
    pub const RSS: usize = 24;
    pub const WCHAN: usize = 35;
    pub const POLICY: usize = 41;
}

impl Process {
    /// A number of its `stat`; one that is negative has its complement.
    pub fn number(&self, at: usize) -> u64 {
        self.numbers.get(at - stat::PARENT).copied().unwrap_or(0)
    }

    /// Of the text of a `stat`.
    pub fn parse(text: &[u8]) -> Option<Process> {
        let (open, close) =
            (text.iter().position(|&b| b == b'(')?, text.iter().rposition(|&b| b == b')')?);
        let pid = number::uint(text.get(..open)?.strip_suffix(b" ")?)?;
        let name = text.get(open + 1..close)?.to_vec();
        let rest = text.get(close + 1..)?;
        let mut rest = rest.trim_ascii_end().split(|&b| b == b' ').skip(1);
        let state = *rest.next()?.first()?;
        let numbers = rest.map(|word| match word.strip_prefix(b"-") {
            Some(digits) => number::uint64(digits).unwrap_or(0).wrapping_neg(),
            None => number::uint64(word).unwrap_or(0),
        });
        Some(Process { pid, name, state, numbers: numbers.collect(), ..Process::default() })
    }
}

/// All processes that can be seen. One that ends meanwhile is none.
pub fn all(args: bool, env: bool) -> Result<Vec<Process>, Fail> {
    let names = sys::fs::list(b"/proc").map_err(|errno| Fail::sys("open /proc", errno))?;
    let pids = names.into_iter().filter(|name| number::uint(name).is_some());
    Ok(pids.filter_map(|pid| read(&[b"/proc/", &pid[..]].concat(), args, env)).collect())
}

fn read(dir: &[u8], args: bool, env: bool) -> Option<Process> {
    let file = |name: &[u8]| sys::fd::read_file_bytes(&[dir, name].concat());
    let owner = sys::fs::stat_bytes(dir).ok()?;
    let mut process = Process::parse(&file(b"/stat").ok()?)?;
    (process.uid, process.gid) = (owner.uid, owner.gid);
    if args {
        process.args = file(b"/cmdline").ok()?;
        while process.args.last() == Some(&0) {
            process.args.pop();
        }
    }
    if env {
        process.env = file(b"/environ").ok().filter(|env| !env.is_empty());
    }
    Some(process)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_anything_in_it() {
        let text = b"12 (a) (b c) S 1 12 12 34816 -1 4194560 99\n";
        let process = Process::parse(text).unwrap();
        assert_eq!((process.pid, &process.name[..], process.state), (12, &b"a) (b c"[..], b'S'));
        assert_eq!((process.number(stat::PARENT), process.number(10)), (1, 99));
        assert_eq!(process.number(stat::FOREGROUND) as i64, -1);
        assert_eq!(process.number(stat::POLICY), 0);
        for bad in [&b""[..], b"1", b"1 (", b"x (a) S 1", b"1 )a( S 1", b"1 (a)"] {
            assert!(Process::parse(bad).is_none(), "{}", bad.escape_ascii());
        }
    }
}

//! Has memory run out? What the kernel counts for the cgroup that this process is in.

/// What is known of processes that were killed because memory ran out.
#[derive(Debug, PartialEq, Eq)]
pub struct Killed {
    /// How many there were.
    count: Vec<u8>,
    /// The limit, as its file has it.
    limit: Vec<u8>,
}

/// Where the counts and the limits are, by the version of cgroups: what stands before the path in
/// /proc/self/cgroup, the directory, the files.
const VERSIONS: [[&[u8]; 4]; 2] = [
    [b"0::", b"/sys/fs/cgroup", b"/memory.events", b"/memory.max"],
    [b":memory:", b"/sys/fs/cgroup/memory", b"/memory.oom_control", b"/memory.limit_in_bytes"],
];

/// `None`: none was killed, or nobody tells.
pub fn killed() -> Option<Killed> {
    let own = sys::fd::read_file(c"/proc/self/cgroup").unwrap_or_default();
    VERSIONS.iter().find_map(|[mark, root, events, limit]| {
        // In a namespace of its own the path is from there, but what is mounted need not be.
        let paths = [path_behind(&own, mark).unwrap_or_default(), b""];
        paths.iter().find_map(|path| {
            let read = |file: &[u8]| sys::fd::read_file_bytes(&[root, path, file].concat());
            let count = count(&read(events).ok()?)?.to_vec();
            let limit = read(limit).unwrap_or_default().trim_ascii().to_vec();
            Some(Killed { count, limit })
        })
    })
}

impl Killed {
    /// What completes "because memory ran out".
    pub fn detail(&self) -> Vec<u8> {
        let Killed { count, limit } = self;
        [b" (the cgroup's oom_kill is ", &count[..], b", its limit ", limit, b" bytes)"].concat()
    }
}

fn path_behind<'a>(own: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let line = own.split(|&b| b == b'\n').find(|line| contains(line, mark))?;
    let path = line.rsplit(|&b| b == b':').next()?;
    Some(path.strip_suffix(b"/").unwrap_or(path))
}

fn contains(line: &[u8], mark: &[u8]) -> bool {
    line.windows(mark.len()).any(|part| part == mark)
}

/// The number behind `oom_kill`, if there were any.
fn count(events: &[u8]) -> Option<&[u8]> {
    let line = |line: &'_ [u8]| line.starts_with(b"oom_kill ");
    let line = events.split(|&b| b == b'\n').find(|found| line(found))?;
    Some(&line[9..]).filter(|count| *count != b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        assert_eq!(count(b"low 0\nmax 3\noom 1\noom_kill 2\noom_group_kill 0\n"), Some(&b"2"[..]));
        assert_eq!(count(b"oom 1\noom_kill 0\n"), None);
        assert_eq!(count(b""), None);
    }

    #[test]
    fn the_path_is_that_of_its_version() {
        let own = b"4:cpu,memory:/a/b\n3:memory:/docker/1\n0::/x\n";
        assert_eq!(path_behind(own, b"0::"), Some(&b"/x"[..]));
        assert_eq!(path_behind(own, b":memory:"), Some(&b"/docker/1"[..]));
        assert_eq!(path_behind(b"0::/\n", b"0::"), Some(&b""[..]));
        assert_eq!(path_behind(b"", b"0::"), None);
    }
}

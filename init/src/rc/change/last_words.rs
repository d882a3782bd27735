//! What a service has printed last, as far as there is a log of it.

use crate::control::client;
use crate::rc::compiled::Id;
use crate::rc::live::Live;
use interpreter::diagnose::shown;
use sys::fd::{O_CLOEXEC, O_NONBLOCK, O_RDONLY};

/// Where the output of a tree goes that nobody else logs.
const UNCAUGHT: &[u8] = b"/run/uncaught-logs/current";

/// How much of a log's end is looked at.
const TAIL: usize = 4096;

/// A line that says what a service has printed last, if a log of it has grown since that second.
pub fn of(live: &Live, id: Id, since: i64) -> Option<String> {
    let own = live.db.service(id).consumer().and_then(|logger| logdir(&live.servicedir(logger)));
    let log = own.map_or_else(|| UNCAUGHT.to_vec(), |dir| [&dir[..], b"/current"].concat());
    let fresh = sys::fs::stat_bytes(&log).is_ok_and(|stat| stat.mtime >= since);
    let line = last_line(&log).filter(|_| fresh)?;
    Some(format!("help: the last line of {} is: {}", shown(&log), shown(&line)))
}

/// The directory that the s6-log of a logger writes to, of several the last.
fn logdir(servicedir: &[u8]) -> Option<Vec<u8>> {
    let pid = client::status(servicedir).ok().filter(|status| status.is_up())?.pid;
    let words = sys::fd::read_file_bytes(format!("/proc/{pid}/cmdline").as_bytes()).ok()?;
    let mut words = words.split(|&b| b == 0);
    let program = words.next()?;
    let place = words.rfind(|word| matches!(word.first(), Some(b'/' | b'.')))?;
    if !program.ends_with(b"s6-log") {
        return None;
    }
    let near = if place[0] == b'/' { Vec::new() } else { format!("/proc/{pid}/cwd/").into_bytes() };
    Some([&near[..], place].concat())
}

fn last_line(path: &[u8]) -> Option<Vec<u8>> {
    let fd = sys::fd::open_bytes(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0).ok()?;
    let size = sys::fs::fstat(fd).map_or(0, |stat| stat.size);
    let mut tail = [0; TAIL];
    let got = sys::fd::read_at(fd, &mut tail, (size - TAIL as i64).max(0));
    let _ = sys::fd::close(fd);
    let text = tail[..got.ok()?].trim_ascii_end();
    let line = text.rsplit(|&b| b == b'\n').next().filter(|line| !line.is_empty())?;
    Some(line.to_vec())
}

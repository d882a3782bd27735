//! `fdreserve`: the numbers of descriptors that are closed become variables, `FD0`, `FD1` …

use super::block;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "fdreserve",
    usage: "fdreserve n prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

/// 100: more than the limit of open files; 111: there are not so many left below it.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let [wanted, _, ..] = *argv else { return Err(Fail::usage()) };
    let wanted = crate::options::number(wanted)?;
    let (limit, _) = sys::limit::get(sys::limit::RLIMIT_NOFILE)
        .map_err(|e| Fail::sys("read the limit of open files", e))?;
    if u64::from(wanted) > limit {
        return Err(Fail::bad(format!(
            "too many requested fds: {wanted}, where {limit} is the limit of open files (ulimit -n)"
        )));
    }
    let free = free(wanted as usize, limit);
    if free.len() < wanted as usize {
        return Err(Fail::sys(format!("reserve {wanted} fds"), Errno::EMFILE));
    }
    // As upstream, which opens pipes and one file more: the odd one is told first.
    let odd = free.len().checked_sub(1).filter(|last| last % 2 == 0);
    for i in odd.into_iter().chain(0..free.len() - usize::from(odd.is_some())) {
        block::set_number(image, format!("FD{i}").as_bytes(), free[i]);
    }
    argv.advance(1);
    Ok(Next::Chain(argv))
}

/// The lowest closed descriptors, at most so many.
fn free(wanted: usize, limit: u64) -> Vec<i32> {
    let below = i32::try_from(limit).unwrap_or(i32::MAX);
    (0..below).filter(|&fd| sys::fd::flags(fd).is_err()).take(wanted).collect()
}

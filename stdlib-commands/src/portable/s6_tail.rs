//! `s6-tail`: the end of what it reads.

use crate::options;
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-tail",
    usage: "s6-tail [ -c chars | -n lines | -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 ] [ file ]",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the file can't be read, or standard output not be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut wanted = None;
    options::take(&mut argv, "123456789n:c:", |letter, value| {
        let (plus, count) = match (letter, value.to_bytes()) {
            (b'n' | b'c', [b'+', count @ ..]) => (true, number::uint(count)),
            (b'n' | b'c', [b'-', count @ ..] | count) => (false, number::uint(count)),
            (digit, _) => (false, Some(u32::from(digit - b'0'))),
        };
        let count = count.ok_or_else(Fail::usage)? as usize;
        match wanted.replace((letter == b'c', plus, count)) {
            None => Ok(()),
            Some(_) => Err(Fail::usage()),
        }
    })?;
    let (chars, plus, count) = wanted.unwrap_or((false, false, 10));
    let (fd, name) = match argv.first() {
        None => (0, &b"stdin"[..]),
        Some(file) => {
            let file = file.to_bytes();
            let fd = sys::fd::open_bytes(file, sys::fd::O_RDONLY | sys::fd::O_CLOEXEC, 0)
                .map_err(|errno| Fail::sys_at("open for reading", file, errno))?;
            (fd, file)
        }
    };
    let ends = |bytes: &[u8]| if chars { bytes.len() } else { lines(bytes) };
    let fail = |errno| Fail::sys_at("tail", name, errno);
    let mut kept: Vec<u8> = Vec::new();
    // Of what lies before, so many more are skipped.
    let mut skip = if plus { count.saturating_sub(1) } else { 0 };
    loop {
        kept.reserve(CHUNK);
        if sys::fd::read_more(fd, &mut kept).map_err(fail)? == 0 {
            break;
        }
        if plus {
            let at = place(&kept, skip, chars);
            skip -= ends(&kept[..at]).min(skip);
            sys::fd::write_all(1, &kept[at..]).map_err(fail)?;
            kept.clear();
        } else if kept.len() > 2 * CHUNK {
            let at = place(&kept, ends(&kept).saturating_sub(count), chars);
            kept.drain(..at);
        }
    }
    let all = ends(&kept) + usize::from(!chars && kept.last().is_some_and(|&b| b != b'\n'));
    let at = place(&kept, all.saturating_sub(count), chars);
    sys::fd::write_all(1, &kept[at..]).map_err(fail)?;
    Ok(Next::Exit(0))
}

const CHUNK: usize = 64 * 1024;

fn lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b == b'\n').count()
}

/// Where so many characters or lines have gone by, or the end.
fn place(bytes: &[u8], skipped: usize, chars: bool) -> usize {
    if chars || skipped == 0 {
        return skipped.min(bytes.len());
    }
    let ends = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n');
    ends.map(|(at, _)| at + 1).nth(skipped - 1).unwrap_or(bytes.len())
}

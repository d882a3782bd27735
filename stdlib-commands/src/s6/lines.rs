//! Filters of lines: whatever can be said about what has been read is written before more is
//! waited for.

use interpreter::word::{Fail, Next, Ran};

const CHUNK: usize = 64 * 1024;

/// Reads standard input to its end. Each line goes to `each` with its last byte, which is one of
/// `ends`, and the last one may lack it; what `each` adds to the buffer goes to standard output.
///
/// Exit code 111 where that can't be read, or this not be written to.
pub fn filter(ends: &[u8], mut each: impl FnMut(&[u8], &mut Vec<u8>)) -> Ran {
    filter_of(0, ends, &mut each)
}

/// [`filter`] of what another descriptor has to read.
pub fn filter_of(fd: i32, ends: &[u8], each: &mut dyn FnMut(&[u8], &mut Vec<u8>)) -> Ran {
    let (mut read, mut written): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    let mut searched = 0;
    loop {
        read.reserve(CHUNK);
        let more = sys::fd::read_more(fd, &mut read);
        let more =
            more.map_err(|e| Fail::sys(if fd == 0 { "read from stdin" } else { "read" }, e))?;
        let mut begin = 0;
        while let Some(at) = read[searched..].iter().position(|b| ends.contains(b)) {
            searched += at + 1;
            each(&read[begin..searched], &mut written);
            begin = searched;
        }
        if more == 0 && begin < read.len() {
            each(&read[begin..], &mut written);
        }
        sys::fd::write_all(1, &written).map_err(|e| Fail::sys("write to stdout", e))?;
        if more == 0 {
            return Ok(Next::Exit(0));
        }
        read.drain(..begin);
        searched = read.len();
        written.clear();
    }
}

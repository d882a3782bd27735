//! What happened and when, as lines in the live state's file `timeline`:
//! `MICROSECONDS EVENT SERVICE[ DETAIL]`, by the clock that nobody sets.

use sys::fd::{O_APPEND, O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY};

/// A file that has grown to this begins anew with the next change.
const MOST: i64 = 1 << 20;

/// The lines of a change.
#[derive(Debug)]
pub struct Timeline {
    /// -1: it can't be written, and nobody is kept from work by that.
    file: i32,
    text: Vec<u8>,
}

impl Timeline {
    /// One that nobody writes down.
    pub fn none() -> Timeline {
        Timeline { file: -1, text: Vec::new() }
    }

    /// That of a live state.
    pub fn open(live: &[u8]) -> Timeline {
        let path = [live, b"/timeline"].concat();
        let full = sys::fs::stat_bytes(&path).is_ok_and(|stat| stat.size >= MOST);
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | if full { O_TRUNC } else { 0 };
        let file = sys::fd::open_bytes(&path, flags, 0o644).unwrap_or(-1);
        Timeline { file, text: Vec::new() }
    }

    /// Something happened, to a service or to the change as a whole (`-`).
    pub fn note(&mut self, event: &str, service: &[u8], detail: &str) {
        if self.file < 0 {
            return;
        }
        let now = sys::time::monotonic().nanos() / 1000;
        self.text.extend_from_slice(format!("{now} {event} ").as_bytes());
        self.text.extend_from_slice(service);
        if !detail.is_empty() {
            self.text.push(b' ');
            self.text.extend(detail.bytes().map(|byte| if byte == b'\n' { b' ' } else { byte }));
        }
        self.text.push(b'\n');
    }

    /// Writes down what was noted.
    pub fn flush(&mut self) {
        if !self.text.is_empty() {
            let _ = sys::fd::write_all(self.file, &self.text);
            self.text.clear();
        }
    }
}

impl Drop for Timeline {
    fn drop(&mut self) {
        self.flush();
        if self.file >= 0 {
            let _ = sys::fd::close(self.file);
        }
    }
}

//! From the bytes that arrive to lines.

/// How many bytes are asked for at once, but in a flood. They are written before more is read, so
/// this, and the line that is not at its end, is what a SIGKILL can lose.
pub const CHUNK: usize = 8 * 1024;

/// Bytes that have arrived and are not lines yet.
///
/// A line ends at a newline or a NUL, or is cut when more than `limit` bytes have come without.
#[derive(Default)]
pub struct Lines {
    bytes: Vec<u8>,
    /// Up to here there is no line's end.
    scanned: usize,
    limit: usize,
}

impl Lines {
    /// With a limit in bytes; 0: none.
    pub fn new(limit: usize) -> Lines {
        Lines { limit, ..Lines::default() }
    }

    /// The buffer with room for so many bytes behind its own, to be filled there.
    pub fn room(&mut self, bytes: usize) -> &mut Vec<u8> {
        if self.bytes.capacity() - self.bytes.len() < bytes {
            // An unfinished line of ordinary length never makes it grow again.
            self.bytes.reserve(bytes + self.limit.min(CHUNK) + 1);
        }
        &mut self.bytes
    }

    /// Undoes the reading of the last so many bytes, of which none has been looked at.
    pub fn take_back(&mut self, bytes: usize) {
        self.bytes.truncate(self.bytes.len() - bytes);
    }

    /// Forgets the unfinished line; how long it was.
    pub fn forget(&mut self) -> usize {
        let length = self.bytes.len();
        self.bytes.clear();
        self.scanned = 0;
        length
    }

    /// Adds one byte.
    pub fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// How many bytes wait for the end of their line.
    pub fn waiting(&self) -> usize {
        self.bytes.len()
    }

    /// Has the unfinished line reached the limit?
    pub fn is_at_limit(&self) -> bool {
        self.limit > 0 && self.bytes.len() >= self.limit
    }

    /// Gives each finished line to `f`, its end replaced by a NUL; keeps the unfinished one.
    pub fn finished(&mut self, mut f: impl FnMut(&[u8])) {
        let (mut start, mut from) = (0, self.scanned);
        while let Some(found) = sys::bytes::find(&self.bytes[from..], b'\n', 0) {
            let end = from + found;
            start = self.cut(start, end, &mut f);
            self.bytes[end] = 0;
            f(&self.bytes[start..=end]);
            start = end + 1;
            from = start;
        }
        start = self.cut(start, self.bytes.len(), &mut f);
        self.bytes.drain(..start);
        self.scanned = self.bytes.len();
    }

    /// Gives the unfinished line to `f`, with a NUL, if there is one.
    pub fn unfinished(&mut self, mut f: impl FnMut(&[u8])) {
        if !self.bytes.is_empty() {
            self.bytes.push(0);
            f(&self.bytes);
            self.bytes.clear();
            self.scanned = 0;
        }
    }

    /// Gives what is over the limit to `f`; where the rest begins.
    fn cut(&mut self, mut start: usize, end: usize, f: &mut impl FnMut(&[u8])) -> usize {
        while self.limit > 0 && end - start > self.limit {
            let cut = start + self.limit;
            let next = std::mem::replace(&mut self.bytes[cut], 0);
            f(&self.bytes[start..=cut]);
            self.bytes[cut] = next;
            start = cut;
        }
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(limit: usize, chunks: &[&str]) -> (Vec<String>, usize) {
        let mut lines = Lines::new(limit);
        let mut got = Vec::new();
        for chunk in chunks {
            lines.room(CHUNK).extend_from_slice(chunk.as_bytes());
            lines.finished(|line| got.push(String::from_utf8_lossy(line).into_owned()));
        }
        (got, lines.waiting())
    }

    #[test]
    fn lines_over_chunks() {
        assert_eq!(
            feed(0, &["a\nb", "c\n\nd"]),
            (vec!["a\0".into(), "bc\0".into(), "\0".into()], 1)
        );
        assert_eq!(feed(0, &["a\0b\n"]).0, ["a\0", "b\0"]);
        assert_eq!(feed(0, &["", "x", "", "\n"]), (vec!["x\0".into()], 0));
    }

    #[test]
    fn more_than_the_limit_is_cut_and_exactly_the_limit_is_not() {
        assert_eq!(feed(3, &["abc\n"]).0, ["abc\0"]);
        assert_eq!(feed(3, &["abc", "\n"]).0, ["abc\0"]);
        assert_eq!(feed(3, &["abcd\n"]).0, ["abc\0", "d\0"]);
        assert_eq!(feed(3, &["abcdefgh", "i\n"]).0, ["abc\0", "def\0", "ghi\0"]);
        assert_eq!(
            feed(3, &["x\nabcdefgh"]),
            (vec!["x\0".into(), "abc\0".into(), "def\0".into()], 2)
        );
    }

    #[test]
    fn the_unfinished_line_is_given_once() {
        let mut lines = Lines::new(0);
        lines.room(CHUNK).extend_from_slice(b"a\nbc");
        let mut got = Vec::new();
        lines.finished(|line| got.push(line.to_vec()));
        lines.unfinished(|line| got.push(line.to_vec()));
        lines.unfinished(|line| got.push(line.to_vec()));
        assert_eq!(got, [b"a\0".to_vec(), b"bc\0".to_vec()]);
    }
}

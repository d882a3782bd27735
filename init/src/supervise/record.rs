//! A process's state as bytes, for the program that it becomes: numbers and words one after
//! another, and descriptors, which are kept open over the exec.
//!
//! Writing allocates nothing, because it is also done after a fault.

use interpreter::arg::{Arg, leak};
use std::ffi::CString;
use sys::Result;
use sys::time::Time;

/// What is written, and where to.
pub struct Out {
    /// `None`: nothing is written; descriptors are closed by an exec again.
    to: Option<i32>,
    done: Result<()>,
    waiting: [u8; 512],
    used: usize,
}

impl Out {
    /// Writes into a file; the descriptors that are written stay open over an exec.
    pub fn to(fd: i32) -> Out {
        Out { to: Some(fd), done: Ok(()), waiting: [0; 512], used: 0 }
    }

    /// Undoes what was done to descriptors.
    pub fn undo() -> Out {
        Out { to: None, ..Out::to(-1) }
    }

    fn flush(&mut self) {
        if let Some(to) = self.to
            && self.done.is_ok()
        {
            self.done = sys::fd::write_all(to, &self.waiting[..self.used]);
        }
        self.used = 0;
    }

    /// All is written.
    pub fn end(mut self) -> Result<()> {
        self.flush();
        self.done
    }

    fn put(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(self.waiting.len() / 2) {
            if self.used + piece.len() > self.waiting.len() {
                self.flush();
            }
            self.waiting[self.used..self.used + piece.len()].copy_from_slice(piece);
            self.used += piece.len();
        }
    }

    /// A number.
    pub fn number(&mut self, number: impl Into<i64>) {
        self.put(&number.into().to_le_bytes());
    }

    /// A number that may be missing; none is as large as the one that says so.
    pub fn maybe(&mut self, number: Option<i64>) {
        self.number(number.unwrap_or(i64::MIN));
    }

    /// A number without a sign.
    pub fn count(&mut self, number: u64) {
        self.number(number.cast_signed());
    }

    /// A word or any other bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len() as u64);
        self.put(bytes);
    }

    /// Words.
    pub fn words(&mut self, words: &[Arg]) {
        self.count(words.len() as u64);
        words.iter().for_each(|word| self.bytes(word.to_bytes()));
    }

    /// A moment of the monotonic clock, which goes on over an exec.
    pub fn time(&mut self, time: Option<Time>) {
        self.maybe(time.map(|time| time.sec));
        self.number(time.map_or(0, |time| time.nsec));
    }

    /// A descriptor that is open, or none.
    pub fn fd(&mut self, fd: Option<i32>) {
        if let Some(fd) = fd {
            let _ = sys::fd::set_cloexec(fd, self.to.is_none());
        }
        self.maybe(fd.map(i64::from));
    }
}

/// What is read. `None` from any of these: it is not what was written.
pub struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    /// Reads these bytes.
    pub fn new(bytes: &'a [u8]) -> In<'a> {
        In(bytes)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number.
    pub fn number(&mut self) -> Option<i64> {
        Some(i64::from_le_bytes(self.take(size_of::<i64>())?.try_into().ok()?))
    }

    /// A number of 32 bits: a pid, a code.
    pub fn int(&mut self) -> Option<i32> {
        self.number()?.try_into().ok()
    }

    /// A number that may be missing.
    pub fn maybe(&mut self) -> Option<Option<i64>> {
        Some(Some(self.number()?).filter(|&number| number != i64::MIN))
    }

    /// A number without a sign.
    pub fn count(&mut self) -> Option<u64> {
        self.number().map(i64::cast_unsigned)
    }

    /// The place of something in a list, or how long the list is.
    pub fn index(&mut self) -> Option<usize> {
        self.count()?.try_into().ok()
    }

    /// Yes or no.
    pub fn flag(&mut self) -> Option<bool> {
        Some(self.number()? != 0)
    }

    /// Bytes.
    pub fn bytes(&mut self) -> Option<Vec<u8>> {
        let count = self.index()?;
        self.take(count).map(<[u8]>::to_vec)
    }

    /// A word.
    pub fn word(&mut self) -> Option<CString> {
        CString::new(self.bytes()?).ok()
    }

    /// Words, which live as long as the process.
    pub fn words(&mut self) -> Option<Vec<Arg>> {
        let count = self.index()?;
        (0..count).map(|_| self.bytes().map(leak)).collect()
    }

    /// A moment.
    pub fn time(&mut self) -> Option<Option<Time>> {
        let (sec, nsec) = (self.maybe()?, self.number()?);
        Some(sec.map(|sec| Time { sec, nsec }))
    }

    /// A descriptor, which is closed by the next exec again.
    pub fn fd(&mut self) -> Option<Option<i32>> {
        let Some(fd) = self.maybe()? else { return Some(None) };
        let fd = fd.try_into().ok()?;
        sys::fd::set_cloexec(fd, true).ok()?;
        Some(Some(fd))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let fd = sys::handover::memory_file(c"test").unwrap();
        let mut out = Out::to(fd);
        let (when, long) = (Time { sec: 5, nsec: 7 }, vec![b'x'; 2000]);
        out.number(-3);
        out.bytes(&long);
        out.words(&[c"a", c""]);
        out.time(Some(when));
        out.time(None);
        out.fd(Some(fd));
        out.fd(None);
        out.end().unwrap();
        assert_eq!(sys::fd::flags(fd), Ok(0), "it stays open");
        sys::handover::rewind(fd).unwrap();
        let bytes = sys::fd::read_to_end(fd).unwrap();
        let mut input = In::new(&bytes);
        assert_eq!((input.int(), input.bytes()), (Some(-3), Some(long)));
        assert_eq!(input.words(), Some(vec![c"a", c""]));
        assert_eq!((input.time(), input.time()), (Some(Some(when)), Some(None)));
        assert_eq!((input.fd(), input.fd(), input.number()), (Some(Some(fd)), Some(None), None));
        assert_ne!(sys::fd::flags(fd), Ok(0));
        sys::fd::close(fd).unwrap();
    }

    #[test]
    fn nothing_is_made_of_what_is_cut_short() {
        let mut long = 100u64.to_le_bytes().to_vec();
        long.push(b'x');
        assert_eq!(In::new(&long).bytes(), None);
        assert_eq!(In::new(&long[..7]).number(), None);
        assert_eq!(In::new(&u64::MAX.to_le_bytes()).words(), None);
    }
}

//! Status files: the last line that was selected for one.

use super::script::StatusSpec;
use super::voice::{Trouble, Voice};
use sys::fd::{O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY};

/// A status file and what it is to hold.
///
/// Each line replaces the one before it, so of those that arrive together only the last is
/// written.
pub struct Status {
    spec: StatusSpec,
    content: Vec<u8>,
    is_due: bool,
}

impl Status {
    /// Nothing is to be written yet.
    pub fn new(spec: StatusSpec) -> Status {
        Status { spec, content: Vec::new(), is_due: false }
    }

    /// Takes over a line, which `fill` writes without its end.
    pub fn set(&mut self, fill: impl FnOnce(&mut Vec<u8>)) {
        self.content.clear();
        fill(&mut self.content);
        self.content.push(b'\n');
        if self.spec.size > 0 {
            self.content.resize(self.spec.size, b'\n');
        }
        self.is_due = true;
    }

    /// Replaces the file, if there is something new; a failure is a warning, and not repeated.
    pub fn flush(&mut self, voice: Voice) {
        if std::mem::take(&mut self.is_due)
            && let Err(trouble) = self.replace()
        {
            voice.warn(&format!("{trouble}{}", trouble.remedy()));
        }
    }

    fn replace(&self) -> Result<(), Trouble> {
        const WHAT: &str = "write status file";
        let path = self.spec.file.to_bytes();
        let new = [path, b".new"].concat();
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
        let fd = sys::fd::open_bytes(&new, flags, 0o666).map_err(Trouble::of(WHAT, path))?;
        let written = sys::fd::write_all(fd, &self.content);
        let _ = sys::fd::close(fd);
        written.and_then(|()| sys::fs::rename(&new, path)).map_err(|errno| {
            let _ = sys::fs::unlink(&new);
            Trouble::of(WHAT, path)(errno)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(size: usize, line: &str) -> Vec<u8> {
        let mut status = Status::new(StatusSpec { file: c"x", size });
        status.set(|to| to.extend_from_slice(line.as_bytes()));
        status.content
    }

    #[test]
    fn padded_or_cut_to_its_size() {
        assert_eq!(content(5, "ab"), b"ab\n\n\n");
        assert_eq!(content(5, "abcd"), b"abcd\n");
        assert_eq!(content(5, "abcde"), b"abcde");
        assert_eq!(content(5, "abcdefg"), b"abcde");
        assert_eq!(content(0, "abcdefg"), b"abcdefg\n");
    }
}

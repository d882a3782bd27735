//! Lines on standard error, gathered so that an empty boot writes once.

/// Lines that wait to be written, and which of them are wanted.
pub struct Say {
    verbosity: u64,
    waiting: Vec<u8>,
}

impl Say {
    /// Lines up to this verbosity: 0 errors, 1 warnings, 2 information.
    pub fn new(verbosity: u64) -> Self {
        Say { verbosity, waiting: Vec::new() }
    }

    /// How much is wanted.
    pub fn verbosity(&self) -> u64 {
        self.verbosity
    }

    /// Changes how much is wanted.
    pub fn set_verbosity(&mut self, verbosity: u64) {
        self.verbosity = verbosity;
    }

    fn line(&mut self, least: u64, parts: &[&[u8]]) {
        if self.verbosity < least {
            return;
        }
        for part in parts {
            self.waiting.extend_from_slice(part);
        }
        self.waiting.push(b'\n');
    }

    /// What is being done.
    pub fn info(&mut self, parts: &[&[u8]]) {
        self.line(2, parts);
    }

    /// What is as it should be, and is said louder than what is being done.
    pub fn note(&mut self, parts: &[&[u8]]) {
        self.line(1, parts);
    }

    /// What went wrong but stops nothing; written at once.
    pub fn warn(&mut self, parts: &[&[u8]]) {
        self.line(1, parts);
        self.flush();
    }

    /// What stops something; written at once.
    pub fn error(&mut self, parts: &[&[u8]]) {
        self.line(0, parts);
        self.flush();
    }

    /// Lines that are complete already, line ends and all.
    pub fn text(&mut self, least: u64, lines: &[u8]) {
        if self.verbosity >= least {
            self.waiting.extend_from_slice(lines);
            self.flush();
        }
    }

    /// Writes what waits. Done before anybody else may write, and before anything that takes
    /// time.
    pub fn flush(&mut self) {
        if !self.waiting.is_empty() {
            let _ = sys::fd::write_all(2, &self.waiting);
            self.waiting.clear();
        }
    }
}

impl Drop for Say {
    fn drop(&mut self) {
        self.flush();
    }
}

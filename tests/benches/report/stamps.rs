//! The fifo that measured programs write their times into.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

pub const CMD: i64 = 1;
pub const SERVICE: i64 = 2;
pub const SIGNAL: i64 = 3;
pub const ORPHANED: i64 = 4;
pub const REAPED: i64 = 5;
pub const TOO_FEW: i64 = 6;
/// Right before the exec of an init.
pub const BEGIN: i64 = 7;

pub struct Stamps(File);

/// What somebody did, and when, in seconds.
#[derive(Clone, Copy)]
pub struct Stamp {
    pub tag: i64,
    pub at: f64,
}

/// Now, on the clock of the stamps.
pub fn now() -> f64 {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC).unwrap();
    now.tv_sec() as f64 + now.tv_nsec() as f64 / 1e9
}

/// Writes one, from this process.
pub fn write(fifo: &Path, tag: i64) {
    use std::io::Write;
    let file = File::options().write(true).open(fifo);
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC).unwrap();
    let words = [tag, now.tv_sec(), now.tv_nsec()].map(i64::to_ne_bytes).concat();
    let _ = file.and_then(|mut file| file.write_all(&words));
}

impl Stamps {
    /// Makes the fifo and listens.
    pub fn at(path: &Path) -> Result<Stamps, String> {
        let fail = |e: std::io::Error| format!("{}: {e}", path.display());
        let _ = std::fs::remove_file(path);
        let mode = nix::sys::stat::Mode::from_bits_truncate(0o666);
        nix::unistd::mkfifo(path, mode).map_err(|e| fail(e.into()))?;
        // Open for writing, too: so it never ends.
        let mut options = File::options();
        options.read(true).write(true).custom_flags(nix::libc::O_NONBLOCK);
        let file = options.open(path).map_err(fail)?;
        // A thousand stamps at a time are 24 kB; a restart's storm is more.
        let _ = nix::fcntl::fcntl(&file, nix::fcntl::FcntlArg::F_SETPIPE_SZ(1 << 20));
        Ok(Stamps(file))
    }

    /// The next one, if it comes in that time.
    pub fn next(&mut self, limit: Duration) -> Option<Stamp> {
        let begun = Instant::now();
        let mut bytes = [0; 24];
        loop {
            match self.0.read(&mut bytes) {
                Ok(24) => break,
                Ok(_) => return None,
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return None,
            }
            let left = limit.checked_sub(begun.elapsed())?;
            let timeout =
                PollTimeout::try_from(left.as_millis().max(1)).unwrap_or(PollTimeout::MAX);
            let _ = poll(&mut [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)], timeout);
        }
        let word = |i: usize| {
            let word = bytes[8 * i..8 * i + 8].try_into().unwrap_or_default();
            i64::from_ne_bytes(word)
        };
        Some(Stamp { tag: word(0), at: word(1) as f64 + word(2) as f64 / 1e9 })
    }

    /// When the last of so many with that tag came.
    pub fn last(&mut self, tag: i64, count: usize, limit: Duration) -> Result<f64, String> {
        let begun = Instant::now();
        let (mut seen, mut last) = (0, 0.0);
        while seen < count {
            let left = limit.saturating_sub(begun.elapsed());
            let Some(stamp) = self.next(left) else {
                return Err(format!("{seen} of {count} after {} s", limit.as_secs()));
            };
            if stamp.tag == tag {
                seen += 1;
                last = f64::max(last, stamp.at);
            }
        }
        Ok(last)
    }

    /// Forgets what has come.
    pub fn drain(&mut self) {
        let mut bytes = [0; 24 * 1024];
        while matches!(self.0.read(&mut bytes), Ok(n) if n > 0) {}
    }
}

//! Children that get a copy of their parent's memory, although it was to be shared until their exec.
//!
//! An emulator of another machine (qemu's for single programs, on which images of another
//! architecture run) makes a fork of each `clone(2)`, and refuses to share descriptors with it. So what the
//! child writes down is lost; the first child shows that, and those behind it tell their failure
//! through a pipe.

use crate::spawn::Failed;
use crate::{Errno, Result, fd};
use core::sync::atomic::{AtomicBool, Ordering};

static APART: AtomicBool = AtomicBool::new(false);

/// Whether memory is known not to be shared here.
pub(crate) fn known() -> bool {
    APART.load(Ordering::Relaxed)
}

/// A child has shown it.
pub(crate) fn found() {
    APART.store(true, Ordering::Relaxed);
}

/// Where a child tells its failure. An exec closes it.
pub(crate) struct Report {
    read: i32,
    pub(crate) write: i32,
}

/// Above whatever number an order may want for a descriptor.
const HIGH: i32 = 512;

impl Report {
    /// A pipe, if there is a need for one.
    pub(crate) fn if_apart() -> Option<Report> {
        if known() { Report::new().ok() } else { None }
    }

    fn new() -> Result<Report> {
        let (read, write) = fd::pipe(fd::O_CLOEXEC)?;
        let Ok(high) = fd::dup_above(write, HIGH, true) else { return Ok(Report { read, write }) };
        let _ = fd::close(write);
        Ok(Report { read, write: high })
    }

    /// Waits for the exec, or for its failure.
    pub(crate) fn wait(self) -> Option<Failed> {
        let _ = fd::close(self.write);
        let mut said = [0; 8];
        let size = fd::read(self.read, &mut said);
        let _ = fd::close(self.read);
        (size == Ok(said.len())).then(|| decode(said))
    }
}

/// In the child, which may not allocate.
pub(crate) fn tell(write: i32, failed: Failed) {
    let _ = fd::write_all(write, &encode(failed));
}

fn encode(failed: Failed) -> [u8; 8] {
    let action = failed.action.map_or(-1, |action| action as i32);
    let (action, errno) = (action.to_ne_bytes(), (failed.errno as i32).to_ne_bytes());
    let mut bytes = [0; 8];
    bytes[..4].copy_from_slice(&action);
    bytes[4..].copy_from_slice(&errno);
    bytes
}

fn decode([a, b, c, d, errno @ ..]: [u8; 8]) -> Failed {
    let action = i32::from_ne_bytes([a, b, c, d]);
    let errno = Errno::from_raw(i32::from_ne_bytes(errno));
    Failed { action: usize::try_from(action).ok(), errno }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_comes_through_the_pipe() {
        for action in [None, Some(3)] {
            let failed = Failed { action, errno: Errno::ENOEXEC };
            let report = Report::new().unwrap();
            assert!(report.write >= HIGH);
            tell(report.write, failed);
            assert_eq!(report.wait(), Some(failed));
        }
        assert_eq!(Report::new().unwrap().wait(), None, "an exec has closed it");
        assert!(Report::if_apart().is_none(), "here memory is shared");
    }
}

//! An end of the container that somebody has planned: a file, which PID 1 reads when it is told
//! to, and again where it becomes another program.

use super::contenv::number;
use super::results;
use super::shutdown::End;
use sys::time::Time;
use sys::{Errno, Result};

const FILE: &[u8] = b"/run/s6/shutdown";
const NEW: &[u8] = b"/run/s6/shutdown.new";

/// What tells PID 1 to look at the file.
pub const LOOK: u8 = b'D';

/// When the container is to end, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// As what.
    pub how: End,
    /// The second of the monotonic clock.
    pub at: u64,
    /// Milliseconds between SIGTERM and SIGKILL, if they are not as usual.
    pub grace: Option<u64>,
}

impl Plan {
    /// The moment.
    pub fn time(&self) -> Time {
        Time::default().plus_millis(self.at.saturating_mul(1000))
    }

    /// What is planned, if anything is.
    pub fn read() -> Option<Plan> {
        Plan::parse(&sys::fd::read_file_bytes(FILE).ok()?)
    }

    /// Plans it, in the place of what was planned before.
    pub fn write(&self) -> Result<()> {
        results::write(NEW, &self.text()).and_then(|()| sys::fs::rename(NEW, FILE))
    }

    /// Nothing is planned any more.
    pub fn cancel() -> Result<()> {
        match sys::fs::unlink(FILE) {
            Err(Errno::ENOENT) => Ok(()),
            done => done,
        }
    }

    fn text(&self) -> Vec<u8> {
        let grace = self.grace.unwrap_or(0);
        format!("{} {} {grace}\n", char::from(self.how.letter()), self.at).into_bytes()
    }

    fn parse(text: &[u8]) -> Option<Plan> {
        let mut words = text.trim_ascii_end().split(|&b| b == b' ');
        let letter = words.next()?;
        let how = [End::Halt, End::Poweroff, End::Reboot];
        let how = how.into_iter().find(|how| letter == [how.letter()])?;
        let at = number(words.next()?)?;
        let grace = number(words.next()?)?;
        Some(Plan { how, at, grace: (grace > 0).then_some(grace) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        for plan in [
            Plan { how: End::Halt, at: 0, grace: None },
            Plan { how: End::Reboot, at: 123_456, grace: Some(7000) },
        ] {
            assert_eq!(Plan::parse(&plan.text()), Some(plan));
        }
        for bad in [&b""[..], b"x 1 1", b"h", b"h x 1", b"h 1", b"hh 1 1"] {
            assert_eq!(Plan::parse(bad), None);
        }
    }
}

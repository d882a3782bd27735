//! The two files that tell a service's state, as bytes.
//!
//! `supervise/status`, 35 bytes, the same in s6 2.11 and 2.15: the time of the last change and
//! that of the last readiness (TAI64N), the pid (8 bytes), the wait status of the last run (2),
//! and four flags. Numbers are big-endian.
//!
//! `supervise/death_tally`: 14 bytes a death: the time, the exit code (128 and the signal's
//! number after a signal), the signal or 0.

use sys::process::Status as Ended;
use sys::tai;
use sys::time::Time;

/// What `supervise/status` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Wall clock: since when it is up or down.
    pub stamp: Time,
    /// Wall clock: since when it is ready, or really down.
    pub ready_stamp: Time,
    /// The process, or that of its finish script; 0: none.
    pub pid: i32,
    /// How the last run ended.
    pub ended: Ended,
    /// It was told to stop and not yet to go on. Before the first start this is set without a
    /// pid, by which "not started yet" is recognized.
    pub paused: bool,
    /// The pid is the finish script's.
    pub finishing: bool,
    /// It is to be started again when it ends.
    pub want_up: bool,
    /// Ready if it is up, ready to be started if it is down.
    pub ready: bool,
}

/// The size of the status file.
pub const SIZE: usize = 35;

impl Status {
    /// A service that has never run.
    pub fn new(now: Time, want_up: bool) -> Status {
        Status {
            stamp: now,
            ready_stamp: now,
            pid: 0,
            ended: Ended(0),
            paused: false,
            finishing: false,
            want_up,
            ready: true,
        }
    }

    /// The service's own process runs.
    pub fn is_up(&self) -> bool {
        self.pid != 0 && !self.finishing
    }

    /// It has never been started by this supervisor.
    pub fn is_new(&self) -> bool {
        self.pid == 0 && !self.finishing && self.paused
    }

    /// The file's content.
    pub fn pack(&self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        bytes[..12].copy_from_slice(&tai::pack(self.stamp));
        bytes[12..24].copy_from_slice(&tai::pack(self.ready_stamp));
        bytes[24..32].copy_from_slice(&i64::from(self.pid).to_be_bytes());
        bytes[32..34].copy_from_slice(&(self.ended.0 as u16).to_be_bytes());
        let flags = [self.paused, self.finishing, self.want_up, self.ready];
        bytes[34] = flags.iter().rev().fold(0, |all, &flag| all << 1 | u8::from(flag));
        bytes
    }

    /// The state that the file's content means; `None` if it is cut short.
    pub fn unpack(bytes: &[u8]) -> Option<Status> {
        let bytes: &[u8; SIZE] = bytes.get(..SIZE)?.try_into().ok()?;
        let flag = |bit: u8| bytes[34] & 1 << bit != 0;
        Some(Status {
            stamp: tai::unpack(bytes[..12].try_into().ok()?),
            ready_stamp: tai::unpack(bytes[12..24].try_into().ok()?),
            pid: i64::from_be_bytes(bytes[24..32].try_into().ok()?) as i32,
            ended: Ended(i32::from(u16::from_be_bytes([bytes[32], bytes[33]]))),
            paused: flag(0),
            finishing: flag(1),
            want_up: flag(2),
            ready: flag(3),
        })
    }
}

/// The size of a record of the death tally.
pub const DEATH: usize = 14;

/// A death in the tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// When.
    pub when: Time,
    /// The exit code, or 128 and the signal's number.
    pub code: u8,
    /// The signal, 0 for none.
    pub signal: u8,
}

/// The deaths in a tally, the oldest first.
pub fn deaths(tally: &[u8]) -> Vec<Death> {
    let death = |record: &[u8]| {
        let when = tai::unpack(record[..12].try_into().ok()?);
        Some(Death { when, code: record[12], signal: record[13] })
    };
    tally.chunks_exact(DEATH).filter_map(death).collect()
}

/// The death tally with one death more, at most the last `max` being kept. A file that is not
/// whole begins anew.
pub fn with_death(tally: &[u8], max: usize, when: Time, ended: Ended) -> Vec<u8> {
    let old = if tally.len().is_multiple_of(DEATH) { tally } else { &[] };
    let keep = (old.len() / DEATH).min(max.saturating_sub(1));
    let mut new = old[old.len() - keep * DEATH..].to_vec();
    let (code, signal) = match ended.signal() {
        Some(signal) => (128 + signal, signal),
        None => (ended.code().unwrap_or(0), 0),
    };
    new.extend_from_slice(&tai::pack(when));
    new.extend_from_slice(&[code as u8, signal as u8]);
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHEN: Time = Time { sec: 1_795_261_084, nsec: 0x2bad_d534 };

    /// Written by s6-supervise 2.11.3.
    const REAL: [u8; SIZE] = [
        0x40, 0, 0, 0, 0x6b, 0x01, 0x82, 0xc1, 0x2b, 0xad, 0xd5, 0x34, 0x40, 0, 0, 0, 0x6b, 0x01,
        0x82, 0xc1, 0x2b, 0x66, 0x65, 0x32, 0, 0, 0, 0, 0, 0, 0x52, 0x2f, 0, 0, 0x04,
    ];

    #[test]
    fn the_real_one_reads_and_writes_the_same() {
        let status = Status::unpack(&REAL).unwrap();
        assert_eq!((status.stamp, status.pid, status.want_up), (WHEN, 0x522f, true));
        assert!(!status.ready && !status.paused && !status.finishing);
        assert_eq!(status.pack(), REAL);
        assert_eq!(Status::unpack(&REAL[..34]), None);
    }

    #[test]
    fn the_tally_keeps_the_last_ones() {
        let killed = with_death(&[], 2, WHEN, Ended(9));
        assert_eq!(killed[12..], [137, 9]);
        let two = with_death(&killed, 2, WHEN, Ended(3 << 8));
        assert_eq!((two.len(), &two[26..]), (28, &[3, 0][..]));
        let still_two = with_death(&two, 2, WHEN, Ended(0));
        assert_eq!((still_two.len(), &still_two[12..14]), (28, &[3, 0][..]));
        assert_eq!(with_death(b"short", 9, WHEN, Ended(0)).len(), 14);
    }
}

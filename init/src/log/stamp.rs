//! The stamps in front of lines.

use sys::time::Time;

/// Formats stamps. Within a second only the nanoseconds change, so only they are written again.
pub struct Stamper {
    local: fn(i64) -> [i32; 6],
    now: Time,
    second: Option<i64>,
    tai: [u8; 26],
    iso: Vec<u8>,
}

const NANOS: usize = 9;

impl Stamper {
    /// `local` breaks a second down into year, month, day, hour, minute, second.
    pub fn new(local: fn(i64) -> [i32; 6]) -> Stamper {
        Stamper { local, now: Time::default(), second: None, tai: [b' '; 26], iso: Vec::new() }
    }

    /// Takes over a time.
    pub fn set(&mut self, now: Time) {
        self.now = now;
        if self.second != Some(now.sec) {
            self.second = Some(now.sec);
            self.tai[..25].copy_from_slice(&sys::tai::timestamp(now));
            let [year, month, day, hour, minute, second] = (self.local)(now.sec);
            self.iso =
                format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{:09}  ", 0)
                    .into_bytes();
        }
    }

    /// The TAI64N stamp and a space.
    pub fn tai(&mut self) -> &[u8] {
        self.tai[17..25].copy_from_slice(&sys::bytes::hex(self.now.nsec as u32));
        &self.tai
    }

    /// Date, time with nanoseconds, two spaces.
    pub fn iso(&mut self) -> &[u8] {
        let end = self.iso.len() - 2;
        let mut nanos = self.now.nsec;
        for digit in self.iso[end - NANOS..end].iter_mut().rev() {
            *digit = b'0' + (nanos % 10) as u8;
            nanos /= 10;
        }
        &self.iso
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_stamps_follow_the_clock() {
        let mut stamper = Stamper::new(|sec| [2026, 1, 2, 3, 4, sec as i32]);
        stamper.set(Time { sec: 5, nsec: 126_830_661 });
        assert_eq!(stamper.iso(), b"2026-01-02 03:04:05.126830661  ");
        assert_eq!(stamper.tai(), b"@400000000000000f078f4845 ");
        stamper.set(Time { sec: 5, nsec: 7 });
        assert_eq!(stamper.iso(), b"2026-01-02 03:04:05.000000007  ");
        stamper.set(Time { sec: 6, nsec: 0 });
        assert_eq!(stamper.iso(), b"2026-01-02 03:04:06.000000000  ");
        assert_eq!(stamper.tai(), b"@400000000000001000000000 ");
    }
}

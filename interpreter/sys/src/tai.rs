//! TAI64N labels: the times in s6's status files, log lines and archive names.
//!
//! The system's clock counts UTC, in which leap seconds do not exist; a label counts them. The
//! labels of skarnet's tools are therefore 37 s ahead of the clock since 2017, not 10.

use crate::time::Time;

/// The label of 1970-01-01 00:00:00 TAI.
const EPOCH: u64 = 1 << 62;

/// How far TAI was ahead of UTC when leap seconds began.
const AHEAD: u64 = 10;

/// The first UTC seconds after leap seconds: January and July of those years.
const LEAPS: [i64; 27] = [
    78_796_800,
    94_694_400,
    126_230_400,
    157_766_400,
    189_302_400,
    220_924_800,
    252_460_800,
    283_996_800,
    315_532_800,
    362_793_600,
    394_329_600,
    425_865_600,
    489_024_000,
    567_993_600,
    631_152_000,
    662_688_000,
    709_948_800,
    741_484_800,
    773_020_800,
    820_454_400,
    867_715_200,
    915_148_800,
    1_136_073_600,
    1_230_768_000,
    1_341_100_800,
    1_435_708_800,
    1_483_228_800,
];

/// The label's seconds for a second of the wall clock.
pub fn label(sec: i64) -> u64 {
    let leaps = LEAPS.iter().rev().skip_while(|&&leap| leap > sec).count() as u64;
    EPOCH.wrapping_add_signed(sec) + AHEAD + leaps
}

/// The second of the wall clock for a label's seconds. A leap second gives the second after it.
pub fn unlabel(label: u64) -> i64 {
    let tai = label.wrapping_sub(EPOCH + AHEAD) as i64;
    let passed = |&(i, leap): &(usize, &i64)| tai > leap + i as i64;
    tai - LEAPS.iter().enumerate().take_while(passed).count() as i64
}

/// The 12 bytes of a TAI64N label.
pub fn pack(time: Time) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&label(time.sec).to_be_bytes());
    bytes[8..].copy_from_slice(&(time.nsec as u32).to_be_bytes());
    bytes
}

/// The wall clock's time of 12 bytes.
pub fn unpack(bytes: &[u8; 12]) -> Time {
    let [a, b, c, d, e, f, g, h, n @ ..] = *bytes;
    let sec = unlabel(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
    Time { sec, nsec: u32::from_be_bytes(n).into() }
}

/// A label as text: `@` and 24 hexadecimal digits.
pub fn timestamp(time: Time) -> [u8; 25] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'@'; 25];
    for (pair, byte) in text[1..].chunks_exact_mut(2).zip(pack(time)) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

/// Does the text begin with a label?
pub fn is_timestamp(text: &[u8]) -> bool {
    matches!(text.get(..25), Some([b'@', digits @ ..]) if digits.iter().all(u8::is_ascii_hexdigit))
}

/// The wall clock's time of the label that a text begins with.
pub fn scan(text: &[u8]) -> Option<Time> {
    let label = text.get(..25).filter(|label| is_timestamp(label))?;
    let digits = core::str::from_utf8(&label[1..]).ok()?;
    let (sec, nsec) = digits.split_at(16);
    let sec = unlabel(u64::from_str_radix(sec, 16).ok()?);
    Some(Time { sec, nsec: i64::from_str_radix(nsec, 16).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leap_seconds_count() {
        for (sec, ahead) in [(0, 10), (78_796_799, 10), (78_796_800, 11), (1_483_228_799, 36)] {
            assert_eq!(label(sec), EPOCH + sec as u64 + ahead, "{sec}");
        }
        assert_eq!(label(1_795_260_784), 0x4000_0000_6b01_8195);
        assert_eq!(label(-1), EPOCH + 9);
    }

    #[test]
    fn labels_come_back() {
        for leap in LEAPS {
            for sec in [leap - 2, leap - 1, leap, leap + 1] {
                assert_eq!(unlabel(label(sec)), sec);
            }
        }
        assert_eq!(unlabel(label(1_483_228_800) - 1), 1_483_228_800);
        let time = Time { sec: 1_795_260_784, nsec: 126_830_661 };
        assert_eq!(unpack(&pack(time)), time);
    }

    #[test]
    fn as_text() {
        let time = Time { sec: 1_795_260_784, nsec: 0x078f_4845 };
        assert_eq!(&timestamp(time), b"@400000006b018195078f4845");
        assert_eq!(scan(b"@400000006b018195078f4845 text"), Some(time));
        assert_eq!(scan(b"@400000006b018195078f484"), None);
        assert!(is_timestamp(b"@400000006b018195078f4845.s"));
        assert!(!is_timestamp(b"@400000006b018195078f484"));
        assert!(!is_timestamp(b"@400000006b018195078f484g"));
    }
}

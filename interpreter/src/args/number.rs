//! Unsigned decimal numbers, as strictly as skalibs' `uint0_scan` takes them: digits only, all of
//! the word, no sign, no blank, and what does not fit is no number.

/// The number that `word` is, if it fits in 32 bits, which is the width of every number that a
/// command of execline takes.
pub fn uint(word: &[u8]) -> Option<u32> {
    match uint_prefix(word) {
        (n, len) if len > 0 && len == word.len() => Some(n),
        _ => None,
    }
}

/// The number that `word` is, if it fits in 64 bits.
pub fn uint64(word: &[u8]) -> Option<u64> {
    match uint64_prefix(word) {
        (n, len) if len > 0 && len == word.len() => Some(n),
        _ => None,
    }
}

/// The number that `bytes` begin with, and how many bytes it takes: none if there is no number.
/// A digit that would make it too big for 32 bits is not part of it (as in `uint_scan`).
pub fn uint_prefix(bytes: &[u8]) -> (u32, usize) {
    prefix32(bytes, 10)
}

/// As [`uint_prefix`], for a number written in octal.
pub fn octal_prefix(bytes: &[u8]) -> (u32, usize) {
    prefix32(bytes, 8)
}

fn prefix32(bytes: &[u8], base: u8) -> (u32, usize) {
    let (n, len) = prefix(bytes, base, u32::MAX.into());
    (u32::try_from(n).unwrap_or(u32::MAX), len)
}

/// As [`uint_prefix`], for 16 bits.
pub fn uint16_prefix(bytes: &[u8]) -> (u16, usize) {
    let (n, len) = prefix(bytes, 10, u16::MAX.into());
    (u16::try_from(n).unwrap_or(u16::MAX), len)
}

/// As [`uint_prefix`], for 64 bits.
pub fn uint64_prefix(bytes: &[u8]) -> (u64, usize) {
    prefix(bytes, 10, u64::MAX)
}

fn prefix(bytes: &[u8], base: u8, max: u64) -> (u64, usize) {
    let mut n: u64 = 0;
    let mut len = 0;
    for digit in bytes.iter().map(|b| b.wrapping_sub(b'0')).take_while(|digit| *digit < base) {
        match n.checked_mul(base.into()).and_then(|n| n.checked_add(digit.into())) {
            Some(next) if next <= max => n = next,
            _ => break,
        }
        len += 1;
    }
    (n, len)
}

/// A number written in decimal, without an allocation.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    /// Writes `n`.
    pub fn new(mut n: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b'0' + (n % 10) as u8;
            n /= 10;
            if n == 0 {
                return Decimal { digits, start };
            }
        }
    }
}

impl std::ops::Deref for Decimal {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.digits[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_all_of_the_word() {
        for (word, n) in [
            (&b"0"[..], Some(0)),
            (b"007", Some(7)),
            (b"4294967295", Some(u32::MAX)),
            (b"4294967296", None),
            (b"", None),
            (b"-1", None),
            (b"+1", None),
            (b" 1", None),
            (b"1 ", None),
            (b"0x10", None),
            (b"99999999999999999999999", None),
        ] {
            assert_eq!(uint(word), n, "{}", word.escape_ascii());
        }
        assert_eq!(uint64(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(uint64(b"18446744073709551616"), None);
    }

    #[test]
    fn a_prefix_ends_before_the_digit_that_does_not_fit() {
        assert_eq!(uint_prefix(b"12=x"), (12, 2));
        assert_eq!(uint_prefix(b"4294967297x"), (429496729, 9));
        assert_eq!(uint_prefix(b"x"), (0, 0));
        assert_eq!(octal_prefix(b"022"), (0o22, 3));
        assert_eq!(octal_prefix(b"798"), (7, 1));
        assert_eq!(octal_prefix(b"8"), (0, 0));
        assert_eq!(octal_prefix(b"37777777777"), (u32::MAX, 11));
        assert_eq!(octal_prefix(b"40000000000"), (0o4000000000, 10));
    }

    #[test]
    fn decimal_is_scanned_back() {
        for n in [0, 1, 9, 10, 4294967295, u64::MAX] {
            assert_eq!(uint64(&Decimal::new(n)), Some(n));
        }
    }
}

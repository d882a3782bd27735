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
    match prefix(word, u64::MAX) {
        (n, len) if len > 0 && len == word.len() => Some(n),
        _ => None,
    }
}

/// The number that `bytes` begin with, and how many bytes it takes: none if there is no number.
/// A digit that would make it too big for 32 bits is not part of it (as in `uint_scan`).
pub fn uint_prefix(bytes: &[u8]) -> (u32, usize) {
    let (n, len) = prefix(bytes, u32::MAX.into());
    (u32::try_from(n).unwrap_or(u32::MAX), len)
}

/// As [`uint_prefix`], for 64 bits.
pub fn uint64_prefix(bytes: &[u8]) -> (u64, usize) {
    prefix(bytes, u64::MAX)
}

fn prefix(bytes: &[u8], max: u64) -> (u64, usize) {
    let mut n: u64 = 0;
    let mut len = 0;
    for &b in bytes.iter().take_while(|b| b.is_ascii_digit()) {
        match n.checked_mul(10).and_then(|n| n.checked_add((b - b'0').into())) {
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
    }

    #[test]
    fn decimal_is_scanned_back() {
        for n in [0, 1, 9, 10, 4294967295, u64::MAX] {
            assert_eq!(uint64(&Decimal::new(n)), Some(n));
        }
    }
}

//! What is done with each line of a log: short runs of bytes, looked through and copied. libc's
//! own routines take longer to begin than a line of ordinary length takes to be copied.

/// The first place of either byte: eight at a time, as a zero byte is found in a word.
pub fn find(bytes: &[u8], a: u8, b: u8) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, rest) = bytes.as_chunks::<8>();
    let (a8, b8) = (ONES * u64::from(a), ONES * u64::from(b));
    for (i, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let (x, y) = (word ^ a8, word ^ b8);
        // Above a true hit there may be false ones, never below: the lowest bit is right.
        let hits = ((x.wrapping_sub(ONES) & !x) | (y.wrapping_sub(ONES) & !y)) & HIGH;
        if hits != 0 {
            return Some(i * 8 + hits.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|&c| c == a || c == b)?;
    Some(bytes.len() - rest.len() + at)
}

/// A number's eight hexadecimal digits, all at once.
pub fn hex(number: u32) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let mut digits = u64::from(number);
    digits = (digits << 16 | digits) & 0x0000_ffff_0000_ffff;
    digits = (digits << 8 | digits) & 0x00ff_00ff_00ff_00ff;
    digits = (digits << 4 | digits) & (ONES * 0x0f);
    // Six more than ten or above carries into the upper half of its byte.
    let letters = (digits + ONES * 6) >> 4 & ONES;
    (digits + ONES * u64::from(b'0') + letters * u64::from(b'a' - b'0' - 10)).to_be_bytes()
}

/// Puts bytes behind those of a buffer.
pub fn append(to: &mut Vec<u8>, bytes: &[u8]) {
    const BLOCK: usize = 16;
    const LONG: usize = 512;
    let count = bytes.len();
    if !(BLOCK..=LONG).contains(&count) {
        to.extend_from_slice(bytes);
        return;
    }
    to.reserve(count);
    // SAFETY: there is room for `count` bytes behind the buffer's own, `bytes` has as many, and the
    // two can't overlap, because one is borrowed for change. Each block begins at most `count -
    // BLOCK` bytes in: the last one may repeat a part of the one before.
    unsafe {
        let target = to.as_mut_ptr().add(to.len());
        let mut at = 0;
        while at < count {
            let from = at.min(count - BLOCK);
            let block = bytes.as_ptr().add(from).cast::<[u8; BLOCK]>().read_unaligned();
            target.add(from).cast::<[u8; BLOCK]>().write_unaligned(block);
            at += BLOCK;
        }
        to.set_len(to.len() + count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_loop_finds() {
        for len in 0..40 {
            for at in 0..len {
                let mut bytes = vec![0x8a; len];
                bytes[at] = b'\n';
                assert_eq!(find(&bytes, b'\n', 0), Some(at));
                bytes[len - 1] = 0;
                assert_eq!(find(&bytes, b'\n', 0), Some(at.min(len - 1)));
            }
            assert_eq!(find(&vec![1; len], b'\n', 0), None);
            assert_eq!(find(&vec![0x0b; len], b'\n', 0), None);
        }
    }

    #[test]
    fn digits_are_those_of_format() {
        for number in [0, 1, 9, 10, 15, 16, 0x078f_4845, 0x89ab_cdef, 999_999_999, u32::MAX] {
            assert_eq!(hex(number), format!("{number:08x}").as_bytes());
        }
    }

    #[test]
    fn appends_every_length() {
        let all: Vec<u8> = (0..2000).map(|i| (i % 251) as u8).collect();
        let (mut to, mut expected) = (Vec::new(), Vec::new());
        for count in (0..100).chain([511, 512, 513, 2000]) {
            append(&mut to, &all[..count]);
            expected.extend_from_slice(&all[..count]);
            assert_eq!(to, expected, "{count}");
        }
    }
}

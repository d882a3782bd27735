//! BLAKE2s (RFC 7693), without a key, for 32 bytes.

const IV: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Which words of the message each round takes, a hexadecimal digit each.
const ORDER: [u64; 10] = [
    0x0123_4567_89ab_cdef,
    0xea48_9fd6_1c02_b753,
    0xb8c0_52fd_ae36_7194,
    0x7931_dcbe_265a_40f8,
    0x9057_24af_e1bc_683d,
    0x2c6a_0b83_4d75_fe19,
    0xc51f_ed4a_0763_928b,
    0xdb7e_c139_50f4_862a,
    0x6fe9_b308_c2d7_14a5,
    0xa284_7615_fb9e_3cd0,
];

/// Which words of the state are mixed: the columns, then the diagonals.
const MIXED: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];

const BLOCK: usize = 64;

/// The hash of a message.
pub fn hash(message: &[u8]) -> [u8; 32] {
    let mut state = IV;
    // The length of the hash; no key; no tree.
    state[0] ^= 0x0101_0020;
    let last = message.len().saturating_sub(1) / BLOCK;
    for at in 0..=last {
        let end = message.len().min((at + 1) * BLOCK);
        let mut block = [0; BLOCK];
        let part = &message[at * BLOCK..end];
        block[..part.len()].copy_from_slice(part);
        compress(&mut state, &block, end as u64, at == last);
    }
    let mut out = [0; 32];
    for (bytes, word) in out.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    out
}

fn compress(state: &mut [u32; 8], block: &[u8; BLOCK], count: u64, last: bool) {
    let word = |at: usize| {
        let at = at * 4;
        u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]])
    };
    let mut v = [0; 16];
    v[..8].copy_from_slice(state);
    v[8..].copy_from_slice(&IV);
    v[12] ^= count as u32;
    v[13] ^= (count >> 32) as u32;
    if last {
        v[14] = !v[14];
    }
    for order in ORDER {
        let digit = |at: usize| (order >> (60 - 4 * at) & 15) as usize;
        for (at, [a, b, c, d]) in MIXED.into_iter().enumerate() {
            for (half, (left, right)) in [(16, 12), (8, 7)].into_iter().enumerate() {
                v[a] = v[a].wrapping_add(v[b]).wrapping_add(word(digit(2 * at + half)));
                v[d] = (v[d] ^ v[a]).rotate_right(left);
                v[c] = v[c].wrapping_add(v[d]);
                v[b] = (v[b] ^ v[c]).rotate_right(right);
            }
        }
    }
    for at in 0..8 {
        state[at] ^= v[at] ^ v[at + 8];
    }
}

#[cfg(test)]
mod tests {
    use super::hash;

    fn hex(message: &[u8]) -> String {
        hash(message).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn known_hashes() {
        // RFC 7693, appendix B.
        let abc = "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982";
        assert_eq!(hex(b"abc"), abc);
        let nothing = "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9";
        assert_eq!(hex(b""), nothing);
    }

    #[test]
    fn messages_of_whole_blocks_and_more() {
        assert_eq!(
            hex(&[b'x'; 64]),
            "c13eb20b85b1d6a72d52af717429fc54eacc63fecde1295b26f0fa251bdcf40e"
        );
        assert_eq!(
            hex(&[b'x'; 65]),
            "77f538c970521d7f5b94c5e8c88b8ce35661dfc6d61b5bc837da31e543cc6b81"
        );
        assert_eq!(
            hex(&[b'x'; 128]),
            "0b81df8f2e8616dc992bff767a30f204a479af922fcb6bcd0a4bebeead30ab06"
        );
        assert_eq!(
            hex(&[b'x'; 1000]),
            "267200e86d237971cc5dac276d6e19b4f20aba6a1cf52c90cd6321d5410c4161"
        );
    }
}

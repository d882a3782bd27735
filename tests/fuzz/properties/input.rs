//! An input as words.

use interpreter::arg::{Arg, leak};

/// What stands between NULs.
pub fn parts(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    input.split(|&byte| byte == 0)
}

/// The same as words.
pub fn words(input: &[u8]) -> Vec<Arg> {
    parts(input).map(|part| leak(part.to_vec())).collect()
}

//! Several values in one, as `elglob -d`, `export-array` and `dollarat` make it and
//! `importas -s` takes it apart.

use interpreter::arg::Arg;
use interpreter::args::number::Decimal;

/// The byte that the option `-d` says: its argument's first; none, for netstrings, if it is empty.
pub fn delimiter(word: Arg) -> Option<u8> {
    word.to_bytes().first().copied()
}

/// The values, each with that byte behind it, or as netstrings (`LENGTH:BYTES,`).
pub fn encode<V: AsRef<[u8]>>(values: &[V], end: Option<u8>) -> Vec<u8> {
    let mut list = Vec::new();
    for value in values {
        let value = value.as_ref();
        if end.is_none() {
            list.extend_from_slice(&Decimal::new(value.len() as u64));
            list.push(b':');
        }
        list.extend_from_slice(value);
        list.push(end.unwrap_or(b','));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_one() {
        assert_eq!(encode(&["a", "", "bc"], delimiter(c":;")), b"a::bc:");
        assert_eq!(encode(&["a", "", "bc"], delimiter(c"")), b"1:a,0:,2:bc,");
        assert_eq!(encode::<&str>(&[], Some(b':')), b"");
    }
}

//! Crunching, chomping and splitting a value, against the same done byte by byte.
//!
//! An input is a byte of switches, the delimiters up to a NUL, and the value.

use interpreter::args::transform::Transform;

pub fn transform(input: &[u8]) -> usize {
    let Some((&switches, rest)) = input.split_first() else { return 0 };
    let (delim, value) = match rest.iter().position(|&b| b == 0) {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (&rest[..0], rest),
    };
    let mut how = Transform {
        crunch: switches & 1 != 0,
        chomp: switches & 2 != 0,
        split: switches & 4 != 0,
        ..Transform::default()
    };
    if switches & 8 != 0 {
        how.delim = delim.to_vec();
    }
    let result = how.apply(value.to_vec());
    assert_eq!(result.clone().ok(), naive(&how, value));
    if let Err(bad) = result {
        assert!(bad.offset < value.len());
    }
    16 * value.len()
}

fn naive(how: &Transform, value: &[u8]) -> Option<Vec<Vec<u8>>> {
    let is_delim = |b: u8| b == 0 || how.delim.contains(&b);
    let mut bytes: Vec<u8> = Vec::new();
    for &byte in value {
        let again = is_delim(byte) && bytes.last().is_some_and(|&last| is_delim(last));
        if !(how.crunch && !how.delim.is_empty() && again) {
            bytes.push(byte);
        }
    }
    let mut ended = true;
    if how.chomp {
        ended = bytes.last().is_some_and(|&last| is_delim(last));
        if ended {
            bytes.pop();
        }
    }
    if !how.split {
        return Some(vec![up_to_nul(&bytes)]);
    }
    if how.delim.is_empty() {
        return netstrings(&bytes);
    }
    let mut words = Vec::new();
    let mut word = Vec::new();
    for &byte in &bytes {
        if is_delim(byte) {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(byte);
        }
    }
    if !word.is_empty() && ended {
        words.push(word);
    }
    Some(words)
}

fn up_to_nul(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().take_while(|&b| b != 0).collect()
}

fn netstrings(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    while !bytes.is_empty() {
        let colon = bytes.iter().position(|b| !b.is_ascii_digit())?;
        let length: usize = std::str::from_utf8(&bytes[..colon]).ok()?.parse().ok()?;
        let text = bytes.get(colon + 1..)?;
        if bytes[colon] != b':' || text.get(length) != Some(&b',') {
            return None;
        }
        words.push(up_to_nul(&text[..length]));
        bytes = &text[length + 1..];
    }
    Some(words)
}

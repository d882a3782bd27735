//! A line for programs: one JSON object. A word is a string or, where its bytes are not UTF-8, a
//! list of their numbers.

use super::line::{Line, What, seconds};
use crate::arg::Arg;
use crate::args::number::Decimal;

pub(super) fn pieces(line: &Line) -> [Vec<u8>; 3] {
    let mut before = b"{\"time\":".to_vec();
    before.extend_from_slice(&seconds(line.micros));
    before.extend_from_slice(b",\"pid\":");
    let mut after = Vec::new();
    number(&mut after, "ppid", line.parent as u64);
    number(&mut after, "depth", line.depth as u64);
    what(&mut after, &line.what);
    let set: Vec<&[u8]> = line.changes.set.iter().map(|var| var.to_bytes()).collect();
    for (key, words) in [("set", &set), ("unset", &line.changes.unset)] {
        if !words.is_empty() {
            list(&mut after, key, words.iter().copied());
        }
    }
    after.extend_from_slice(b"}\n");
    [before, after, Vec::new()]
}

fn what(out: &mut Vec<u8>, what: &What) {
    match what {
        What::Word { name, argv, own } => {
            word(out, "event", b"word");
            word(out, "name", name.as_bytes());
            number(out, "own", *own as u64);
            argv_list(out, argv);
        }
        What::Exec { file, argv } => {
            word(out, "event", b"exec");
            word(out, "file", file.to_bytes());
            argv_list(out, argv);
        }
        What::Failed { program, errno } => {
            word(out, "event", b"failed");
            word(out, "program", program.to_bytes());
            word(out, "error", sys::reason(*errno).as_bytes());
        }
        What::Exit { name, code } => {
            word(out, "event", b"exit");
            word(out, "name", name.as_bytes());
            number(out, "code", (code & 0xff) as u64);
        }
        What::End { pid, status } => {
            word(out, "event", b"end");
            number(out, "child", *pid as u64);
            match (status.signal(), status.code()) {
                (Some(signal), _) => number(out, "signal", signal as u64),
                (None, code) => number(out, "code", code.unwrap_or_default() as u64),
            }
        }
    }
}

fn key(out: &mut Vec<u8>, key: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
}

fn number(out: &mut Vec<u8>, name: &str, value: u64) {
    key(out, name);
    out.extend_from_slice(&Decimal::new(value));
}

fn word(out: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    key(out, name);
    value(out, bytes);
}

fn argv_list(out: &mut Vec<u8>, argv: &[Arg]) {
    list(out, "argv", argv.iter().map(|word| word.to_bytes()));
}

fn list<'a>(out: &mut Vec<u8>, name: &str, words: impl Iterator<Item = &'a [u8]>) {
    key(out, name);
    elements(out, words, value);
}

fn elements<T>(out: &mut Vec<u8>, all: impl Iterator<Item = T>, put: fn(&mut Vec<u8>, T)) {
    let mut between = b'[';
    for one in all {
        out.push(between);
        put(out, one);
        between = b',';
    }
    if between == b'[' {
        out.push(b'[');
    }
    out.push(b']');
}

/// Writes a text as a string; what is no UTF-8 as an array of bytes.
pub fn value(out: &mut Vec<u8>, bytes: &[u8]) {
    if std::str::from_utf8(bytes).is_err() {
        let put =
            |out: &mut Vec<u8>, byte: &u8| out.extend_from_slice(&Decimal::new((*byte).into()));
        return elements(out, bytes.iter(), put);
    }
    out.push(b'"');
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            0..b' ' | 0x7f => {
                let digit = |n: u8| b"0123456789abcdef"[usize::from(n)];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_strings_or_bytes() {
        for (bytes, json) in [
            (&b""[..], "\"\""),
            (b"a \"b\" \\", r#""a \"b\" \\""#),
            (b"a\nb\x01\x1b\x7f", r#""a\nb\u0001\u001b\u007f""#),
            ("ä".as_bytes(), "\"ä\""),
            (b"a\xff", "[97,255]"),
        ] {
            let mut out = Vec::new();
            value(&mut out, bytes);
            assert_eq!(String::from_utf8(out).unwrap(), json);
        }
    }

    #[test]
    fn lists() {
        let mut out = Vec::new();
        list(&mut out, "a", [].into_iter());
        list(&mut out, "b", [&b"x"[..], b"y"].into_iter());
        assert_eq!(out, br#","a":[],"b":["x","y"]"#);
    }
}

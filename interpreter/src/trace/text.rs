//! A line for people.
//!
//! ```text
//! 0.000310 4711 export A one
//! 0.000334 4711 +A=one
//! 0.000334 4711 foreground { s6-echo hello }
//! 0.000502 4712   s6-echo hello
//! 0.000540 4712   = 0
//! 0.000561 4711 4712 = 0
//! 0.000580 4711 +?=0
//! 0.000580 4711 -> /bin/sh -c "exit 3"
//! ```

use super::changes::Changes;
use super::line::{Line, What, seconds};
use crate::arg::Arg;
use crate::args::number::Decimal;
use crate::diagnose::shortened;
use crate::resolve::basename;

/// How many columns of a word are shown, and how many of a line before the last word.
const WORD: usize = 60;
const LINE: usize = 160;

/// How far the indentation goes.
const DEEPEST: usize = 40;

const NONE: &[u8] = b"\x1b[m";
const DIM: &[u8] = b"\x1b[2m";
const BOLD: &[u8] = b"\x1b[1m";
const RED: &[u8] = b"\x1b[31m";
const GREEN: &[u8] = b"\x1b[32m";
const CYAN: &[u8] = b"\x1b[36m";

struct Text {
    bytes: Vec<u8>,
    color: bool,
}

pub(super) fn pieces(line: &Line, color: bool) -> [Vec<u8>; 3] {
    let mut text = Text { bytes: Vec::new(), color };
    text.time(line);
    let before = text.take();
    text.margin(line);
    let mut between = Vec::new();
    if !line.changes.is_empty() {
        text.changes(&line.changes);
        text.time(line);
        between = text.take();
        text.margin(line);
    }
    text.what(&line.what);
    text.bytes.push(b'\n');
    if between.is_empty() { [before, text.bytes, between] } else { [before, between, text.bytes] }
}

impl Text {
    fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    fn put(&mut self, color: &[u8], bytes: &[u8]) {
        if self.color {
            self.bytes.extend_from_slice(color);
        }
        self.bytes.extend_from_slice(bytes);
        if self.color {
            self.bytes.extend_from_slice(NONE);
        }
    }

    /// Up to the pid.
    fn time(&mut self, line: &Line) {
        self.put(DIM, &seconds(line.micros));
        self.bytes.push(b' ');
    }

    /// From the pid on.
    fn margin(&mut self, line: &Line) {
        self.bytes.push(b' ');
        self.bytes.resize(self.bytes.len() + 2 * line.depth.min(DEEPEST), b' ');
    }

    fn changes(&mut self, changes: &Changes) {
        let set = changes.set.iter().map(|var| (&b"+"[..], var.to_bytes()));
        let unset = changes.unset.iter().map(|name| (&b"-"[..], *name));
        let mut words = set.chain(unset).peekable();
        while let Some((sign, word)) = words.next() {
            let word = [sign, &variable(word)].concat();
            self.put(CYAN, &word);
            if words.peek().is_none() {
                break;
            }
            self.bytes.push(b' ');
            if self.bytes.len() > LINE {
                self.bytes.extend_from_slice(b"...");
                break;
            }
        }
        self.bytes.push(b'\n');
    }

    fn what(&mut self, what: &What) {
        match what {
            What::Word { name, argv, own } => {
                let first = argv.first().map_or(name.as_bytes(), |word| word.to_bytes());
                self.put(BOLD, &shown(first));
                self.words(argv.get(1..*own).unwrap_or_default());
                // Under another name than its own.
                if basename(first) != name.as_bytes() {
                    self.put(DIM, &[b" (", name.as_bytes(), b")"].concat());
                }
            }
            What::Exec { file, argv } => {
                self.put(GREEN, &[b"-> ", &shown(file.to_bytes())[..]].concat());
                self.words(argv.get(1..).unwrap_or_default());
                let first = argv.first().map_or(&b""[..], |word| word.to_bytes());
                if basename(first) != basename(file.to_bytes()) {
                    self.put(DIM, &[b" (as ", &shown(first)[..], b")"].concat());
                }
            }
            What::Failed { program, errno } => {
                let reason = sys::reason(*errno);
                let program = shown(program.to_bytes());
                self.put(RED, &[b"can't run ", &program[..], b": ", reason.as_bytes()].concat());
            }
            What::Exit { code, .. } => self.end(*code),
            What::End { pid, status } => {
                self.bytes.extend_from_slice(&Decimal::new(*pid as u64));
                self.bytes.push(b' ');
                match (status.signal(), status.code()) {
                    (Some(signal), _) => self.signal(signal),
                    (None, code) => self.end(code.unwrap_or_default()),
                }
            }
        }
    }

    fn end(&mut self, code: i32) {
        let color = if code == 0 { DIM } else { RED };
        // What the parent will see of it.
        self.put(color, &[b"= ", &Decimal::new((code & 0xff) as u64)[..]].concat());
    }

    fn signal(&mut self, signal: i32) {
        let number = Decimal::new(signal as u64);
        let name = sys::signal::name(signal).map_or(&number[..], str::as_bytes);
        self.put(RED, &[b"= SIG", name].concat());
    }

    /// The words of a command line, blocks between braces again.
    fn words(&mut self, words: &[Arg]) {
        let mut depth = 0;
        for word in words {
            self.bytes.push(b' ');
            if self.bytes.len() > LINE {
                self.bytes.extend_from_slice(b"...");
                return;
            }
            let bytes = word.to_bytes();
            let spaces = bytes.iter().take_while(|b| **b == b' ').count();
            if spaces == bytes.len() && spaces + 1 == depth {
                self.bytes.push(b'}');
                depth = spaces;
                continue;
            }
            for _ in depth..spaces {
                self.bytes.extend_from_slice(b"{ ");
            }
            depth = spaces;
            self.bytes.extend_from_slice(&shown(&bytes[spaces..]));
        }
    }
}

/// A word much as it could stand in a script, or the begin of it.
fn shown(word: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(word.len().min(2 * WORD));
    for &byte in word.iter().take(4 * WORD + 1) {
        if matches!(byte, b'"' | b'\\') {
            escaped.push(b'\\');
        }
        escaped.push(byte);
    }
    let shown = shortened(&escaped, WORD);
    let plain = |b: &u8| *b > b' ' && !b"\\#{}".contains(b);
    if !shown.is_empty() && shown.iter().all(plain) {
        return shown;
    }
    [b"\"", &shown[..], b"\""].concat()
}

/// `NAME=value`, or a name alone.
fn variable(var: &[u8]) -> Vec<u8> {
    match var.iter().position(|&b| b == b'=') {
        Some(end) if end + 1 < var.len() => {
            [&shown(&var[..end]), &b"="[..], &shown(&var[end + 1..])].concat()
        }
        _ => shown(var),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[Arg]) -> String {
        let mut text = Text { bytes: Vec::new(), color: false };
        text.words(words);
        String::from_utf8(text.bytes).unwrap()
    }

    #[test]
    fn blocks_are_shown_in_braces() {
        assert_eq!(words(&[c" a", c" b", c"", c"c"]), " { a b } c");
        assert_eq!(words(&[c" a", c"  b", c" ", c" c", c"", c"d"]), " { a { b } c } d");
        assert_eq!(words(&[c"  b", c" ", c"", c"d"]), " { { b } } d");
        assert_eq!(
            words(&[c"", c"a b", c"\"", c"\xff\n", c"#"]),
            r##" "" "a b" "\"" "\xff\n" "#""##
        );
        // No block, but nobody can know.
        assert_eq!(words(&[c"  b", c"c"]), " { { b c");
    }

    #[test]
    fn variables() {
        for (var, text) in [
            (&b"A=b c"[..], "A=\"b c\""),
            (b"A=", "A="),
            (b"A", "A"),
            (b"A==\\", "A=\"=\\\\\""),
            (b"\xff=1", "\"\\xff\"=1"),
        ] {
            assert_eq!(String::from_utf8(variable(var)).unwrap(), text);
        }
    }

    #[test]
    fn what_is_long_is_cut() {
        let long = crate::arg::leak(vec![b'a'; 1000]);
        assert_eq!(words(&[long]).len(), 1 + WORD + 3);
        let many = vec![c"word"; 1000];
        assert!(words(&many).len() < LINE + 8 && words(&many).ends_with(" ..."));
    }
}

//! For people: each finding with its line, and the place in it underlined.

use super::Checked;
use crate::operator::check::finding::Level;
use crate::operator::fault::Fault;
use interpreter::diagnose::{Place, printable};
use sys::Errno;

const BOLD: &str = "\x1b[1m";
const CYAN: &str = "\x1b[36m";
const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const PLAIN: &str = "\x1b[0m";

/// All findings, in the order of the files.
pub fn text(checked: &[Checked], coloured: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for file in checked {
        for finding in &file.findings {
            let level = finding.rule.level;
            let place = Place { file: &file.path, source: &file.source, span: finding.at.clone() };
            let head = format!("{}[{}]: ", level.name(), finding.rule.name);
            let message = [head.as_bytes(), &finding.remark.cause].concat();
            if level == Level::Note {
                // It is about the file, and no place in it.
                out.extend_from_slice(&printable(&file.path));
                out.extend_from_slice(&[b": ", &message[..], b"\n"].concat());
                continue;
            }
            let whole = finding.at == (0..0);
            let mut lines = match whole {
                true => [&printable(&file.path), &b": "[..], &message, b"\n"].concat(),
                false => place.show(&message),
            };
            for help in &finding.remark.help {
                lines.extend_from_slice(&[b"help: ", &help[..], b"\n"].concat());
            }
            match coloured {
                true => paint(&lines, level, head.trim_end(), whole, &mut out),
                false => out.extend_from_slice(&lines),
            }
        }
    }
    out
}

/// Colours the level and the marks, and makes the place and the word `help` stand out.
fn paint(lines: &[u8], level: Level, head: &str, whole: bool, out: &mut Vec<u8>) {
    let colour = if level == Level::Error { RED } else { YELLOW };
    for (number, line) in lines.split_inclusive(|&b| b == b'\n').enumerate() {
        let (front, rest, front_colour) = match number {
            0 => {
                let head = head.as_bytes();
                let at = line.windows(head.len()).position(|w| w == head).unwrap_or_default();
                for part in [BOLD.as_bytes(), &line[..at], PLAIN.as_bytes()] {
                    out.extend_from_slice(part);
                }
                (head, &line[at + head.len()..], colour)
            }
            1 if !whole => (&b""[..], line, PLAIN),
            2 if !whole => (line.trim_ascii_end(), &b"\n"[..], colour),
            _ => (&line[..b"help:".len()], &line[b"help:".len()..], CYAN),
        };
        for part in [front_colour.as_bytes(), front, PLAIN.as_bytes(), rest] {
            out.extend_from_slice(part);
        }
    }
}

/// The message for a file that could not be read.
pub fn unreadable(path: &[u8], errno: Errno) -> Vec<u8> {
    let fault = match errno {
        Errno::EISDIR => Fault::said(
            format!("unable to read {}: it is a directory", String::from_utf8_lossy(path)),
            "name the files in it",
        ),
        errno => Fault::at("read", path, errno),
    };
    format!("chainit: error: {fault}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::check::finding::{Finding, NOT_EXECLINE, UNUSED_VARIABLE};
    use interpreter::diagnose::Remark;

    fn checked(rule: &'static crate::operator::check::finding::Rule) -> Vec<Checked> {
        let remark = Remark::new("it is so").help("do this");
        let findings = vec![Finding { rule, at: 2..3, remark }];
        vec![Checked {
            path: b"run".to_vec(),
            source: b"a b\n".to_vec(),
            findings,
            unreadable: None,
        }]
    }

    #[test]
    fn a_finding_shows_its_place() {
        assert_eq!(
            text(&checked(&UNUSED_VARIABLE), false),
            b"run:1:3: warning[unused-variable]: it is so\n  a b\n    ^\nhelp: do this\n"
        );
        assert_eq!(text(&checked(&NOT_EXECLINE), false), b"run: note[not-execline]: it is so\n");
    }

    #[test]
    fn colours_change_nothing_else() {
        let painted = String::from_utf8(text(&checked(&UNUSED_VARIABLE), true)).unwrap();
        assert!(painted.contains("\x1b[1;33m    ^"), "{painted:?}");
        let mut plain = painted;
        for colour in [BOLD, CYAN, RED, YELLOW, PLAIN] {
            plain = plain.replace(colour, "");
        }
        assert_eq!(plain.as_bytes(), text(&checked(&UNUSED_VARIABLE), false));
    }
}

//! For programs: an array with an object for each finding.

use super::Checked;
use interpreter::diagnose::position;
use interpreter::trace::json::value;
use std::ops::Range;

/// A place as editors count it: lines and columns (characters) from 1, the end being behind it.
pub struct Region {
    /// The first character's line and column.
    pub start: (usize, usize),
    /// Those behind the last one.
    pub end: (usize, usize),
}

impl Region {
    /// The region of some bytes of a source.
    pub fn of(source: &[u8], span: &Range<usize>) -> Region {
        Region { start: position(source, span.start), end: position(source, span.end) }
    }
}

/// All findings.
pub fn document(checked: &[Checked]) -> Vec<u8> {
    let mut objects = Vec::new();
    for file in checked {
        for finding in &file.findings {
            let Region { start, end } = Region::of(&file.source, &finding.at);
            let help: Vec<String> = finding.remark.help.iter().map(|h| string(h)).collect();
            objects.push(format!(
                "{{\"file\":{},\"rule\":{},\"level\":{},\"line\":{},\"column\":{},\"endLine\":{},\
                 \"endColumn\":{},\"cause\":{},\"help\":[{}]}}",
                string(&file.path),
                string(finding.rule.name.as_bytes()),
                string(finding.rule.level.name().as_bytes()),
                start.0,
                start.1,
                end.0,
                end.1,
                string(&finding.remark.cause),
                help.join(",")
            ));
        }
    }
    let body = objects.join(",\n ");
    format!("[{body}]\n").into_bytes()
}

/// A string; what is no UTF-8 becomes the replacement character.
pub fn string(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    value(&mut out, String::from_utf8_lossy(bytes).as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(string(b"a\"\\\n\x01\xff"), "\"a\\\"\\\\\\n\\u0001\u{fffd}\"");
    }

    #[test]
    fn regions_end_behind_their_last_character() {
        let region = Region::of("a\n\u{e9}bc".as_bytes(), &(2..5));
        assert_eq!((region.start, region.end), ((2, 1), (2, 3)));
    }
}

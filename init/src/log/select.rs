//! Which lines a pattern selects.

use super::script::{Rule, Select};
use interpreter::arg::Arg;
use std::ffi::CStr;
use sys::posix::{BadPattern, Regex};

/// A POSIX extended regular expression. One that is only ordinary characters, with or without
/// anchors, is compared instead of run: libc's matcher costs microseconds a line.
pub enum Pattern {
    /// Ordinary characters.
    Plain {
        /// What is looked for.
        text: &'static [u8],
        /// Only at the line's beginning (`^`).
        start: bool,
        /// Only at its end (`$`).
        end: bool,
    },
    /// Anything else.
    Regex(Regex),
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Pattern::Plain { text, .. } => f.write_str(&text.escape_ascii().to_string()),
            Pattern::Regex(_) => f.write_str("regex"),
        }
    }
}

/// Means itself wherever it stands in an expression.
fn is_ordinary(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b" _:,/=@%&~#\"'<>!;-".contains(byte)
}

impl Pattern {
    /// Compiles. The empty pattern matches every line.
    pub fn new(pattern: Arg) -> Result<Pattern, BadPattern> {
        let bytes = pattern.to_bytes();
        let (start, text) = bytes.strip_prefix(b"^").map_or((false, bytes), |rest| (true, rest));
        let (end, text) = text.strip_suffix(b"$").map_or((false, text), |rest| (true, rest));
        if text.iter().all(is_ordinary) {
            return Ok(Pattern::Plain { text, start, end });
        }
        Regex::new(pattern).map(Pattern::Regex)
    }

    /// Does it match the line? `line` ends with a NUL, its only one.
    pub fn is_match(&self, line: &[u8]) -> bool {
        let bare = line.strip_suffix(b"\0").unwrap_or(line);
        match self {
            Pattern::Plain { text, start: true, end: true } => bare == *text,
            Pattern::Plain { text, start: true, .. } => bare.starts_with(text),
            Pattern::Plain { text, end: true, .. } => bare.ends_with(text),
            Pattern::Plain { text, .. } => contains(bare, text),
            Pattern::Regex(regex) => {
                CStr::from_bytes_until_nul(line).is_ok_and(|line| regex.is_match(line))
            }
        }
    }
}

fn contains(line: &[u8], text: &[u8]) -> bool {
    let [first, rest @ ..] = text else { return true };
    let mut at = 0;
    while let Some(found) = sys::bytes::find(&line[at..], *first, *first) {
        at += found + 1;
        if line[at..].starts_with(rest) {
            return true;
        }
    }
    false
}

/// Whether a line that was or was not selected is so after a rule's selections. `acted`: an
/// action has had it.
pub fn select(rule: &Rule, line: &[u8], mut selected: bool, acted: bool) -> bool {
    for select in &rule.selects {
        selected = match select {
            Select::Rest => !acted,
            Select::Plus(pattern) => selected || pattern.is_match(line),
            Select::Minus(pattern) => selected && !pattern.is_match(line),
        };
    }
    selected
}

#[cfg(test)]
mod tests {
    use super::*;
    use interpreter::arg::leak;

    const LINES: [&str; 8] =
        ["", "a", "error: disk", "an error", "errorerror", "eerror", "fatal: x", "fat.al"];

    #[test]
    fn plain_patterns_match_what_the_matcher_matches() {
        for text in ["", "^", "$", "^$", "error", "^error", "error$", "^a$", "fatal: ", "eerr", "x"]
        {
            let plain = Pattern::new(leak(text.into())).unwrap();
            assert!(matches!(plain, Pattern::Plain { .. }), "{text}");
            let text = if text.is_empty() { ".*" } else { text };
            let regex = Pattern::Regex(Regex::new(leak(text.into())).unwrap());
            for line in LINES {
                let line = format!("{line}\0");
                assert_eq!(
                    plain.is_match(line.as_bytes()),
                    regex.is_match(line.as_bytes()),
                    "{text} {line}"
                );
            }
        }
    }

    #[test]
    fn others_are_libc_s() {
        for (pattern, line, matches) in [
            ("fat.al", "fatXal\0", true),
            ("^(a|b)+$", "abba\0", true),
            ("^(a|b)+$", "abc\0", false),
            ("a|b", "xb\0", true),
            ("x$|^y", "yes\0", true),
        ] {
            let pattern = Pattern::new(leak(pattern.into())).unwrap();
            assert!(matches!(pattern, Pattern::Regex(_)));
            assert_eq!(pattern.is_match(line.as_bytes()), matches, "{pattern:?} {line}");
        }
        assert!(Pattern::new(c"(").is_err());
    }

    #[test]
    fn selections_in_order() {
        let rule = |words: &str| {
            let words: Vec<Arg> = words.split(' ').map(|w| leak(w.into())).collect();
            super::super::script::parse(&words).unwrap().rules.remove(0)
        };
        for (words, line, acted, selected) in [
            ("-a +b 1", "b\0", false, true),
            ("-a +b 1", "a\0", false, false),
            ("-a +b 1", "ab\0", false, true),
            ("+a -b 1", "ab\0", false, false),
            ("f 1", "a\0", true, false),
            ("-a f 1", "a\0", false, true),
            ("1", "a\0", true, true),
        ] {
            assert_eq!(select(&rule(words), line.as_bytes(), true, acted), selected, "{words}");
        }
    }
}

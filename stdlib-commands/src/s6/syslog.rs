//! The numbers with which lines for syslog begin, and their names.

use interpreter::args::number;

/// By their numbers.
const FACILITIES: [&str; 25] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "", "", "", "", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7", "mark",
];

/// By their numbers, from the most urgent.
const PRIORITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];

/// The bits of a code that are the facility.
const FACILITY: u32 = 0x3f8;

/// What the `<number>` that a line begins with stands for, and how many bytes it takes.
pub fn code(line: &[u8]) -> Option<(&'static str, &'static str, usize)> {
    let rest = line.strip_prefix(b"<")?;
    let (code, digits) = number::uint_prefix(rest);
    if digits == 0 || rest.get(digits) != Some(&b'>') {
        return None;
    }
    let facility =
        FACILITIES.get(((code & FACILITY) >> 3) as usize).filter(|name| !name.is_empty());
    let priority = PRIORITIES[(code & 7) as usize];
    Some((facility.unwrap_or(&"unknown"), priority, digits + 2))
}

/// Adds a line's names, and gives what is behind its number.
pub fn named<'a>(line: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let Some((facility, priority, used)) = code(line) else { return line };
    for part in [facility, ".", priority, ": "] {
        out.extend_from_slice(part.as_bytes());
    }
    &line[used..]
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn codes() {
        for (line, expected) in [
            (&b"<0>a"[..], Some(("kern", "emerg", 3))),
            (b"<12>b", Some(("user", "warn", 4))),
            (b"<86>", Some(("authpriv", "info", 4))),
            (b"<191>c", Some(("local7", "debug", 5))),
            (b"<192>", Some(("mark", "emerg", 5))),
            (b"<9999>d", Some(("unknown", "debug", 6))),
            (b"<96>", Some(("unknown", "emerg", 4))),
            (b"<x>", None),
            (b"<1", None),
            (b"<>", None),
            (b"1>", None),
            (b"", None),
            (b"<4294967296>", None),
        ] {
            assert_eq!(code(line), expected, "{}", line.escape_ascii());
        }
    }
}

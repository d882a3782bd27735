//! How a line with a name looks.

use crate::log::stamp::Stamper;
use sys::time::Time;

/// A longer line is cut.
pub const LONGEST: usize = 1 << 14;

/// How long the clock's part of a stamp is, with its nanoseconds and the spaces behind it.
const CLOCK: usize = "00:00:00.000000000  ".len();
/// And without what is finer than a millisecond.
const MILLIS: usize = "00:00:00.000".len();

/// What is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Format {
    /// An object a line, for programs.
    pub json: bool,
    /// Names have colours.
    pub color: bool,
    /// The time stands before all.
    pub time: bool,
}

/// Writes lines.
pub(super) struct Formatter {
    pub(super) format: Format,
    stamper: Stamper,
    now: fn() -> Time,
}

impl Formatter {
    pub(super) fn new(format: Format) -> Formatter {
        let utc = |sec| sys::time::broken_down(sec, true).unwrap_or_default();
        Formatter { format, stamper: Stamper::new(utc), now: sys::time::now }
    }

    pub(super) fn put(
        &mut self,
        out: &mut Vec<u8>,
        name: &[u8],
        error: bool,
        line: &[u8],
        partial: bool,
    ) {
        let Format { json, color, time } = self.format;
        let mut stamp = Vec::new();
        if time {
            self.stamper.set((self.now)());
            let iso = self.stamper.iso();
            let (day, clock) = iso.split_at(iso.len() - CLOCK);
            stamp = [day.trim_ascii_end(), b"T", &clock[..MILLIS], b"Z"].concat();
        }
        if json {
            out.push(b'{');
            if time {
                field(out, "time", &stamp);
                out.push(b',');
            }
            field(out, "service", name);
            out.push(b',');
            field(out, "stream", if error { b"stderr" } else { b"stdout" });
            out.push(b',');
            field(out, "message", line.strip_suffix(b"\r").unwrap_or(line));
            if partial {
                out.extend_from_slice(b",\"partial\":true");
            }
            out.extend_from_slice(b"}\n");
            return;
        }
        if time {
            out.extend_from_slice(&stamp);
            out.push(b' ');
        }
        if color {
            let number = name.iter().fold(0u8, |sum, b| sum.wrapping_mul(31).wrapping_add(*b)) % 6;
            out.extend_from_slice(&[0x1b, b'[', b'3', b'1' + number, b'm']);
        }
        out.extend_from_slice(name);
        out.extend_from_slice(if color { b" |\x1b[0m " } else { b" | " });
        out.extend_from_slice(line);
        out.push(b'\n');
    }
}

fn field(out: &mut Vec<u8>, key: &str, value: &[u8]) {
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":\"");
    for byte in String::from_utf8_lossy(value).bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 | 0x7f => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                let digit = |n: u8| DIGITS[usize::from(n)];
                out.extend_from_slice(&[
                    b'\\',
                    b'u',
                    b'0',
                    b'0',
                    digit(byte >> 4),
                    digit(byte & 15),
                ]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(format: Format, line: &[u8], partial: bool) -> String {
        let mut formatter = Formatter::new(format);
        formatter.now = || Time { sec: 1_767_323_045, nsec: 126_830_661 };
        let mut out = Vec::new();
        formatter.put(&mut out, b"web", true, line, partial);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_have_names() {
        let plain = Format::default();
        assert_eq!(line(plain, b"", false), "web | \n");
        assert_eq!(
            line(Format { time: true, ..plain }, b"a", true),
            "2026-01-02T03:04:05.126Z web | a\n"
        );
        let color = line(Format { color: true, ..plain }, b"a", false);
        assert!(color.starts_with("\x1b[3") && color.ends_with("mweb |\x1b[0m a\n"), "{color:?}");
    }

    #[test]
    fn objects_are_whole() {
        let json = Format { json: true, ..Format::default() };
        assert_eq!(
            line(json, b"a \"b\"\\\t\x1b\xff\r", false),
            "{\"service\":\"web\",\"stream\":\"stderr\",\"message\":\"a \\\"b\\\"\\\\\\t\\u001b\u{fffd}\"}\n"
        );
        assert_eq!(
            line(Format { time: true, ..json }, b"a", true),
            "{\"time\":\"2026-01-02T03:04:05.126Z\",\"service\":\"web\",\"stream\":\"stderr\",\"message\":\"a\",\"partial\":true}\n"
        );
    }
}

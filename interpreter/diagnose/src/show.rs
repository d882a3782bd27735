//! A place in a source, shown to a person.

use std::ops::Range;

/// Some bytes of a source.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The source's name.
    pub file: &'a [u8],
    /// All of the source.
    pub source: &'a [u8],
    /// Where the bytes are.
    pub span: Range<usize>,
}

/// How many columns of a line are shown before the place, and how many from its begin on.
const BEFORE: usize = 48;
const AFTER: usize = 72;

/// How many columns of a name are shown.
const NAME: usize = 240;

/// What stands for the part of a line that is not shown.
const CUT: &[u8] = b"...";

/// The line and the column of a byte, counted from 1. A column is a character, or a byte that is
/// part of none.
pub fn position(source: &[u8], offset: usize) -> (usize, usize) {
    let before = &source[..offset.min(source.len())];
    let line = before.split(|&b| b == b'\n');
    let column = line.clone().next_back().map_or(0, |l| glyphs(l).count());
    (line.count(), column + 1)
}

/// Bytes as a terminal can show them: what is no text is escaped, and what is too long is cut.
pub fn printable(bytes: &[u8]) -> Vec<u8> {
    shortened(bytes, NAME)
}

/// [`printable`], for a message that is text.
pub fn shown(bytes: &[u8]) -> String {
    String::from_utf8(printable(bytes)).unwrap_or_default()
}

/// [`printable`], cut after so many columns.
pub fn shortened(bytes: &[u8], most: usize) -> Vec<u8> {
    let (mut shown, mut columns, mut taken) = (Vec::new(), 0, 0);
    for (width, glyph) in glyphs(&bytes[..bytes.len().min(4 * most)]) {
        columns += width;
        if columns > most {
            break;
        }
        glyph.write(&mut shown, false);
        taken += glyph.len();
    }
    if taken < bytes.len() {
        shown.extend_from_slice(CUT);
    }
    shown
}

impl Place<'_> {
    /// `FILE:LINE:COLUMN: message`, the line below it, and the place in it underlined.
    pub fn show(&self, message: &[u8]) -> Vec<u8> {
        let (line, column) = position(self.source, self.span.start);
        let mut out = printable(self.file);
        out.extend_from_slice(format!(":{line}:{column}: ").as_bytes());
        out.extend_from_slice(message);
        out.push(b'\n');
        let (text, marks) = self.excerpt();
        for row in [text, marks] {
            out.extend_from_slice(b"  ");
            out.extend_from_slice(row.trim_ascii_end());
            out.push(b'\n');
        }
        out
    }

    /// The part of the line around the place, and a row of marks that fits below it.
    fn excerpt(&self) -> (Vec<u8>, Vec<u8>) {
        let end = self.source.len();
        let at = self.span.start.min(end);
        let begins = self.source[..at].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        let ends = self.source[at..].iter().position(|&b| b == b'\n').map_or(end, |i| at + i);
        let from = last_columns(&self.source[begins..at]) + begins;
        let (mut text, mut marks) = (Vec::new(), Vec::new());
        if from > begins {
            text.extend_from_slice(CUT);
            marks.resize(CUT.len(), b' ');
        }
        for (width, glyph) in glyphs(&self.source[from..at]) {
            glyph.write(&mut text, true);
            match glyph {
                Glyph::Char('\t') => marks.push(b'\t'),
                _ => marks.resize(marks.len() + width, b' '),
            }
        }
        let mut shown = 0;
        let mut offset = at;
        for (width, glyph) in glyphs(&self.source[at..ends]) {
            if shown + width > AFTER {
                text.extend_from_slice(CUT);
                break;
            }
            glyph.write(&mut text, true);
            if offset < self.span.end {
                marks.resize(marks.len() + width, b'^');
            }
            shown += width;
            offset += glyph.len();
        }
        if !marks.ends_with(b"^") {
            marks.push(b'^');
        }
        (text, marks)
    }
}

/// Where in the line the last columns that are shown begin.
fn last_columns(line: &[u8]) -> usize {
    let mut from = line.len().saturating_sub(4 * BEFORE);
    // Not in the middle of a character.
    while from > 0 && line[from] & 0xc0 == 0x80 && from < line.len() - 1 {
        from += 1;
    }
    let mut columns: usize = glyphs(&line[from..]).map(|(width, _)| width).sum();
    for (width, glyph) in glyphs(&line[from..]) {
        if columns <= BEFORE {
            break;
        }
        columns -= width;
        from += glyph.len();
    }
    from
}

#[derive(Clone, Copy)]
enum Glyph {
    Char(char),
    /// A byte that is part of no character.
    Byte(u8),
}

/// The characters of a text, each with the columns that it takes when it is written.
fn glyphs(bytes: &[u8]) -> impl Iterator<Item = (usize, Glyph)> {
    let glyphs = bytes.utf8_chunks().flat_map(|chunk| {
        let bytes = chunk.invalid().iter().map(|&b| Glyph::Byte(b));
        chunk.valid().chars().map(Glyph::Char).chain(bytes)
    });
    glyphs.map(|glyph| (glyph.width(), glyph))
}

impl Glyph {
    fn len(self) -> usize {
        match self {
            Glyph::Char(c) => c.len_utf8(),
            Glyph::Byte(_) => 1,
        }
    }

    fn width(self) -> usize {
        match self {
            Glyph::Char('\t' | ' '..='~') => 1,
            Glyph::Char(c) if is_wide(c) => 2,
            Glyph::Char(c) if c.is_ascii() => (c as u8).escape_ascii().len(),
            Glyph::Char(c) => c.escape_debug().count(),
            Glyph::Byte(_) => r"\xff".len(),
        }
    }

    fn write(self, out: &mut Vec<u8>, keep_tab: bool) {
        match self {
            Glyph::Char('\t') if keep_tab => out.push(b'\t'),
            Glyph::Char(c @ ' '..='~') => out.push(c as u8),
            Glyph::Char(c) if c.is_ascii() => out.extend((c as u8).escape_ascii()),
            // Escapes what would not be seen, or would turn the line around.
            Glyph::Char(c) => out.extend_from_slice(c.escape_debug().to_string().as_bytes()),
            Glyph::Byte(b) => out.extend(b.escape_ascii()),
        }
    }
}

/// Whether a terminal takes two columns for the character: the blocks of East Asian scripts and of
/// pictures.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f | 0xff01..=0xff60 | 0x1f300..=0x1faff | 0x20000..=0x3fffd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(source: &[u8], span: Range<usize>) -> String {
        let place = Place { file: b"run", source, span };
        String::from_utf8(place.show(b"here")).unwrap()
    }

    #[test]
    fn the_line_is_shown_with_the_place_underlined() {
        assert_eq!(show(b"a\nif { b\nc", 5..6), "run:2:4: here\n  if { b\n     ^\n");
        assert_eq!(show(b"ab cd\n", 3..5), "run:1:4: here\n  ab cd\n     ^^\n");
        assert_eq!(show(b"\t\ta\tb", 4..5), "run:1:5: here\n  \t\ta\tb\n  \t\t \t^\n");
        assert_eq!(show(b"a", 1..1), "run:1:2: here\n  a\n   ^\n");
        assert_eq!(show(b"\"a\nb\"", 0..5), "run:1:1: here\n  \"a\n  ^^\n");
        assert_eq!(show(b"", 7..9), "run:1:1: here\n\n  ^\n".replace("\n\n", "\n  \n"));
    }

    #[test]
    fn what_is_no_text_is_escaped_and_takes_its_room() {
        assert_eq!(
            show(b"\x1b[m\xff b", 5..6),
            "run:1:6: here\n  \\x1b[m\\xff b\n             ^\n"
        );
        assert_eq!(
            show("\u{e9}\u{202e}\u{6f22} b\r".as_bytes(), 9..10).lines().nth(2),
            Some("              ^")
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        for at in [0, 10, 47, 48, 49, 5_000, 99_999] {
            for filler in ["x", "\u{6f22}", "\u{e9}", "\x01"] {
                let mut source = filler.repeat(at).into_bytes();
                let start = source.len();
                source.extend_from_slice(b"HERE");
                source.extend(filler.repeat(1000).bytes());
                let shown = show(&source, start..start + 4);
                let rows: Vec<&str> = shown.lines().collect();
                assert!(rows[1].len() < 4 * (BEFORE + AFTER), "{}", rows[1]);
                assert!(rows[1].contains("HERE") && rows[1].ends_with("..."));
                assert!(rows[2].ends_with("^^^^") && !rows[2].ends_with("^^^^^"));
                assert_eq!(
                    rows[1].starts_with("  ..."),
                    at * glyphs(filler.as_bytes()).next().unwrap().0 > BEFORE
                );
                let columns = |s: &str| glyphs(s.as_bytes()).map(|(w, _)| w).sum::<usize>();
                let before = rows[1].split("HERE").next().unwrap();
                assert_eq!(columns(before), rows[2].len() - 4);
            }
        }
    }

    #[test]
    fn names_are_cut_and_escaped() {
        assert_eq!(printable(b"a b\n\t\x7f"), b"a b\\n\\t\\x7f");
        let long = printable(&vec![b'a'; 100_000]);
        assert_eq!((long.len(), long.ends_with(b"a...")), (NAME + CUT.len(), true));
        assert_eq!(printable(&[b'a'; NAME]), [b'a'; NAME]);
        assert!(printable(&[1; 50]).len() <= NAME);
    }

    #[test]
    fn any_place_in_any_bytes_can_be_shown() {
        let source: Vec<u8> = (0..600u32).map(|i| (i * 7919 % 251) as u8).collect();
        for start in 0..=source.len() + 1 {
            let place = Place { file: b"f", source: &source, span: start..start + 3 };
            assert!(std::str::from_utf8(&place.show(b"m")).is_ok());
        }
    }
}

//! The syntax of an `envfile`.
//!
//! A line holds `NAME = value`, or a comment that begins with `#`, or nothing. Blanks around
//! name and value don't count. In a value a `"` begins and ends a part in which blanks do, and in
//! which a backslash begins what it begins in a string of C; elsewhere a backslash takes the
//! meaning of a blank, a `"` or a backslash, and goes over the end of the line.

/// The text holds something else than variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Where, in bytes.
    pub offset: usize,
    /// What is wrong, and what would be right.
    pub why: &'static str,
}

/// The text's variables as `NAME=value`, a NUL behind each. (A value may have a NUL in it, written
/// as `"\0"`: what follows then is one more entry, as with the original.)
pub fn parse(text: &[u8]) -> Result<Vec<u8>, BadLine> {
    let mut parser = Parser { text, at: 0, out: Vec::new() };
    while let Some(byte) = parser.peek() {
        match byte {
            b'\n' | b' ' | b'\t' | b'\x0c' | b'\r' => parser.at += 1,
            b'#' => parser.comment(),
            _ => parser.variable()?,
        }
    }
    Ok(parser.out)
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    out: Vec<u8>,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0c' | b'\r')
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// What is wrong with the byte that was taken last.
    fn bad<T>(&self, byte: Option<u8>, why: &'static str) -> Result<T, BadLine> {
        Err(BadLine { offset: self.at - usize::from(byte.is_some()), why })
    }

    fn comment(&mut self) {
        while self.next().is_some_and(|byte| byte != b'\n') {}
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.at += 1;
        }
    }

    fn variable(&mut self) -> Result<(), BadLine> {
        let start = self.at;
        while self.peek().is_some_and(is_of_name) {
            self.at += 1;
        }
        self.out.extend_from_slice(&self.text[start..self.at]);
        let name = &self.text[start..self.at];
        self.skip_blanks();
        match self.next() {
            Some(b'=') if !name.is_empty() => self.out.push(b'='),
            other => {
                let why = match (name, other) {
                    (b"", Some(b'=')) => "a variable's name is missing before the =",
                    (b"", _) => "this can't begin a variable's name",
                    (b"export", _) => "a line is NAME=value, without the shell's export",
                    _ => "a = must follow the variable's name",
                };
                return self.bad(other, why);
            }
        }
        self.skip_blanks();
        self.value()
    }

    fn value(&mut self) -> Result<(), BadLine> {
        let mut end = self.out.len();
        loop {
            match self.next() {
                None | Some(b'\n') => break,
                Some(blank) if is_blank(blank) => {
                    self.out.push(blank);
                    continue;
                }
                Some(b'"') => self.quoted()?,
                Some(b'\\') => self.escaped()?,
                Some(byte) => self.out.push(byte),
            }
            end = self.out.len();
        }
        self.out.truncate(end);
        self.out.push(0);
        Ok(())
    }

    fn escaped(&mut self) -> Result<(), BadLine> {
        match self.next() {
            Some(b'\n') => {}
            Some(byte) if is_blank(byte) || byte == b'"' || byte == b'\\' => self.out.push(byte),
            other => {
                return self.bad(
                    other,
                    "outside of double quotes, only a blank, \", \\ or the line's end can follow \
                     a \\; write \\\\ for a backslash",
                );
            }
        }
        Ok(())
    }

    fn quoted(&mut self) -> Result<(), BadLine> {
        loop {
            match self.next() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escaped_in_quotes()?,
                Some(byte) if byte != b'\n' => self.out.push(byte),
                other => {
                    return self.bad(
                        other,
                        "a double quote is not closed in its line; write \\n for a newline, or \
                         end the line with \\ to go on in the next one",
                    );
                }
            }
        }
    }

    fn escaped_in_quotes(&mut self) -> Result<(), BadLine> {
        match self.next() {
            None => return self.bad(None, "the file ends behind a \\"),
            Some(b'\n') => {}
            Some(b'x') => {
                let byte = self.hex_digit()? << 4 | self.hex_digit()?;
                self.out.push(byte);
            }
            Some(digit @ b'0'..=b'7') => self.octal(digit),
            Some(byte) => self.out.push(match byte {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 11,
                b'f' => 12,
                b'r' => b'\r',
                other => other,
            }),
        }
        Ok(())
    }

    fn hex_digit(&mut self) -> Result<u8, BadLine> {
        let byte = self.next();
        match byte.and_then(|b| char::from(b).to_digit(16)) {
            Some(digit) => Ok(digit as u8),
            None => self.bad(byte, "two hexadecimal digits must follow \\x"),
        }
    }

    /// Up to three digits; of what they make, the lowest byte.
    fn octal(&mut self, first: u8) {
        let mut byte = first - b'0';
        for _ in 1..3 {
            let Some(digit @ b'0'..=b'7') = self.peek() else { break };
            byte = byte << 3 | (digit - b'0');
            self.at += 1;
        }
        self.out.push(byte);
    }
}

/// A `#` is, behind the first byte; the caller has taken comments away.
fn is_of_name(byte: u8) -> bool {
    !is_blank(byte) && !matches!(byte, b'\n' | b'=' | b'\\' | b'"' | b'\'' | b'?')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Result<String, usize> {
        let entries = parse(text.as_bytes()).map_err(|bad| bad.offset)?;
        Ok(String::from_utf8_lossy(&entries).replace('\0', "|"))
    }

    #[test]
    fn variables_comments_and_blanks() {
        for (text, entries) in [
            ("", ""),
            ("\n # c\r\n\t\n", ""),
            ("A=1\nB = two words \r\nC=\nD=  ", "A=1|B=two words|C=|D=|"),
            ("A=b#c\nA#=d\n # A=e", "A=b#c|A#=d|"),
            ("A=#b", "A=#b|"),
            ("A==b=", "A==b=|"),
            ("A=it's ?", "A=it's ?|"),
            ("A=a\"b c \" \n", "A=ab c |"),
            ("A=\"\"", "A=|"),
            ("A=x\\\n  y\\ \\\\\\\" \n", "A=x  y \\\"|"),
            ("A=b \\\n\nB=\\\n  \n", "A=b |B=|"),
        ] {
            assert_eq!(run(text), Ok(entries.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn escapes_in_quotes() {
        for (text, entries) in [
            ("A=\"\\n\\t\\a\\x41\\102\\8\\q\\\"\"", "A=\n\t\x07AB8q\"|"),
            ("A=\"a\\\nb\"", "A=ab|"),
            ("A=\"\\1234\\18\\7\"", "A=S4\x018\x07|"),
            ("A=\"b\\0c\"", "A=b|c|"),
        ] {
            assert_eq!(run(text), Ok(entries.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_variable() {
        for (text, offset) in [
            ("A", 1),
            ("A\n", 1),
            ("A b=c", 2),
            ("=a", 0),
            ("\"A\"=b", 0),
            ("A'=b", 1),
            ("A=\\n", 3),
            ("A=\\", 3),
            ("A=\"b", 4),
            ("A=\"b\nc\"", 4),
            ("A=\"\\x4g\"", 6),
            ("B=1\nA=\"\\", 8),
        ] {
            assert_eq!(run(text), Err(offset), "{text:?}");
        }
    }
}

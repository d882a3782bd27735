//! The lines of a file in `fix-attrs.d`: `path recurse account[,uid:gid] fmode dmode`, words
//! between blanks, as a shell's `read` takes them.

use interpreter::args::number::octal_prefix;

/// What one line wants.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// A pattern, as for [`sys::posix::glob`].
    pub path: Vec<u8>,
    /// Everything below, too.
    pub recurse: bool,
    /// Whose it is to be.
    pub account: Vec<u8>,
    /// Where there is no such account.
    pub fallback: Option<Vec<u8>>,
    /// The permissions of what is no directory, if the line has a number there.
    pub file: Option<u32>,
    /// Those of directories.
    pub dir: Option<u32>,
}

/// The words of each line that is neither empty nor a comment, with its number. A backslash takes
/// the meaning from what is behind it: a blank is then part of the word, a line's end is none.
/// It stays in the first word, whose signs have a meaning for a pattern, too.
pub fn split(text: &[u8]) -> Vec<(usize, Vec<Vec<u8>>)> {
    let mut lines: Vec<(usize, Vec<Vec<u8>>)> = Vec::new();
    let (mut number, mut first) = (1, 1);
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut open = false;
    let mut end = |words: &mut Vec<Vec<u8>>, first| {
        let words = std::mem::take(words);
        if words.first().is_some_and(|word| !word.starts_with(b"#")) {
            lines.push((first, words));
        }
    };
    let mut bytes = text.iter().copied().filter(|&byte| byte != 0);
    while let Some(byte) = bytes.next() {
        let quoted = if byte == b'\\' { bytes.next() } else { None };
        match (byte, quoted) {
            (b'\\', Some(b'\n')) => number += 1,
            (b'\n', _) => {
                end(&mut words, first);
                number += 1;
                (first, open) = (number, false);
            }
            (b' ' | b'\t' | b'\r', _) => open = false,
            (byte, quoted) => {
                if !open {
                    words.push(Vec::new());
                }
                open = true;
                let in_path = words.len() == 1;
                let Some(word) = words.last_mut() else { continue };
                word.extend((byte != b'\\' || in_path).then_some(byte).into_iter().chain(quoted));
            }
        }
    }
    end(&mut words, first);
    lines
}

impl Line {
    /// Reads a line's words. What is wrong with it, in words.
    pub fn read(words: &[Vec<u8>]) -> Result<Line, String> {
        let [path, recurse, account, modes @ ..] = words else {
            return Err("a line has the words path, recurse, account, fmode and dmode".into());
        };
        let (modes, rest) = modes.split_at(modes.len().min(2));
        // All that is left is the last word's, and then no number.
        let crowded = rest.first().is_some_and(|word| !word.starts_with(b"#"));
        let (account, fallback) = match account.iter().position(|&b| b == b',') {
            Some(comma) => (&account[..comma], Some(account[comma + 1..].to_vec())),
            None => (&account[..], None),
        };
        let mode = |index: usize| mode(modes.get(index)?);
        Ok(Line {
            path: path.clone(),
            recurse: recurse == b"true",
            account: account.to_vec(),
            fallback,
            file: mode(0),
            dir: mode(1).filter(|_| !crowded),
        })
    }
}

/// Permissions in octal.
fn mode(word: &[u8]) -> Option<u32> {
    let (mode, len) = octal_prefix(word);
    (len > 0 && len == word.len()).then_some(mode & 0o7777)
}

/// A pattern as a path: without its backslashes.
pub fn literal(pattern: &[u8]) -> Vec<u8> {
    let mut bytes = pattern.iter().copied();
    let mut path = Vec::new();
    while let Some(byte) = bytes.next() {
        path.extend(if byte == b'\\' { bytes.next() } else { Some(byte) });
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &[u8]) -> Vec<(usize, Vec<String>)> {
        let show = |words: Vec<Vec<u8>>| {
            words.iter().map(|w| String::from_utf8(w.clone()).unwrap()).collect()
        };
        split(text).into_iter().map(|(number, words)| (number, show(words))).collect()
    }

    fn line(text: &str) -> Result<Line, String> {
        Line::read(&split(text.as_bytes())[0].1)
    }

    #[test]
    fn words_are_between_blanks() {
        let text = b"\n# a b\n#c\n  \t\r\n a\t b  c\r\nlast d";
        let expected = [(5, vec!["a", "b", "c"]), (6, vec!["last", "d"])];
        assert_eq!(
            words(text),
            expected.map(|(n, w)| (n, w.into_iter().map(Into::into).collect()))
        );
        assert!(words(b"").is_empty());
        assert!(words(b"\\\n\\\n").is_empty());
    }

    #[test]
    fn backslashes() {
        let found = words(b"/a\\ b\\* t\\rue \\\n  c\nnext\\");
        assert_eq!(found[0].1, ["/a\\ b\\*", "true", "c"]);
        assert_eq!(found[1], (3, vec!["next\\".to_string()]));
        assert_eq!(literal(b"/a\\ b\\*\\\\"), b"/a b*\\");
        assert_eq!(literal(b"a\\"), b"a");
    }

    #[test]
    fn lines() {
        let whole = line("/var/* true nobody,32768:32768 0644 2700 # why").unwrap();
        assert_eq!(
            whole,
            Line {
                path: b"/var/*".to_vec(),
                recurse: true,
                account: b"nobody".to_vec(),
                fallback: Some(b"32768:32768".to_vec()),
                file: Some(0o644),
                dir: Some(0o2700),
            }
        );
        let part = line("/a false a:b - 17777").unwrap();
        assert_eq!((part.recurse, part.fallback, part.file), (false, None, None));
        assert_eq!(part.dir, Some(0o7777));
        assert_eq!(line("/a false a 0o644").unwrap().file, None);
        assert_eq!(line("/a false b 1 2 x").map(|l| (l.file, l.dir)), Ok((Some(1), None)));
        assert!(!line("/a yes b").unwrap().recurse);
        assert_eq!(line("/a false a,b,c").unwrap().fallback, Some(b"b,c".to_vec()));
    }

    #[test]
    fn a_line_that_is_too_short() {
        assert!(line("/a true").unwrap_err().starts_with("a line has"));
    }
}

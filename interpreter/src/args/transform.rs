//! What is done to a value before it is put in the place of a key (`el_transform`): first it is
//! crunched, then chomped, then split.

/// How a value is transformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transform {
    /// A run of delimiters becomes its first one (`-C`).
    pub crunch: bool,
    /// A delimiter at the end is taken off, one only (`-n`).
    pub chomp: bool,
    /// Every delimiter ends a word (`-s`).
    pub split: bool,
    /// The delimiters (`-d`). None at all, with `split`: the value is a series of netstrings.
    pub delim: Vec<u8>,
}

impl Default for Transform {
    fn default() -> Self {
        Transform { crunch: false, chomp: false, split: false, delim: b" \n\r\t".to_vec() }
    }
}

/// The value was to be split as netstrings (`LENGTH:BYTES,` one after another) and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a series of netstrings: nothing valid begins at byte {offset}")]
pub struct BadNetstring {
    /// Where in the value, in bytes, what is no netstring begins.
    pub offset: usize,
}

impl Transform {
    /// The words that `value` becomes: one if it is not split, else any number, none included.
    ///
    /// A word never holds a NUL: when splitting, NUL is a delimiter beside the others (upstream
    /// looks delimiters up with `strchr`), and otherwise the value ends before its first one.
    pub fn apply(&self, mut value: Vec<u8>) -> Result<Vec<Vec<u8>>, BadNetstring> {
        if self.crunch && !self.delim.is_empty() {
            self.crunch(&mut value);
        }
        let chomped = self.chomp && value.pop_if(|b| self.is_delim(*b)).is_some();
        match (self.split, self.delim.is_empty()) {
            (false, _) => {
                truncate_at_nul(&mut value);
                Ok(vec![value])
            }
            (true, false) => Ok(self.split(&value, chomped)),
            (true, true) => netstrings(&value),
        }
    }

    fn is_delim(&self, byte: u8) -> bool {
        byte == 0 || self.delim.contains(&byte)
    }

    fn crunch(&self, value: &mut Vec<u8>) {
        let mut after_delim = false;
        value.retain(|&b| {
            let repeated = after_delim && self.is_delim(b);
            after_delim = self.is_delim(b);
            !repeated
        });
    }

    /// The text behind the last delimiter is a word only if it is not empty; and if chomping was
    /// asked for and found nothing to take, then that text was never ended and is dropped.
    fn split(&self, value: &[u8], chomped: bool) -> Vec<Vec<u8>> {
        let mut words: Vec<Vec<u8>> =
            value.split(|b| self.is_delim(*b)).map(<[u8]>::to_vec).collect();
        let unended = self.chomp && !chomped;
        words.pop_if(|last| last.is_empty() || unended);
        words
    }
}

fn truncate_at_nul(value: &mut Vec<u8>) {
    if let Some(end) = value.iter().position(|&b| b == 0) {
        value.truncate(end);
    }
}

fn netstrings(value: &[u8]) -> Result<Vec<Vec<u8>>, BadNetstring> {
    let mut words = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let offset = value.len() - rest.len();
        let (text, after) = netstring(rest).ok_or(BadNetstring { offset })?;
        let mut word = text.to_vec();
        truncate_at_nul(&mut word);
        words.push(word);
        rest = after;
    }
    Ok(words)
}

fn netstring(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, digits) = super::number::uint64_prefix(bytes);
    let text = bytes.get(digits..)?.strip_prefix(b":")?;
    let (text, after) = text.split_at_checked(usize::try_from(len).ok().filter(|_| digits > 0)?)?;
    Some((text, after.strip_prefix(b",")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(options: &str, delim: Option<&str>, value: &str) -> Option<Vec<String>> {
        let mut t = Transform {
            crunch: options.contains('C'),
            chomp: options.contains('n'),
            split: options.contains('s'),
            ..Default::default()
        };
        if let Some(delim) = delim {
            t.delim = delim.into();
        }
        let words = t.apply(value.into()).ok()?;
        Some(words.into_iter().map(|w| String::from_utf8(w).unwrap()).collect())
    }

    #[test]
    fn the_order_is_crunch_chomp_split() {
        for (options, value, words) in [
            ("", "", &[""][..]),
            ("", " a  b \n", &[" a  b \n"]),
            ("n", "a\n\n", &["a\n"]),
            ("n", "a", &["a"]),
            ("C", "  a \t b  ", &[" a b "]),
            ("Cn", "a \n\n", &["a"]),
            ("s", "", &[]),
            ("s", " ", &[""]),
            ("s", "a b", &["a", "b"]),
            ("s", "a b ", &["a", "b"]),
            ("s", "  a  b", &["", "", "a", "", "b"]),
            ("sn", "a b\n", &["a", "b"]),
            ("sn", "a b", &["a"]),
            ("sn", "a", &[]),
            ("sn", "\n", &[]),
            ("sn", "\n\n", &[""]),
            ("sn", "a  ", &["a"]),
            ("sC", "  a  b  ", &["", "a", "b"]),
            ("sCn", "a  b  ", &["a", "b"]),
            ("s", "a\0b", &["a", "b"]),
            ("n", "a\0b", &["a"]),
        ] {
            assert_eq!(run(options, None, value).unwrap(), words, "-{options} {value:?}");
        }
    }

    #[test]
    fn without_delimiters_a_split_reads_netstrings() {
        for (value, words) in [
            ("", Some(&[][..])),
            ("1:a,2:bb,0:,7:xyz 123,1: ,", Some(&["a", "bb", "", "xyz 123", " "])),
            ("01:a,", Some(&["a"])),
            ("1:a", None),
            ("2:a,", None),
            (":,", None),
            ("1:a,x", None),
            ("99999999999999999999:a,", None),
            ("18446744073709551615:a,", None),
        ] {
            let words = words.map(|w| w.iter().map(|&w| w.to_owned()).collect::<Vec<_>>());
            assert_eq!(run("s", Some(""), value), words, "{value}");
        }
        assert_eq!(run("Cn", Some(""), "a  \n").unwrap(), ["a  \n"]);
        assert_eq!(run("s", Some("::"), "a:b c").unwrap(), ["a", "b c"]);
    }
}

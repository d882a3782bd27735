//! Scripts to argv form, against a reading of the rules byte by byte.

use interpreter::syntax::parse;

/// What a script consists of.
pub enum Item {
    Open,
    /// A block's end: the word that stands for it, spaces in front included.
    Close(Vec<u8>),
    /// A word, and whether a brace was joined to it.
    Word(Vec<u8>, bool),
}

pub fn parser(source: &[u8]) -> usize {
    let expected = read(source).map(|items| form(&items));
    match (parse(source), expected) {
        (Ok(parsed), Some(blob)) => {
            assert_eq!(parsed.blob, blob);
            assert_eq!(parsed.count, blob.iter().filter(|&&b| b == 0).count());
            blob.len()
        }
        (Err(error), None) => {
            assert!(error.place.start <= error.place.end && error.place.end <= source.len());
            // The words up to the error were written, with their spaces.
            source.len() * source.iter().filter(|&&b| b == b'{').count()
        }
        (Ok(_), None) => panic!("parsed, which it must not"),
        (Err(error), Some(_)) => panic!("did not parse: {error:?}"),
    }
}

pub fn form(items: &[Item]) -> Vec<u8> {
    let mut blob = Vec::new();
    for item in items {
        if let Item::Close(bytes) | Item::Word(bytes, _) = item {
            blob.extend_from_slice(bytes);
            blob.push(0);
        }
    }
    blob
}

fn separates(byte: Option<&u8>) -> bool {
    byte.is_none_or(|&b| b <= 32)
}

/// Nothing where the script has an error.
pub fn read(source: &[u8]) -> Option<Vec<Item>> {
    let end = source.iter().position(|&b| b == 0).unwrap_or(source.len());
    let s = &source[..end];
    let mut items = Vec::new();
    let (mut at, mut depth, mut word, mut joined) = (0, 0usize, Vec::new(), false);
    while at < s.len() {
        let next = s.get(at + 1);
        match s[at] {
            0..=32 => at += 1,
            b'#' => at += s[at..].iter().position(|&b| b == b'\n').unwrap_or(s.len() - at),
            b'\\' if matches!(next, None | Some(b'\n')) => at += 2,
            b'{' if next.is_none() => return None,
            brace @ (b'{' | b'}') if next == Some(&b'\\') => {
                word.resize(word.len() + depth, b' ');
                word.push(brace);
                joined = true;
                at += 1;
            }
            b'{' if separates(next) => {
                depth += 1;
                items.push(Item::Open);
                at += 1;
            }
            b'}' if separates(next) => {
                depth = depth.checked_sub(1)?;
                word.resize(word.len() + depth, b' ');
                items.push(Item::Close(std::mem::take(&mut word)));
                joined = false;
                at += 1;
            }
            _ => {
                word.resize(word.len() + depth, b' ');
                at = text(s, at, &mut word)?;
                items.push(Item::Word(std::mem::take(&mut word), std::mem::take(&mut joined)));
            }
        }
    }
    (depth == 0).then_some(items)
}

/// Reads a word, and says where it ends.
fn text(s: &[u8], mut at: usize, word: &mut Vec<u8>) -> Option<usize> {
    let mut quoted = false;
    loop {
        let Some(&byte) = s.get(at) else { return (!quoted).then_some(at) };
        at += 1;
        match byte {
            b'"' => quoted = !quoted,
            b'\\' => {
                let &escaped = s.get(at)?;
                at += 1;
                match escaped {
                    b'0'..=b'9' if quoted => {
                        let digits = number(&s[at - 1..])?;
                        word.push(digits.1);
                        at += digits.0 - 1;
                        if at == s.len() {
                            return Some(at);
                        }
                    }
                    b'\n' if quoted => {}
                    other => word.push(if quoted { control(other) } else { other }),
                }
            }
            0..=32 if !quoted => return Some(at - 1),
            other => word.push(other),
        }
    }
}

fn control(byte: u8) -> u8 {
    match byte {
        b'a' => 7,
        b'b' => 8,
        b't' => 9,
        b'n' => 10,
        b'v' => 11,
        b'f' => 12,
        b'r' => 13,
        other => other,
    }
}

/// How many bytes the number takes, and which byte it is.
fn number(s: &[u8]) -> Option<(usize, u8)> {
    let (skip, radix, most) = match s {
        [b'0', b'x', ..] => (2, 16, 2),
        [b'0', ..] => (1, 8, 3),
        _ => (0, 10, 3),
    };
    let digits: String = s[skip..]
        .iter()
        .map(|&b| char::from(b))
        .take(most)
        .take_while(|c| c.is_digit(radix))
        .collect();
    let value = u32::from_str_radix(&digits, radix).ok()?;
    let byte = u8::try_from(value).ok().filter(|&b| b > 0)?;
    Some((skip + digits.len(), byte))
}

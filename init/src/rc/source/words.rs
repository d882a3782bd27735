//! The words in a definition's files.

use super::{Kind, Named};
use interpreter::args::number::uint;

/// The type that is in a file `type`. Like the original, it looks at no more than 8 bytes.
pub fn kind(content: &[u8]) -> Option<Kind> {
    let head = &content[..content.len().min(8)];
    match head.strip_suffix(b"\n").unwrap_or(head) {
        b"longrun" => Some(Kind::Longrun),
        b"oneshot" => Some(Kind::Oneshot),
        b"bundle" => Some(Kind::Bundle),
        _ => None,
    }
}

/// The names in a list, one a line: blanks in front don't count, those behind do; a line that
/// begins with `#` is a comment. With the names that came again.
pub fn names(content: &[u8]) -> (Vec<Named>, Vec<Named>) {
    let mut all: Vec<Named> = Vec::new();
    let mut offset = 0;
    for line in content.split(|&b| b == b'\n') {
        let blanks = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let text = line[blanks..].split(|&b| b == 0).next().unwrap_or_default();
        let start = offset + blanks;
        offset += line.len() + 1;
        if !text.is_empty() && !text.starts_with(b"#") {
            all.push(Named { name: text.to_vec(), at: start..start + text.len() });
        }
    }
    let mut sorted: Vec<usize> = (0..all.len()).collect();
    sys::order::by_key(&mut sorted, |&i| &all[i].name);
    let mut first = vec![true; all.len()];
    for pair in sorted.windows(2) {
        first[pair[1]] = all[pair[0]].name != all[pair[1]].name;
    }
    let mut first = first.into_iter();
    all.into_iter().partition(|_| first.next().unwrap_or(true))
}

/// A number of milliseconds: all of the file but line ends.
pub fn timeout(content: &[u8]) -> Option<u32> {
    let end = content.iter().rposition(|&b| b != b'\n').map_or(0, |at| at + 1);
    uint(&content[..end])
}

/// A number of a service directory: the first line.
pub fn number(content: &[u8]) -> Option<u32> {
    uint(content.split(|&b| b == b'\n').next().unwrap_or_default())
}

/// The words of a script that was parsed, each with its blocks' spaces in front.
pub fn script(blob: &[u8], count: usize) -> Vec<Vec<u8>> {
    blob.split(|&b| b == 0).take(count).map(<[u8]>::to_vec).collect()
}

/// What to do about a file `type` that has no type in it.
pub fn kind_help(content: &[u8]) -> Option<String> {
    if content.contains(&b'\r') {
        return Some("the file has CRLF line ends; convert it with: sed -i 's/\\r$//' FILE".into());
    }
    let word = content.trim_ascii();
    let near = interpreter::diagnose::nearest(word, [&b"longrun"[..], b"oneshot", b"bundle"])?;
    Some(match near == word {
        true => "nothing but a line's end may stand around the word".into(),
        false => format!("is it {} that is meant?", String::from_utf8_lossy(near)),
    })
}

/// What to do about a first line where none is read.
pub fn first_line_help(line: &[u8]) -> Option<String> {
    let name = line.rsplit(|b| b"/ ".contains(b)).find(|word| !word.starts_with(b"-"))?;
    Some(match line.windows(9).any(|w| w == b"execlineb") {
        true => "leave it out: the options in it have no effect".into(),
        false => format!(
            "the file is read as execline, not as {}: put the script in a file of its own, with \
             its x bit, and write only that file's path here",
            interpreter::diagnose::shown(name)
        ),
    })
}

//! Where things stand in a script: words, blocks, quotes, and the places that messages show.

use super::parser::{Item, form, read};
use interpreter::diagnose::syntax_message;
use interpreter::syntax::{Span, blocks, parse, place_of, quotes, spans};

pub fn lexer(source: &[u8]) -> usize {
    let words = spans(source);
    for pair in words.windows(2) {
        assert_eq!(pair[0].blob.end, pair[1].blob.start);
        assert!(pair[0].source.end <= pair[1].source.start);
    }
    assert!(words.iter().all(|word| !word.source.is_empty() && word.source.end <= source.len()));
    for block in blocks(source) {
        assert_eq!(source[block.open], b'{');
        assert!(block.close.is_none_or(|at| at > block.open && source[at] == b'}'));
    }
    let quoted = quotes(source);
    assert!(quoted.iter().all(|q| q.len() > 1 && source[q.start] == b'"'));
    assert!(quoted.iter().all(|q| source[q.end - 1] == b'"'));
    assert!(quoted.windows(2).all(|pair| pair[0].end <= pair[1].start));
    let spaces = source.len() * source.iter().filter(|&&b| b == b'{').count();
    let Some(items) = read(source) else {
        let error = parse(source).unwrap_err();
        let shown = syntax_message("execlineb", Some(b"f"), b"f", source, &error);
        assert!(shown.len() <= 2048 + 8 * source.len());
        return spaces;
    };
    let blob = form(&items);
    assert_eq!(words.last().map_or(0, |word| word.blob.end), blob.len());
    assert!(blocks(source).iter().all(|block| block.close.is_some()));
    for word in words.iter().take(4).chain(words.iter().rev().take(4)) {
        stands_there(source, &blob, word);
    }
    if let Some(again) = write(&items) {
        assert_eq!(parse(&again).unwrap().blob, blob);
    }
    spaces + 16 * blob.len()
}

/// The word's place is found from each end of it, and what stands there makes the word.
fn stands_there(source: &[u8], blob: &[u8], word: &Span) {
    for offset in [word.blob.start, word.blob.end - 1] {
        assert_eq!(place_of(source, offset), Some(word.source.clone()));
    }
    let text = &source[word.source.clone()];
    if let [b'{' | b'}'] | [b'{' | b'}', b'\\', ..] = text {
        return;
    }
    let alone = parse(text).unwrap();
    assert_eq!(alone.count, 1);
    let (spaces, written) = blob[word.blob.clone()].split_at(word.blob.len() - alone.blob.len());
    assert_eq!(written, alone.blob);
    assert!(spaces.iter().all(|&byte| byte == b' '));
}

/// Another script for the same words; none where a joined brace has blurred them.
fn write(items: &[Item]) -> Option<Vec<u8>> {
    let (mut script, mut depth) = (Vec::new(), 0);
    for item in items {
        match item {
            Item::Open => {
                depth += 1;
                script.extend_from_slice(b"{ ");
            }
            Item::Close(word) => {
                depth -= 1;
                if word.len() != depth {
                    return None;
                }
                script.extend_from_slice(b"}\n");
            }
            Item::Word(_, true) => return None,
            Item::Word(word, false) => {
                script.push(b'"');
                for &byte in &word[depth..] {
                    if matches!(byte, b'"' | b'\\') || byte < 32 {
                        let escape = format!("\\0x{byte:02x}");
                        script.extend_from_slice(escape.as_bytes());
                    } else {
                        script.push(byte);
                    }
                }
                script.extend_from_slice(b"\" ");
            }
        }
    }
    Some(script)
}

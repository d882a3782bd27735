//! A script as a flat list of words and braces, each with its place in the source.

use interpreter::syntax::{Parsed, Span, SyntaxError, blocks, parse, spans};
use std::ops::Range;

/// A word or a brace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it stands in the source.
    pub at: Range<usize>,
    /// The word, without quotes and escapes; empty for a brace.
    pub text: Vec<u8>,
    /// It is written as it is read: without quotes and escapes.
    pub plain: bool,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word.
    Word,
    /// A block's begin, and the index of its end.
    Open(usize),
    /// A block's end.
    Close,
}

impl Token {
    /// Whether it is a word.
    pub fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }
}

/// The tokens of a script.
pub fn read(source: &[u8]) -> Result<Vec<Token>, SyntaxError> {
    let Parsed { blob, .. } = parse(source)?;
    let mut opens = blocks(source).into_iter().peekable();
    let mut closes: Vec<usize> = blocks(source).iter().filter_map(|b| b.close).collect();
    sys::order::ascending(&mut closes);
    let mut tokens: Vec<Token> = Vec::new();
    let mut unclosed = Vec::new();
    for Span { blob: in_blob, source: at } in spans(source) {
        while let Some(open) = opens.next_if(|b| b.open < at.start) {
            unclosed.push(tokens.len());
            tokens.push(brace(Kind::Open(0), open.open));
        }
        if closes.binary_search(&at.start).is_ok() {
            let close = tokens.len();
            if let Some(open) = unclosed.pop() {
                tokens[open].kind = Kind::Open(close);
            }
            tokens.push(brace(Kind::Close, at.start));
            continue;
        }
        let text = blob.get(in_blob.start + unclosed.len()..in_blob.end.saturating_sub(1));
        let text = text.unwrap_or_default().to_vec();
        let plain = source.get(at.clone()) == Some(&text);
        tokens.push(Token { kind: Kind::Word, at, text, plain });
    }
    Ok(tokens)
}

fn brace(kind: Kind, at: usize) -> Token {
    Token { kind, at: at..at + 1, text: Vec::new(), plain: true }
}

/// The index behind the item (a word, or a whole block) that begins at `index`.
pub fn past(tokens: &[Token], index: usize) -> usize {
    match tokens.get(index).map(|t| t.kind) {
        Some(Kind::Open(close)) => close.max(index) + 1,
        _ => index + 1,
    }
}

/// The indices of the items in a part of the list.
pub fn items(tokens: &[Token], range: Range<usize>) -> impl Iterator<Item = usize> {
    let first = Some(range.start).filter(|&i| i < range.end);
    std::iter::successors(first, move |&i| Some(past(tokens, i)).filter(|&i| i < range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(source: &str) -> String {
        let tokens = read(source.as_bytes()).unwrap();
        let show = |t: &Token| match t.kind {
            Kind::Word => format!("{}@{:?}", String::from_utf8_lossy(&t.text), t.at),
            Kind::Open(close) => format!("{{{close}@{}", t.at.start),
            Kind::Close => format!("}}@{}", t.at.start),
        };
        tokens.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_and_blocks_with_their_places() {
        assert_eq!(
            show("if { a\n{ \" b\" } } c"),
            "if@0..2 {6@3 a@5..6 {5@7 \" b@9..13".replace("\" b", " b") + " }@14 }@16 c@18..19"
        );
        assert_eq!(show("{ } { }"), "{1@0 }@2 {3@4 }@6");
        assert_eq!(show("# x\n"), "");
        assert_eq!(show("a{ }b"), "a{@0..2 }b@3..5");
        assert!(read(b"{").is_err());
    }

    #[test]
    fn a_plain_word_has_no_quotes() {
        let plain: Vec<bool> =
            read(b"a \"a\" \\a a\"\"").unwrap().iter().map(|t| t.plain).collect();
        assert_eq!(plain, [true, false, false, false]);
    }

    #[test]
    fn items_step_over_blocks() {
        let tokens = read(b"a { b { c } } d").unwrap();
        assert_eq!(items(&tokens, 0..tokens.len()).collect::<Vec<_>>(), [0, 1, 7]);
        assert_eq!(items(&tokens, 2..6).collect::<Vec<_>>(), [2, 3]);
    }
}

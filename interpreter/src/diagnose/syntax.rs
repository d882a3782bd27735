//! Messages for scripts that do not parse.

use super::{Place, Remark, position, printable};
use crate::syntax::{Block, Span, SyntaxError, SyntaxErrorKind as Kind, blocks, quotes, spans};
use std::ops::Range;

/// The message for a script that does not parse, with the lines' ends. `file` is none for a script
/// that was an argument (`execlineb -c`); `whole` is its name in the place's line.
pub fn syntax_message(
    prog: &str,
    file: Option<&[u8]>,
    whole: &[u8],
    source: &[u8],
    error: &SyntaxError,
) -> Vec<u8> {
    let text = error.to_string();
    let what = text.split(": ").next().unwrap_or(&text);
    let mut message = format!("{prog}: fatal: {what}").into_bytes();
    if let Some(file) = file {
        message.extend_from_slice(b" in file ");
        message.extend_from_slice(file);
    }
    message.push(b'\n');
    let place = Place { file: whole, source, span: error.place.clone() };
    message.extend_from_slice(&syntax_remark(source, error).lines(Some(&place), b""));
    message
}

/// What is wrong with a script that does not parse; its place is the error's.
pub fn syntax_remark(source: &[u8], error: &SyntaxError) -> Remark {
    let at = error.place.start;
    let remark = match error.kind {
        Kind::UnmatchedOpen => unmatched_open(source, at),
        Kind::UnmatchedClose => unmatched_close(source, at),
        Kind::OpenAtEnd => Remark::new("a block begins here, and the script ends")
            .help("a { that is meant as a word is written \\{"),
        Kind::UnterminatedQuote => unterminated_quote(source, at),
        Kind::BackslashAtEnd => Remark::new("nothing is behind this backslash")
            .help("remove it, or write \\\\ for a backslash"),
        Kind::NoDigits => Remark::new("a number must follow \\0 and \\0x in quotes")
            .help("an A is \\65, \\0101 or \\0x41; a backslash and a zero are written \\\\0"),
        Kind::NullEscape => Remark::new("this stands for a null byte, which no word can hold"),
        Kind::EscapeTooBig(number) => too_big(number),
        Kind::TooDeep => Remark::new(
            "so many blocks lie within each other that their words would take more than 64 MB",
        )
        .help("call another script from the innermost blocks"),
    };
    match source.windows(2).any(|w| w == b"\r\n") {
        true => remark.help("the file has CRLF line ends; convert it with: sed -i 's/\\r$//' FILE"),
        false => remark,
    }
}

fn too_big(number: u32) -> Remark {
    Remark::new(format!("this stands for the byte {number}, and the biggest byte is 255"))
        .help("a digit that is not part of the number goes in quotes of its own: \"\\25\"\"6\"")
}

fn unmatched_open(source: &[u8], at: usize) -> Remark {
    let remark = Remark::new("this block is never closed");
    if let Some((word, place)) = joined(source, at, |open, close| close > open) {
        return remark.help(joined_help(source, word, &place, b"}", b"closes no block"));
    }
    let swallows = |q: &Range<usize>| q.start > at && source[q.clone()].contains(&b'}');
    if let Some(quote) = long_quotes(source).find(swallows) {
        return remark.help(quote_help(source, &quote));
    }
    if let Some(block) = misplaced(source, at) {
        let (open, _) = position(source, block.open);
        let (close, _) = position(source, block.close.unwrap_or_default());
        return remark.help(format!(
            "the }} in line {close} closes the block of line {open}, but is not below it: is one \
             missing between them?"
        ));
    }
    remark.help("a block ends with a } that is a word by itself")
}

fn unmatched_close(source: &[u8], at: usize) -> Remark {
    let remark = Remark::new("no block is open here");
    let last = blocks(&source[..at]).into_iter().filter_map(|b| Some((b.close?, b.open))).max();
    let from = 0;
    if let Some((word, place)) = joined(source, from, |open, close| open > close) {
        return remark.help(joined_help(source, word, &place, b"{", b"opens no block"));
    }
    let remark = match last {
        None => remark,
        Some((close, open)) => {
            let (open, close) = (position(source, open), position(source, close));
            remark.help(format!(
                "the last block, opened at {}:{}, ended at {}:{}",
                open.0, open.1, close.0, close.1
            ))
        }
    };
    remark.help("a } that is meant as a word is written \\}")
}

/// The first word from `from` on that holds braces which are no block's, as `a}` or `{a`.
fn joined(
    source: &[u8],
    from: usize,
    unbalanced: impl Fn(usize, usize) -> bool,
) -> Option<(&[u8], Span)> {
    let count = |word: &[u8], brace| word.iter().filter(|&&b| b == brace).count();
    spans(source).into_iter().skip_while(|s| s.source.start < from).find_map(|span| {
        let word = &source[span.source.clone()];
        let plain = word.len() > 1 && !word.contains(&b'"') && !word.contains(&b'\\');
        let joined = plain && unbalanced(count(word, b'{'), count(word, b'}'));
        joined.then_some((word, span))
    })
}

fn joined_help(source: &[u8], word: &[u8], span: &Span, brace: &[u8], so: &[u8]) -> Vec<u8> {
    let (line, column) = position(source, span.source.start);
    let at = format!(" at {line}:{column} ");
    let word = &printable(word)[..];
    let brace_help = [b": put spaces around the ", brace].concat();
    [b"the ", brace, b" in ", word, at.as_bytes(), so, &brace_help].concat()
}

/// The first block, from `from` on, whose `}` begins a line but does not stand below the begin of
/// the line of its `{`.
fn misplaced(source: &[u8], from: usize) -> Option<Block> {
    let indent = |at: usize| {
        let begin = source[..at].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        let blank = source[begin..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        (begin, blank)
    };
    blocks(source).into_iter().filter(|b| b.open > from).find(|block| {
        let Some(close) = block.close else { return false };
        let (open_line, open_indent) = indent(block.open);
        let (close_line, close_indent) = indent(close);
        let begins_line = close == close_line + close_indent;
        open_line != close_line && begins_line && close_indent < open_indent
    })
}

/// Quotes that go on over a line's end: seldom meant, and what a forgotten quote leads to.
fn long_quotes(source: &[u8]) -> impl Iterator<Item = Range<usize>> {
    quotes(source).into_iter().filter(|quote| source[quote.clone()].contains(&b'\n'))
}

fn quote_help(source: &[u8], quote: &Range<usize>) -> Vec<u8> {
    let (begin, end) = (position(source, quote.start), position(source, quote.end - 1));
    let text = format!(
        "the quotes opened at {}:{} go on to {}:{}; is one missing in line {}?",
        begin.0, begin.1, end.0, end.1, begin.0
    );
    text.into_bytes()
}

fn unterminated_quote(source: &[u8], at: usize) -> Remark {
    let remark = Remark::new("these quotes are never closed");
    if let Some(quote) = long_quotes(source).next() {
        return remark.help(quote_help(source, &quote));
    }
    let line = source[..at].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    if source[line..at].contains(&b'\'') {
        return remark
            .help("single quotes quote nothing here; in double ones, write \\\" for a \"");
    }
    remark.help("close them with a \"; a \" that is meant as such is written \\\"")
}

#[cfg(test)]
mod tests;

//! The tokens: what stands between words, and the pieces that a word is made of.

use super::SyntaxErrorKind as Kind;
use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_while_m_n};
use nom::combinator::{eof, map, success, value};
use nom::error::{ErrorKind, ParseError};
use nom::sequence::preceded;
use nom::{Err, IResult, Parser};

/// A parser's outcome: an error where there is no such token, a failure where there is a bad one.
pub(super) type Lexed<'s, T> = IResult<&'s [u8], T, Fault<'s>>;

/// What is wrong, and what is left of the source from there on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault<'s> {
    pub(super) rest: &'s [u8],
    /// None if only another token is there.
    pub(super) kind: Option<Kind>,
}

impl<'s> ParseError<&'s [u8]> for Fault<'s> {
    fn from_error_kind(rest: &'s [u8], _: ErrorKind) -> Self {
        Fault { rest, kind: None }
    }

    fn append(_: &'s [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

fn fail<T>(rest: &[u8], kind: Kind) -> Lexed<'_, T> {
    Err(Err::Failure(Fault { rest, kind: Some(kind) }))
}

/// What begins where a word could begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Nothing that matters.
    Space,
    Open,
    Close,
    /// A brace that is joined to whatever word comes next.
    Joined(u8),
    /// A word, of which nothing has been taken yet.
    Word,
}

/// A part of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'s> {
    Bytes(&'s [u8]),
    /// What a numeric escape stands for.
    Number(u8),
    Quote,
}

pub(super) fn is_space(byte: u8) -> bool {
    byte <= b' '
}

fn is_plain(byte: u8) -> bool {
    !is_space(byte) && byte != b'"' && byte != b'\\'
}

fn is_plain_in_quotes(byte: u8) -> bool {
    byte != b'"' && byte != b'\\'
}

/// What is left behind the bytes that something is true of. Not `take_while`: most bytes of a script
/// pass here, and it costs twice as much.
fn after(input: &[u8], is: impl Fn(u8) -> bool) -> &[u8] {
    let end = input.iter().position(|&byte| !is(byte)).unwrap_or(input.len());
    &input[end..]
}

/// The bytes themselves; an error where there is none.
fn run(input: &[u8], is: impl Fn(u8) -> bool) -> Lexed<'_, Piece<'_>> {
    let rest = after(input, is);
    match input.len() - rest.len() {
        0 => Err(Err::Error(Fault { rest, kind: None })),
        n => Ok((rest, Piece::Bytes(&input[..n]))),
    }
}

/// Lexes what stands between two words; to be called with something left.
///
/// The first byte decides, here and below: trying one parser after the other takes three times as
/// long, and this is most of the time that `execlineb` spends.
pub(super) fn token(input: &[u8]) -> Lexed<'_, Token> {
    match input.first() {
        Some(&byte) if is_space(byte) => Ok((after(input, is_space), Token::Space)),
        Some(b'#') => Ok((after(input, |b| b != b'\n'), Token::Space)),
        Some(b'{' | b'}') => brace(input),
        Some(b'\\') => {
            let skipped = value(Token::Space, (take(1usize), alt((tag("\n"), eof))));
            alt((skipped, success(Token::Word))).parse(input)
        }
        _ => Ok((input, Token::Word)),
    }
}

fn brace(input: &[u8]) -> Lexed<'_, Token> {
    let (rest, brace) = alt((tag("{"), tag("}"))).parse(input)?;
    let kind = match (brace, rest.first()) {
        (b"{", None) => return fail(input, Kind::OpenAtEnd),
        (_, Some(b'\\')) => Token::Joined(brace[0]),
        (b"{", Some(&b)) if is_space(b) => Token::Open,
        (b"}", None) => Token::Close,
        (b"}", Some(&b)) if is_space(b) => Token::Close,
        _ => Token::Word,
    };
    Ok(if kind == Token::Word { (input, kind) } else { (rest, kind) })
}

/// Lexes a piece of a word; an error where the word ends.
pub(super) fn piece(input: &[u8]) -> Lexed<'_, Piece<'_>> {
    match input {
        [b'"', rest @ ..] => Ok((rest, Piece::Quote)),
        [b'\\'] => fail(input, Kind::BackslashAtEnd),
        [b'\\', rest @ ..] => literal(rest),
        _ => run(input, is_plain),
    }
}

/// Lexes a piece of a word in quotes; an error where the script ends.
pub(super) fn quoted_piece(input: &[u8]) -> Lexed<'_, Piece<'_>> {
    match input {
        [b'"', rest @ ..] => Ok((rest, Piece::Quote)),
        [b'\\'] => fail(input, Kind::BackslashAtEnd),
        [b'\\', rest @ ..] => escape(rest),
        _ => run(input, is_plain_in_quotes),
    }
}

/// What a backslash in quotes makes of what follows it.
fn escape(input: &[u8]) -> Lexed<'_, Piece<'_>> {
    let byte: &[u8] = match input.first() {
        Some(b'\n') => b"",
        Some(b'a') => b"\x07",
        Some(b'b') => b"\x08",
        Some(b't') => b"\t",
        Some(b'n') => b"\n",
        Some(b'v') => b"\x0b",
        Some(b'f') => b"\x0c",
        Some(b'r') => b"\r",
        Some(b'0'..=b'9') => return number(input),
        _ => return literal(input),
    };
    value(Piece::Bytes(byte), take(1usize)).parse(input)
}

fn literal(input: &[u8]) -> Lexed<'_, Piece<'_>> {
    map(take(1usize), Piece::Bytes).parse(input)
}

/// A number, its base by how it begins: no digit can make it overflow, there are three at most.
fn number(input: &[u8]) -> Lexed<'_, Piece<'_>> {
    let is_octal = |b: u8| (b'0'..=b'7').contains(&b);
    let (rest, (base, digits)) = alt((
        (preceded(tag("0x"), success(16)), take_while_m_n(0, 2, |b: u8| b.is_ascii_hexdigit())),
        (preceded(tag("0"), success(8)), take_while_m_n(0, 3, is_octal)),
        (success(10), take_while_m_n(1, 3, |b: u8| b.is_ascii_digit())),
    ))
    .parse(input)?;
    let number = digits.iter().filter_map(|&b| char::from(b).to_digit(base));
    match (digits, number.fold(0, |n, digit| n * base + digit)) {
        ([], _) => fail(input, Kind::NoDigits),
        (_, 0) => fail(input, Kind::NullEscape),
        (_, n) => match u8::try_from(n) {
            Ok(byte) => Ok((rest, Piece::Number(byte))),
            Err(_) => fail(input, Kind::EscapeTooBig(n)),
        },
    }
}

//! `s6-expr`: arithmetic.

use super::{line, signed};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-expr",
    usage: "s6-expr expression...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// Operators, those that bind weakest first.
const LEVELS: [&[&[u8]]; 5] = [
    &[b"|"],
    &[b"&"],
    &[b"=", b"!=", b"<", b"<=", b">", b">="],
    &[b"+", b"-"],
    &[b"*", b"/", b"%"],
];
/// How deep parentheses may be.
const DEEPEST: usize = 1000;

/// 1: the value is 0; 2: this is no expression; 111: standard output can't be written to.
fn run(_image: &mut Image, argv: Argv) -> Ran {
    if argv.is_empty() {
        return Ok(Next::Exit(2));
    }
    let words: Vec<&[u8]> = argv.iter().map(|word| word.to_bytes()).collect();
    let mut rest = &words[..];
    let value = level(&mut rest, 0, 0, true).filter(|_| rest.is_empty());
    let value = value.ok_or_else(|| Fail::with_code(2, "invalid expression"))?;
    line(value.to_string().as_bytes(), true)?;
    Ok(Next::Exit((value == 0).into()))
}

/// The value of the longest expression that the words begin with, whose operators are of this
/// level or bind stronger. What is not needed is not computed.
fn level(rest: &mut &[&[u8]], at: usize, deep: usize, needed: bool) -> Option<i64> {
    let Some(operators) = LEVELS.get(at) else { return operand(rest, deep, needed) };
    let mut value = level(rest, at + 1, deep, needed)?;
    while let Some(&operator) = rest.first().filter(|word| operators.contains(word)) {
        *rest = &rest[1..];
        let needed = needed && (operator != b"|" || value == 0) && (operator != b"&" || value != 0);
        let other = level(rest, at + 1, deep, needed)?;
        value = apply(operator, value, other).or((!needed).then_some(0))?;
    }
    Some(value)
}

fn operand(rest: &mut &[&[u8]], deep: usize, needed: bool) -> Option<i64> {
    let (&word, tail) = rest.split_first()?;
    *rest = tail;
    if word != b"(" {
        return signed(word);
    }
    let value = level(rest, 0, deep + 1, needed).filter(|_| deep < DEEPEST)?;
    let (close, tail) = rest.split_first()?;
    *rest = tail;
    (*close == b")").then_some(value)
}

fn apply(operator: &[u8], a: i64, b: i64) -> Option<i64> {
    Some(match operator {
        b"|" => [a, b][usize::from(a == 0)],
        b"&" => [0, a][usize::from(a != 0 && b != 0)],
        b"=" => (a == b).into(),
        b"!=" => (a != b).into(),
        b"<" => (a < b).into(),
        b"<=" => (a <= b).into(),
        b">" => (a > b).into(),
        b">=" => (a >= b).into(),
        b"+" => a.wrapping_add(b),
        b"-" => a.wrapping_sub(b),
        b"*" => a.wrapping_mul(b),
        _ if b == 0 => return None,
        b"/" => a.wrapping_div(b),
        _ => a.wrapping_rem(b),
    })
}

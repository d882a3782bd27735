//! `s6-sort`: the lines that it reads, in order.

use crate::{options, output};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use std::cmp::Ordering;

pub const COMMAND: Command =
    Command { name: "s6-sort", usage: "s6-sort [ -bcfru0 ]", run, kind: Kind::Link, examine: None };

/// 1: with `-c`, the lines are in disorder; 111: standard input can't be read, or standard output
/// not be written to.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut end, mut only_check, mut unique) = (b'\n', false, false);
    let (mut trim, mut fold, mut reverse) = (false, false, false);
    options::take(&mut argv, "bcfru0", |letter, _| {
        match letter {
            b'b' => trim = true,
            b'c' => only_check = true,
            b'f' => fold = true,
            b'r' => reverse = true,
            b'u' => unique = true,
            _ => end = 0,
        }
        Ok(())
    })?;
    let text = sys::fd::read_to_end(0).map_err(|e| Fail::sys("read from stdin", e))?;
    let mut lines: Vec<&[u8]> = text.split(|&b| b == end).collect();
    lines.pop_if(|rest| rest.is_empty());
    let key = |line: &'_ [u8]| {
        let blanks = line.iter().take_while(|&&b| trim && matches!(b, b' ' | b'\t')).count();
        line[blanks..].to_vec()
    };
    let order = |a: &&[u8], b: &&[u8]| {
        let (mut a, mut b) = (key(a), key(b));
        if fold {
            a.make_ascii_lowercase();
            b.make_ascii_lowercase();
        }
        if reverse { b.cmp(&a) } else { a.cmp(&b) }
    };
    if only_check {
        let most = if unique { Ordering::Less } else { Ordering::Equal };
        return Ok(Next::Exit((!lines.is_sorted_by(|a, b| order(a, b) <= most)).into()));
    }
    lines.sort_by(order);
    let mut sorted = Vec::with_capacity(text.len() + 1);
    for (i, line) in lines.iter().enumerate() {
        let again = lines.get(i + 1).is_some_and(|next| order(line, next).is_eq());
        if !unique || !again {
            sorted.extend_from_slice(line);
            sorted.push(end);
        }
    }
    output::write_and_end(&sorted)
}

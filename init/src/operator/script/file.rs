//! What a file is, by its name and its first line: a script of execline, and how it is launched,
//! or something else.

use super::fit::{Problem, fit};
use super::shape;
use super::tokens::{Kind, Token};
use interpreter::launch;
use std::ops::Range;

/// A `#!` line, as the kernel takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstLine<'a> {
    /// Where it stands, without its end.
    pub at: Range<usize>,
    /// The interpreter's path.
    pub interpreter: &'a [u8],
    /// All that is behind it, which the interpreter gets as one word.
    pub argument: Option<&'a [u8]>,
}

/// What runs a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runner {
    /// `execlineb`, and what is wrong with its options.
    Execline(Positional, Option<BadLaunch>),
    /// Another interpreter, by its name.
    Other(Vec<u8>),
}

/// Where a script's arguments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positional {
    /// In the environment, or nowhere: `$1` is not substituted.
    Environment,
    /// `execlineb -S n` and `-s n`: `$1`, `$@` and so on are substituted.
    Substituted,
}

/// Why `execlineb` would not run the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLaunch {
    /// Several words are in the line, which come as one.
    OneWord,
    /// An option that it does not have, or without its argument.
    Option,
}

/// What a service manager takes a file for, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `up` and `down` of a oneshot: a script of execline without a first line.
    Oneshot,
    /// `run` and `finish`: a program that is exec'd.
    Service,
    /// Nothing is known.
    Any,
}

/// The role of the file at `path`; `kind` is what the file `type` beside it says.
pub fn role(path: &[u8], kind: Option<&[u8]>) -> Role {
    let kind = kind.map(<[u8]>::trim_ascii);
    match path.rsplit(|&b| b == b'/').next() {
        // In a service directory it is a mark, without words.
        Some(b"up" | b"down") if kind.is_none_or(|k| k == b"oneshot") => Role::Oneshot,
        Some(b"reload") if kind == Some(b"oneshot") => Role::Oneshot,
        Some(b"run" | b"finish") => Role::Service,
        _ => Role::Any,
    }
}

/// The `#!` line.
pub fn first_line(source: &[u8]) -> Option<FirstLine<'_>> {
    let end = source.iter().position(|&b| b == b'\n').unwrap_or(source.len());
    let line = source[..end].strip_prefix(b"#!")?.trim_ascii();
    let cut = line.iter().position(|b| matches!(b, b' ' | b'\t')).unwrap_or(line.len());
    let argument = Some(line[cut..].trim_ascii()).filter(|a| !a.is_empty());
    let length = source[..end].trim_ascii_end().len();
    Some(FirstLine { at: 0..length, interpreter: &line[..cut], argument })
}

/// What runs a script with that first line.
pub fn runner(line: &FirstLine) -> Runner {
    let name = base(line.interpreter);
    let words: Vec<&[u8]> = line.argument.map(split).unwrap_or_default();
    match (name, words.as_slice()) {
        (b"execlineb", _) => {
            let (positional, bad) = options(line.argument.as_slice());
            let bad = bad.map(|bad| if words.len() > 1 { BadLaunch::OneWord } else { bad });
            Runner::Execline(positional, bad)
        }
        (b"env", [b"-S" | b"--split-string", rest @ ..]) => through_env(rest),
        (b"env", [joined, rest @ ..]) if joined.starts_with(b"-S") => {
            through_env(&[&[&joined[2..]], rest].concat())
        }
        (b"env" | b"with-contenv", [program, rest @ ..]) if base(program) == b"execlineb" => {
            let bad = (!rest.is_empty()).then_some(BadLaunch::OneWord);
            Runner::Execline(options(rest).0, bad)
        }
        (b"env" | b"with-contenv", [program, ..]) => Runner::Other(base(program).to_vec()),
        _ => Runner::Other(name.to_vec()),
    }
}

fn through_env(words: &[&[u8]]) -> Runner {
    let program = words.iter().position(|w| !w.starts_with(b"-") && !w.contains(&b'='));
    match program.map(|at| (base(words[at]), &words[at + 1..])) {
        Some((b"execlineb", rest)) => {
            let (positional, bad) = options(rest);
            Runner::Execline(positional, bad)
        }
        Some((name, _)) => Runner::Other(name.to_vec()),
        None => Runner::Other(b"env".to_vec()),
    }
}

/// What the options of `execlineb` ask for.
pub fn options(words: &[&[u8]]) -> (Positional, Option<BadLaunch>) {
    let token =
        |word: &&[u8]| Token { kind: Kind::Word, at: 0..0, text: word.to_vec(), plain: true };
    let tokens: Vec<Token> = words.iter().map(token).collect();
    let shape = shape::parse(launch::COMMAND.usage);
    let laid = fit(&shape, &tokens, 0..tokens.len(), false, &|_| false);
    let bad = match laid.problem {
        Some(Problem::NoOption { .. } | Problem::LacksArgument { .. }) => Some(BadLaunch::Option),
        _ => None,
    };
    let least = laid.options.iter().find(|o| matches!(o.letter, b'S' | b's'));
    let Some(least) = least else { return (Positional::Environment, bad) };
    let number = match least.argument {
        Some(at) if at == least.word => {
            let letter = words[at].iter().position(|b| *b == least.letter).unwrap_or_default();
            &words[at][letter + 1..]
        }
        Some(at) => words[at],
        None => b"",
    };
    let digits = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    (Positional::Substituted, bad.or((!digits).then_some(BadLaunch::Option)))
}

fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
}

fn split(line: &[u8]) -> Vec<&[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use BadLaunch::{OneWord, Option as Bad};
    use Positional::{Environment, Substituted};

    #[test]
    fn first_lines() {
        for (line, what) in [
            ("#!/command/execlineb -P", Runner::Execline(Environment, None)),
            ("#! /bin/execlineb  -S1 \r", Runner::Execline(Substituted, None)),
            ("#!/bin/execlineb -WS0", Runner::Execline(Substituted, None)),
            ("#!/bin/execlineb", Runner::Execline(Environment, None)),
            ("#!/bin/execlineb -S", Runner::Execline(Environment, Some(Bad))),
            ("#!/bin/execlineb -x", Runner::Execline(Environment, Some(Bad))),
            ("#!/bin/execlineb -P -W", Runner::Execline(Environment, Some(OneWord))),
            ("#!/bin/execlineb -S 1", Runner::Execline(Substituted, Some(OneWord))),
            ("#!/usr/bin/env execlineb", Runner::Execline(Environment, None)),
            ("#!/usr/bin/env execlineb -P", Runner::Execline(Environment, Some(OneWord))),
            ("#!/usr/bin/env -S execlineb -W -S 2", Runner::Execline(Substituted, None)),
            ("#!/usr/bin/env -S A=b /bin/execlineb", Runner::Execline(Environment, None)),
            ("#!/usr/bin/env -Sexeclineb -P", Runner::Execline(Environment, None)),
            ("#!/usr/bin/with-contenv execlineb", Runner::Execline(Environment, None)),
            ("#!/usr/bin/with-contenv bash", Runner::Other(b"bash".to_vec())),
            ("#!/usr/bin/env python3", Runner::Other(b"python3".to_vec())),
            ("#!/bin/sh -e", Runner::Other(b"sh".to_vec())),
        ] {
            assert_eq!(runner(&first_line(line.as_bytes()).unwrap()), what, "{line}");
        }
        assert_eq!(first_line(b"# no"), None);
        assert_eq!(first_line(b"#!/bin/sh  \nx").unwrap().at, 0..9);
    }

    #[test]
    fn roles() {
        for (path, kind, what) in [
            (&b"a/up"[..], None, Role::Oneshot),
            (b"down", Some(&b"oneshot\n"[..]), Role::Oneshot),
            (b"a/down", Some(b"longrun\n"), Role::Any),
            (b"a/run", Some(b"longrun"), Role::Service),
            (b"a/run.sh", None, Role::Any),
        ] {
            assert_eq!(role(path, kind), what);
        }
    }
}

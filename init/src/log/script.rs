//! The logging script: from the words of the command line to rules and their sinks.
//!
//! Nothing is opened or made here. A word's first byte tells what it is; settings last until
//! they are changed, but `t` and `T`, which hold for the next action only.

use super::select::Pattern;
use interpreter::arg::{Arg, skip};
use interpreter::args::number::{uint, uint64};

/// A whole script.
#[derive(Debug, Default)]
pub struct Script {
    /// What is done with a line, in order.
    pub rules: Vec<Rule>,
    /// The directories that actions write to.
    pub dirs: Vec<DirSpec>,
    /// The status files that actions update.
    pub statuses: Vec<StatusSpec>,
    /// Selections stand behind the last action, where they do nothing.
    pub dangling: bool,
}

/// Selections, then actions on the lines that are selected after them.
#[derive(Debug, Default)]
pub struct Rule {
    /// What changes whether a line is selected.
    pub selects: Vec<Select>,
    /// What is done with a selected line.
    pub actions: Vec<Action>,
}

/// One selection directive.
#[derive(Debug)]
pub enum Select {
    /// `+regex`: selects what matches.
    Plus(Pattern),
    /// `-regex`: deselects what matches.
    Minus(Pattern),
    /// `f`: selects exactly what no action has had yet.
    Rest,
}

/// One action directive with what is written in front of the line.
#[derive(Debug, PartialEq, Eq)]
pub struct Action {
    /// The TAI64N stamp.
    pub tai: bool,
    /// The local time.
    pub iso: bool,
    /// The prefix, its space included; empty for none.
    pub prefix: Vec<u8>,
    /// Where the line goes.
    pub sink: Sink,
}

/// Where a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    /// Standard output.
    Stdout,
    /// Standard error, as an alert of at most so many bytes of the line (0: all).
    Alert(usize),
    /// The status file of that number.
    Status(usize),
    /// The directory of that number.
    Dir(usize),
}

/// A status file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusSpec {
    /// Its path.
    pub file: Arg,
    /// Its size in bytes; 0: the line's.
    pub size: usize,
}

/// What a directory's archives are made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processor {
    /// `!`: words for `execlineb -Pc`.
    Execline(Arg),
    /// `?`: a line for `/bin/sh -c`.
    Shell(Arg),
}

/// A directory and how it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirSpec {
    /// Its path.
    pub path: Arg,
    /// How many archives are kept.
    pub keep: u32,
    /// Bytes that `current` may have.
    pub size: u32,
    /// By how many bytes `current` may fall short of that when it is rotated.
    pub tolerance: u32,
    /// Bytes that the archives may take together; 0: any number.
    pub total: u64,
    /// Milliseconds between attempts.
    pub cooldown: u32,
    /// Seconds between rotations; 0: only by size.
    pub period: u32,
    /// What the archives are made by.
    pub processor: Option<Processor>,
}

/// Why a script is none. Exit code 100.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (word {position} of the logging script{}): {}", newline(word), problem.remedy())]
pub struct BadScript {
    word: Vec<u8>,
    /// Which word, counted from 1.
    pub position: usize,
    problem: Problem,
}

fn newline(word: &[u8]) -> &'static str {
    if word.contains(&b'\n') { ", which has a newline in it" } else { "" }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("unrecognized directive: {0}")]
    Unknown(String),
    #[error("syntax error at directive: {0}")]
    Alone(String),
    #[error("syntax error at directive: =")]
    NoFile,
    #[error("unrecognized directive: {0}")]
    Number(String, u64),
    #[error("unrecognized directive: {0}")]
    Regex(String, String),
    #[error("directive l{0} conflicts with previous s directive")]
    Tolerance(u32, u32),
    #[error("no action directive specified")]
    NoAction,
}

impl Problem {
    fn remedy(&self) -> String {
        match self {
            Problem::Unknown(_) => {
                "a directive begins with one of + - f n s S l r R E ^ p ! ? t T; \
                 an action is 1, 2, =FILE, or a directory that begins with / or ."
                    .into()
            }
            Problem::Alone(_) => "this letter stands alone; give each directive a word".into(),
            Problem::NoFile => "write the status file's path behind the =".into(),
            Problem::Number(word, max) => {
                format!("write a number from 0 to {max} behind the {}", &word[..1])
            }
            Problem::Regex(_, why) => format!("not an extended regular expression: {why}"),
            Problem::Tolerance(_, size) => {
                format!("write at most l{}, half of s{size}, or a greater s before it", size / 2)
            }
            Problem::NoAction => {
                "end it with 1, 2, =FILE, or a directory that begins with / or .".into()
            }
        }
    }
}

const SIZE_MIN: u32 = 4096;
const SIZE_MAX: u32 = 268_435_455;

/// Settings in force while words are read.
struct Parser {
    script: Script,
    rule: Rule,
    tai: bool,
    iso: bool,
    prefix: Vec<u8>,
    alert: u32,
    status: u32,
    dir: DirSpec,
}

/// Reads a script.
pub fn parse(words: &[Arg]) -> Result<Script, BadScript> {
    let mut parser = Parser {
        script: Script::default(),
        rule: Rule::default(),
        tai: false,
        iso: false,
        prefix: Vec::new(),
        alert: 200,
        status: 1001,
        dir: DirSpec {
            path: c"",
            keep: 10,
            size: 99_999,
            tolerance: 2000,
            total: 0,
            cooldown: 2000,
            period: 0,
            processor: None,
        },
    };
    for (i, &word) in words.iter().enumerate() {
        let bad = |problem| BadScript { word: word.to_bytes().into(), position: i + 1, problem };
        parser.word(word).map_err(bad)?;
    }
    parser.end(words.len())
}

impl Parser {
    fn word(&mut self, word: Arg) -> Result<(), Problem> {
        let rest = skip(word, 1);
        match word.to_bytes().first() {
            Some(b'f' | b't' | b'T' | b'1' | b'2') if !rest.is_empty() => {
                return Err(Problem::Alone(lossy(word)));
            }
            Some(b'=') if rest.is_empty() => return Err(Problem::NoFile),
            Some(b'f') => self.select(Select::Rest),
            Some(b'+') => self.select(Select::Plus(pattern(word, rest)?)),
            Some(b'-') => self.select(Select::Minus(pattern(word, rest)?)),
            Some(b't') => self.tai = true,
            Some(b'T') => self.iso = true,
            Some(b'p') if rest.is_empty() => self.prefix.clear(),
            Some(b'p') => self.prefix = [rest.to_bytes(), b" "].concat(),
            Some(b'!') => self.dir.processor = some(rest).map(Processor::Execline),
            Some(b'?') => self.dir.processor = some(rest).map(Processor::Shell),
            Some(b'1') => self.act(Sink::Stdout),
            Some(b'2') => self.act(Sink::Alert(self.alert as usize)),
            Some(b'=') => self.status(rest),
            Some(b'/' | b'.') => self.directory(word),
            _ => return self.number(word, rest),
        }
        Ok(())
    }

    fn number(&mut self, word: Arg, rest: Arg) -> Result<(), Problem> {
        let small = || {
            let max = u64::from(u32::MAX);
            uint(rest.to_bytes()).ok_or_else(|| Problem::Number(lossy(word), max))
        };
        match word.to_bytes().first() {
            Some(b'n') => self.dir.keep = small()?,
            Some(b's') => self.dir.size = small()?.clamp(SIZE_MIN, SIZE_MAX),
            Some(b'l') => self.dir.tolerance = self.tolerance(small()?)?,
            Some(b'r') => self.dir.cooldown = small()?,
            Some(b'R') => self.dir.period = small()?,
            Some(b'E') => self.alert = small()?,
            Some(b'^') => self.status = small()?,
            Some(b'S') => {
                let total = uint64(rest.to_bytes());
                self.dir.total = total.ok_or_else(|| Problem::Number(lossy(word), u64::MAX))?;
            }
            _ => return Err(Problem::Unknown(lossy(word))),
        }
        Ok(())
    }

    fn tolerance(&self, bytes: u32) -> Result<u32, Problem> {
        if bytes > self.dir.size / 2 {
            return Err(Problem::Tolerance(bytes, self.dir.size));
        }
        Ok(bytes)
    }

    fn select(&mut self, select: Select) {
        if !self.rule.actions.is_empty() {
            self.script.rules.push(std::mem::take(&mut self.rule));
        }
        self.rule.selects.push(select);
    }

    fn act(&mut self, sink: Sink) {
        self.rule.actions.push(Action {
            tai: std::mem::take(&mut self.tai),
            iso: std::mem::take(&mut self.iso),
            prefix: self.prefix.clone(),
            sink,
        });
    }

    fn status(&mut self, file: Arg) {
        self.script.statuses.push(StatusSpec { file, size: self.status as usize });
        self.act(Sink::Status(self.script.statuses.len() - 1));
    }

    /// A directory that is named twice is one directory, kept as it was first said.
    fn directory(&mut self, path: Arg) {
        let known = self.script.dirs.iter().position(|dir| dir.path == path);
        let number = known.unwrap_or_else(|| {
            self.script.dirs.push(DirSpec { path, ..self.dir.clone() });
            self.script.dirs.len() - 1
        });
        self.act(Sink::Dir(number));
    }

    fn end(mut self, count: usize) -> Result<Script, BadScript> {
        if !self.rule.actions.is_empty() {
            self.script.rules.push(self.rule);
        } else if self.script.rules.is_empty() {
            return Err(BadScript {
                word: Vec::new(),
                position: count,
                problem: Problem::NoAction,
            });
        } else {
            self.script.dangling = true;
        }
        Ok(self.script)
    }
}

fn some(word: Arg) -> Option<Arg> {
    (!word.is_empty()).then_some(word)
}

fn lossy(word: Arg) -> String {
    word.to_string_lossy().trim_end_matches('\n').to_owned()
}

fn pattern(word: Arg, rest: Arg) -> Result<Pattern, Problem> {
    Pattern::new(rest)
        .map_err(|bad| Problem::Regex(lossy(word), String::from_utf8_lossy(&bad.0).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use interpreter::arg::leak;

    fn script(line: &str) -> Result<Script, String> {
        let words: Vec<Arg> = line.split(' ').map(|w| leak(w.into())).collect();
        parse(&words).map_err(|e| e.to_string())
    }

    #[test]
    fn settings_last_and_stamps_do_not() {
        let script = script("n3 s5000 t T pX 1 r7 ./a S9 R8 l2500 !gzip ./b").unwrap();
        let actions = &script.rules[0].actions;
        assert!(actions[0].tai && actions[0].iso && !actions[1].tai && !actions[1].iso);
        assert!(actions.iter().all(|a| a.prefix == b"X "));
        let [a, b] = &script.dirs[..] else { panic!() };
        assert_eq!((a.keep, a.size, a.tolerance, a.total, a.cooldown), (3, 5000, 2000, 0, 7));
        assert_eq!((b.keep, b.tolerance, b.total, b.period), (3, 2500, 9, 8));
        assert_eq!((a.processor, b.processor), (None, Some(Processor::Execline(c"gzip"))));
    }

    #[test]
    fn a_selection_behind_an_action_begins_a_rule() {
        let script = script("-a +b 1 2 f 1 t ./d").unwrap();
        let counts: Vec<_> =
            script.rules.iter().map(|r| (r.selects.len(), r.actions.len())).collect();
        assert_eq!(counts, [(2, 2), (1, 2)]);
        assert!(!script.dangling);
    }

    #[test]
    fn processors_stay_what_they_are() {
        let script = script("?a ./a ./b ! ./c").unwrap();
        let processors: Vec<_> = script.dirs.iter().map(|d| d.processor).collect();
        let shell = Some(Processor::Shell(c"a"));
        assert_eq!(processors, [shell, shell, None]);
    }

    #[test]
    fn sizes_are_clamped_and_directories_joined() {
        let script = script("s1 ./a s999999999 ./b ./a").unwrap();
        assert_eq!(script.dirs.iter().map(|d| d.size).collect::<Vec<_>>(), [SIZE_MIN, SIZE_MAX]);
        assert_eq!(script.rules[0].actions[2].sink, Sink::Dir(0));
    }

    #[test]
    fn what_dangles_is_told() {
        assert!(script("1 -foo").unwrap().dangling);
        assert!(!script("1 n3").unwrap().dangling);
    }

    #[test]
    fn mistakes_name_word_place_and_remedy() {
        for (line, first) in [
            ("x", "unrecognized directive: x (word 1 of the logging script): "),
            (
                "1 nfoo",
                "unrecognized directive: nfoo (word 2 of the logging script): write a number",
            ),
            ("f1", "syntax error at directive: f1 (word 1"),
            ("=", "syntax error at directive: = (word 1"),
            ("n3", "no action directive specified (word 1"),
            ("l90000 1", "directive l90000 conflicts with previous s directive (word 1"),
            ("+( 1", "unrecognized directive: +( (word 1 of the logging script): not an extended"),
            (
                "t\n 1",
                "syntax error at directive: t (word 1 of the logging script, which has a newline",
            ),
            (" 1", "unrecognized directive:  (word 1"),
        ] {
            let message = script(line).unwrap_err();
            assert!(message.starts_with(first), "{line}: {message}");
        }
    }
}

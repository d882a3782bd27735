//! Programs that are none of ours: all that follows is theirs, and sometimes should not be.

use super::finding::{BLOCK_FOR_PROGRAM, FORGOTTEN_FOREGROUND, SHELL_HABIT};
use super::variables::Dollar;
use super::walk::{Step, Text, Walk};
use super::words;
use super::world::Look;
use crate::operator::script::fit::fit;
use crate::operator::script::shape::{Takes, parse};
use crate::operator::script::tokens::{Token, items};
use crate::operator::script::{self, special};
use interpreter::diagnose::{Habit, Remark, habit};
use interpreter::word::Command;
use std::ops::Range;

impl Walk<'_> {
    /// The program at `at`, with the words of `rest`.
    pub fn program(&mut self, text: &Text, at: usize, rest: Range<usize>) -> Step {
        let name = &text.tokens[at].text;
        let loader = words::is_loader(name);
        if name == b"find" && text.tokens[rest.clone()].iter().any(|t| t.text.starts_with(b"-exec"))
        {
            // What it runs may be a chain, with a ; at its end.
            self.arguments(text, at, rest);
            return Step::End;
        }
        let next = match loader {
            true => self.loaded(text, rest.clone()),
            false => self.following(text, at, rest.clone()),
        };
        let own = rest.start..next.unwrap_or(rest.end);
        // Who takes a block knows what follows one.
        let block = items(text.tokens, own.clone()).any(|i| !text.tokens[i].is_word());
        let meant = loader
            || self.may_load(text, at, rest.start)
            || (block && !words::is_plain(name) && self.world.look(name) != Look::Found);
        self.arguments(text, at, own.clone());
        let Some(next) = next else {
            let open = items(text.tokens, own).find(|&i| !text.tokens[i].is_word());
            if let (Some(open), false) = (open, loader) {
                self.block_for_program_found(text, at, open);
            }
            return Step::End;
        };
        if !meant {
            self.forgotten(text, at, next);
        }
        Step::On(next)
    }

    /// Shell's words and variables among a program's arguments.
    pub fn arguments(&mut self, text: &Text, at: usize, own: Range<usize>) {
        let tokens = text.tokens;
        let words: Vec<usize> =
            items(tokens, own.clone()).filter(|&i| tokens[i].is_word()).collect();
        let program = &tokens[at].text;
        let own_language = words::is_interpreter(program);
        let language = words.iter().position(|&i| words::is_interpreter(&tokens[i].text));
        let theirs = own_language || language.is_some();
        let echoes = words::is_talker(program);
        let dollar = match (theirs, echoes) {
            (true, _) => Dollar::Theirs,
            (_, true) => Dollar::Ours,
            _ => Dollar::Shared,
        };
        for token in &tokens[own] {
            self.refer(text, token, dollar);
        }
        let mut numbered = words.iter().enumerate();
        let wrong = numbered.find_map(|(number, &index)| {
            // What stands in front of `grep` is not grep's: `cat x | grep y` is a shell's.
            let theirs = own_language || language.is_some_and(|first| first < number);
            Some((index, habit_in_arguments(text, program, &words, number, theirs)?))
        });
        if let Some((index, found)) = wrong {
            let cause = format!("{}, and the program gets it as an argument", found.what);
            let remark = Remark::new(cause).help(found.instead);
            self.find(&SHELL_HABIT, text.place(&tokens[index]), remark);
        }
    }

    fn forgotten(&mut self, text: &Text, at: usize, next: usize) {
        let [program, command] =
            [at, next].map(|i| String::from_utf8_lossy(&text.tokens[i].text).into_owned());
        let cause = format!(
            "{program} gets all that follows as arguments, {command} and what is behind it too"
        );
        let remark = Remark::new(cause).help(format!(
            "to run it and go on: foreground {{ {program} … }}, or if {{ {program} … }} to go on only \
             if it succeeds"
        ));
        self.find(&FORGOTTEN_FOREGROUND, text.place(&text.tokens[at]), remark);
    }

    fn block_for_program_found(&mut self, text: &Text, at: usize, open: usize) {
        let name = String::from_utf8_lossy(&text.tokens[at].text).into_owned();
        if name.contains(['/', '$']) && !words::is_plain(name.as_bytes()) {
            // A script may take blocks.
            return;
        }
        let remark = Remark::new(format!("{name} gets this block as arguments that begin with blanks"))
            .help("a { that is meant as a word is written \\{; a program runs before a block with: foreground { … }");
        self.find(&BLOCK_FOR_PROGRAM, text.place(&text.tokens[open]), remark);
    }

    /// Whether the program may well run what is below it: nobody knows it, and it is alone in its
    /// line.
    pub fn may_load(&self, text: &Text, at: usize, rest: usize) -> bool {
        let name = &text.tokens[at].text;
        let alone = text.tokens.get(rest).is_some_and(|next| self.begins_line(text, next));
        alone && !words::is_plain(name) && self.world.look(name) != Look::Found
    }

    /// Where, among a loader's words, the command line of a command of ours begins.
    fn loaded(&self, text: &Text, rest: Range<usize>) -> Option<usize> {
        items(text.tokens, rest.clone()).find(|&i| self.begins(text, i, rest.end))
    }

    /// Where, among a program's arguments, commands seem to follow that it should not get.
    pub fn following(&self, text: &Text, at: usize, rest: Range<usize>) -> Option<usize> {
        let tokens = text.tokens;
        let plain =
            words::is_plain(&tokens[at].text) || script::command(&tokens[at].text).is_some();
        items(tokens, rest.clone()).find(|&i| {
            let token = &tokens[i];
            let takes_block = tokens.get(i + 1).is_some_and(|t| i + 1 < rest.end && !t.is_word());
            let begins = self.begins_line(text, token);
            let told = begins || takes_block || self.slips_in(text, at, i);
            if told && self.begins(text, i, rest.end) {
                return true;
            }
            plain && begins && words::is_plain(&token.text) && self.same_indent(text, at, i)
        })
    }

    /// Whether the word at `i`, in the middle of a line, is hardly an argument of the program at `at`.
    fn slips_in(&self, text: &Text, at: usize, i: usize) -> bool {
        let name = &text.tokens[at].text;
        let before = &text.tokens[i - 1];
        // As in: cp s6-setuidgid s6-softlimit /usr/bin
        let listed = i - 1 == at || script::command(&before.text).is_some();
        let runs =
            |command: &Command| parse(command.usage).parts.iter().any(|p| p.takes == Takes::Chain);
        words::is_plain(name)
            && !listed
            && !words::is_talker(name)
            && words::is_coined(&text.tokens[i].text)
            && script::command(&text.tokens[i].text).is_some_and(runs)
    }

    /// Whether a command of ours could begin here, and everything it wants be there.
    fn begins(&self, text: &Text, index: usize, end: usize) -> bool {
        let token = &text.tokens[index];
        let known = script::command(&token.text).filter(|_| token.is_word() && token.plain);
        known.is_some_and(|command| self.fits(text, command, index + 1..end))
    }

    /// Whether these words are what the command wants.
    pub fn fits(&self, text: &Text, command: &Command, range: Range<usize>) -> bool {
        let shape = special::shape(command.name, parse(command.usage), text.tokens, range.clone());
        let laid = fit(&shape, text.tokens, range, special::has_long(command.name), &|_| false);
        laid.problem.is_none() && !shape.parts.is_empty()
    }

    fn begins_line(&self, text: &Text, token: &Token) -> bool {
        self.indent(text, token).is_some()
    }

    /// What stands in front of a token in its line, if that is nothing but blanks.
    fn indent<'t>(&'t self, text: &Text, token: &Token) -> Option<&'t [u8]> {
        let start = text.place(token).start;
        if matches!(text.inside, Some((_, None))) {
            return None;
        }
        let before = self.source.get(..start)?;
        // Looked at from behind: a line may be long, and be asked about for each of its words.
        let line = before.iter().rposition(|b| *b == b'\n' || !b.is_ascii_whitespace());
        match line.map(|at| (at, before[at])) {
            None => Some(before),
            Some((at, b'\n')) => Some(&before[at + 1..]),
            Some(_) => None,
        }
    }

    fn same_indent(&self, text: &Text, a: usize, b: usize) -> bool {
        let [a, b] = [a, b].map(|i| self.indent(text, &text.tokens[i]));
        a.is_some() && a == b
    }
}

/// What a shell would make of an argument that is not quoted. `theirs`: the program, or one among
/// the words in front, has a language of its own.
fn habit_in_arguments(
    text: &Text,
    program: &[u8],
    words: &[usize],
    number: usize,
    theirs: bool,
) -> Option<Habit> {
    let token = &text.tokens[words[number]];
    let word = &token.text[..];
    let single = matches!(word, [b'\'', _, ..]);
    let before = || words.iter().take(number).map(|&i| &text.tokens[i].text[..]);
    let names = || before().filter(|_| theirs).chain([program]);
    if !token.plain || (theirs && !single && (names().any(words::is_joiner) || !is_operator(word)))
    {
        return None;
    }
    let compares = names().any(words::is_comparer);
    let operator = match word {
        b"&&" | b"||" => true,
        b"|" | b"|&" | b";" | b">" | b"<" => !compares,
        b"&" => number + 1 == words.len(),
        b">>" | b"2>" | b"2>>" | b"2>&1" | b">&2" | b"1>&2" | b"&>" => true,
        [b'<', .., b'>'] => false,
        [b'>', b'/' | b'>' | b'.' | b'$', ..] | [b'2', b'>', ..] | [b'&', b'>', ..] => true,
        [b'<', b'<' | b'/', ..] => true,
        [b'`', _, ..] => true,
        _ => single,
    };
    if operator {
        return habit(word);
    }
    word.strip_suffix(b";").filter(|w| !w.is_empty())?;
    let ends = match words.get(number + 1).map(|&next| &text.tokens[next].text) {
        Some(next) => words::is_plain(next) || script::command(next).is_some(),
        None => words::is_plain(program) && !words::is_talker(program),
    };
    ends.then(|| habit(b";")).flatten()
}

/// Whether a word is a shell's also for programs with a language of their own: they get their
/// texts in one word.
fn is_operator(word: &[u8]) -> bool {
    const OPERATORS: [&[u8]; 10] =
        [b"&&", b"||", b">", b">>", b"<", b"2>", b"2>>", b"2>&1", b">&2", b"&>"];
    OPERATORS.contains(&word) || word.starts_with(b">/") || word.starts_with(b"2>/")
}

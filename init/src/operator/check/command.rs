//! Commands of ours: whether their words fit, and what they hold.

use super::exact::{asked, is_fixed, word};
use super::finding::{
    BAD_ARGUMENT, BLOCK_MISSING, BLOCK_UNEXPECTED, EMPTY_BLOCK, FORGOTTEN_FOREGROUND, Rule,
    TOO_FEW_ARGUMENTS, WRONG_OPTION,
};
use super::variables::Dollar;
use super::walk::{Step, Text, Walk};
use super::words;
use crate::operator::script;
use crate::operator::script::fit::{Filled, Fit, Problem, fit};
use crate::operator::script::shape::{Holds, Part, Shape, Takes, parse};
use crate::operator::script::special;
use crate::operator::script::tokens::{Kind, Token, items, past};
use interpreter::args::subst::references;
use interpreter::diagnose::{Remark, habit, printable};
use interpreter::word::Command;
use std::ops::Range;

impl Walk<'_> {
    /// The command at `at`, with the words of `rest`.
    pub fn command(
        &mut self,
        text: &Text,
        at: usize,
        rest: Range<usize>,
        command: &'static Command,
    ) -> Step {
        let shape = special::shape(command.name, parse(command.usage), text.tokens, rest.clone());
        let laid = self.lay(text, command.name, &shape, rest.clone());
        if let Some(problem) = laid.problem {
            if laid.uncertain {
                self.skim(text, rest);
                return Step::End;
            }
            // A wrong word explains what is missing behind it.
            let before = self.findings.len();
            for filled in laid.parts.iter().filter(|p| p.part.takes == Takes::Word) {
                self.part(text, command.name, filled);
            }
            if self.findings.len() > before {
                self.skim(text, rest);
                return Step::End;
            }
            return self.problem(text, at, rest, command, problem);
        }
        let ends = laid.chain().is_none();
        let next = if ends { self.following(text, at, rest.clone()) } else { None };
        self.own_words(text, at, command.name, &laid, rest.start..next.unwrap_or(rest.end));
        self.path_changed |= changes_path(text, command.name, &laid);
        let before = self.findings.len();
        for filled in &laid.parts {
            self.part(text, command.name, filled);
        }
        if !laid.uncertain {
            let silent = self.findings.len() == before;
            self.exact(text, at, (command, &shape), &laid, (next.is_none(), silent));
        }
        self.nested_script(text, command.name, &laid);
        self.set_variables(text, command.name, &laid);
        match laid.chain() {
            Some(chain) => Step::On(chain.start),
            None => self.end(text, at, next),
        }
    }

    /// Fits words into a shape, with what is known of the variables in them.
    pub fn lay(&self, text: &Text, name: &str, shape: &Shape, range: Range<usize>) -> Fit {
        let elastic = |t: &Token| references(&t.text).any(|r| self.scope.is_many(r.name));
        fit(shape, text.tokens, range, special::has_long(name), &elastic)
    }

    /// A command that no chain follows, with words that look as if one should.
    fn end(&mut self, text: &Text, at: usize, next: Option<usize>) -> Step {
        let Some(next) = next else { return Step::End };
        let name = |i: usize| String::from_utf8_lossy(&text.tokens[i].text).into_owned();
        let cause = format!(
            "{} takes all that follows as its own words, {} too: it runs no program",
            name(at),
            name(next)
        );
        let remark = Remark::new(cause)
            .help(format!("to run it and go on: foreground {{ {} … }}", name(at)));
        self.find(&FORGOTTEN_FOREGROUND, text.place(&text.tokens[at]), remark);
        Step::On(next)
    }

    /// The variables, and the shell's words, among a command's own words.
    fn own_words(
        &mut self,
        text: &Text,
        at: usize,
        command: &str,
        laid: &Fit,
        range: Range<usize>,
    ) {
        let end = laid.chain().map_or(laid.end.min(range.end), |chain| chain.start);
        if laid.parts.iter().any(|p| p.part.takes == Takes::Words) && laid.chain().is_none() {
            // As with a program: what a line too much says is among its words.
            return self.arguments(text, at, range);
        }
        if laid.chain().is_none() {
            // What is too much is nobody's.
            self.skim(text, end..range.end);
        }
        for index in items(text.tokens, range.start..end) {
            let operand = laid.parts.iter().find(|p| p.range == (index..index + 1));
            let defaults = laid.option(b'D').and_then(|o| o.argument) == Some(index);
            let dollar = match (command, operand.map(|p| p.part.name)) {
                ("define" | "multidefine", Some("value")) => Dollar::Flows,
                _ if defaults => Dollar::Flows,
                // Programs read them, and may have a language of their own.
                ("export", Some("value")) | ("heredoc", _) => Dollar::Shared,
                _ => Dollar::Ours,
            };
            self.refer(text, &text.tokens[index], dollar);
        }
    }

    fn part(&mut self, text: &Text, command: &str, filled: &Filled) {
        let Filled { part, range } = filled;
        match part.takes {
            Takes::Block(Holds::Chain) => {
                if range.is_empty() && !takes_empty(command, part.name) {
                    let place = text.tokens[range.start].at.start;
                    let open = text.tokens[..range.start].last().map_or(place, |t| t.at.start);
                    let remark = Remark::new(format!("{command} wants a program in this block"))
                        .help("write one between { and }; what does nothing is: s6-true");
                    self.find(&EMPTY_BLOCK, text.span(open..place + 1), remark);
                }
                self.chain(text, range.clone());
            }
            Takes::Block(Holds::Cases) => self.cases(text, command, range.clone()),
            Takes::Block(Holds::Directives) => {}
            Takes::Block(Holds::Words) => {
                for token in &text.tokens[range.clone()] {
                    self.refer(text, token, Dollar::Ours);
                }
            }
            Takes::Word => {
                let token = &text.tokens[range.start];
                if let Some(remark) = bad_word(command, part.name, token) {
                    self.find(&BAD_ARGUMENT, text.place(token), remark);
                } else if is_fixed(token)
                    && let Err(fail) = asked(part.name, word(text, range.start))
                {
                    self.refused(text, range.start, &fail);
                }
            }
            Takes::Words | Takes::Chain => {}
        }
    }

    /// Words that have a block each: those of `case` and `trap`.
    fn cases(&mut self, text: &Text, command: &str, range: Range<usize>) {
        let all: Vec<usize> = items(text.tokens, range.clone()).collect();
        let mut rest = all.as_slice();
        while let [at, tail @ ..] = rest {
            let token = &text.tokens[*at];
            if !token.is_word() {
                let remark = Remark::new(format!("{command} wants a word in front of each block"))
                    .help("write it between the block before and this one");
                self.find(&BLOCK_UNEXPECTED, text.place(token), remark);
                return self.skim(text, *at..range.end);
            }
            self.refer(text, token, Dollar::Theirs);
            let block = tail.first().filter(|i| !text.tokens[**i].is_word());
            let Some(&open) = block else {
                let remark =
                    Remark::new(format!("{command} wants a block behind each word in its block"))
                        .help("write { and } around the command line that belongs to this");
                self.find(&BLOCK_MISSING, text.place(token), remark);
                return self.skim(text, *at + 1..range.end);
            };
            let close = past(text.tokens, open) - 1;
            self.chain(text, open + 1..close);
            rest = &tail[1..];
        }
    }

    fn problem(
        &mut self,
        text: &Text,
        at: usize,
        rest: Range<usize>,
        command: &Command,
        problem: Problem,
    ) -> Step {
        let (rule, place, remark) = explain(text, at, command, problem);
        let remark = remark.help(format!("usage: {}", usage(command)));
        self.find(rule, place, remark);
        self.scope.set_blind();
        self.skim(text, rest.clone());
        for index in items(text.tokens, rest) {
            if let Kind::Open(close) = text.tokens[index].kind
                && parse(command.usage).parts.iter().any(|p| p.takes == Takes::Block(Holds::Chain))
            {
                self.chain(text, index + 1..close);
            }
        }
        Step::End
    }
}

fn usage(command: &Command) -> String {
    command.usage.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn explain(
    text: &Text,
    at: usize,
    command: &Command,
    problem: Problem,
) -> (&'static Rule, Range<usize>, Remark) {
    let name = command.name;
    let place = |index: usize| text.place(&text.tokens[index]);
    match problem {
        Problem::NoOption { word, letter: b'-' } => {
            let cause = format!("{name} has no options with long names");
            (&WRONG_OPTION, place(word), Remark::new(cause))
        }
        Problem::NoOption { word, letter } => {
            let cause = format!("{name} has no option -{}", letter.escape_ascii());
            (&WRONG_OPTION, place(word), Remark::new(cause))
        }
        Problem::LacksArgument { word, letter } => {
            let cause =
                format!("the option -{} of {name} lacks its argument", letter.escape_ascii());
            (&WRONG_OPTION, place(word), Remark::new(cause))
        }
        Problem::OptionNeeded => {
            let cause = format!("{name} wants an option that says what is to be done");
            (&WRONG_OPTION, place(at), Remark::new(cause))
        }
        Problem::NoBlock { part, word: None } => {
            let cause =
                format!("{name} wants a block, {{ {} }}, and nothing is here", content(part));
            (&BLOCK_MISSING, place(at), Remark::new(cause))
        }
        Problem::NoBlock { part, word: Some(word) } => {
            let cause = format!("{name} wants a block, {{ {} }}, in this place", content(part));
            let found = &text.tokens[word].text;
            let chain = part.takes == Takes::Block(Holds::Chain);
            let program = chain && (words::is_plain(found) || script::command(found).is_some());
            let help = match program && found != b"[" {
                true => Some(format!("write {{ {} … }}", String::from_utf8_lossy(found))),
                false => habit(found).map(|h| h.instead.to_owned()),
            };
            let remark = help.into_iter().fold(Remark::new(cause), Remark::help);
            (&BLOCK_MISSING, place(word), remark)
        }
        Problem::BlockForWord { part, open } => {
            let what = part.map_or("words alone".to_owned(), |p| format!("a word ({})", p.name));
            let cause = format!("{name} takes {what} here, and no block");
            (&BLOCK_UNEXPECTED, place(open), Remark::new(cause))
        }
        Problem::TooFew { part } if part.takes == Takes::Chain => {
            let cause = format!("no program follows {name}, which runs one");
            (&TOO_FEW_ARGUMENTS, place(at), Remark::new(cause))
        }
        Problem::TooFew { part } => {
            let cause = format!("{name} lacks a word: {}", part.name);
            (&TOO_FEW_ARGUMENTS, place(at), Remark::new(cause))
        }
    }
}

fn content(part: Part) -> String {
    match part.takes {
        Takes::Block(Holds::Cases) => format!("{} {{ command... }} ...", part.name),
        Takes::Block(Holds::Directives) => "directives...".to_owned(),
        _ => format!("{}...", part.name),
    }
}

/// Blocks that may be empty: the command takes that for a program that does nothing.
fn takes_empty(command: &str, block: &str) -> bool {
    match command {
        "foreground" | "trap" | "case" => true,
        "ifelse" | "ifthenelse" | "ifte" => !block.ends_with("-if"),
        _ => false,
    }
}

/// What is wrong with a word that stands alone, if something is for sure.
fn bad_word(command: &str, part: &str, token: &Token) -> Option<Remark> {
    let word = &token.text[..];
    let shown = String::from_utf8_lossy(&printable(word)).into_owned();
    match part {
        "variable" | "var" | "envvar" if word.is_empty() || word.contains(&b'=') => {
            let remark = Remark::new(format!("no variable can have the name \"{shown}\""));
            Some(match word.iter().position(|&b| b == b'=') {
                Some(at) if command == "export" => {
                    let (name, value) = (&word[..at], &word[at + 1..]);
                    let [name, value] = [name, value].map(String::from_utf8_lossy);
                    remark.help(format!("name and value are two words: export {name} \"{value}\""))
                }
                _ => remark,
            })
        }
        _ => None,
    }
}

/// Whether programs may be looked up elsewhere behind the command.
fn changes_path(text: &Text, command: &str, laid: &Fit) -> bool {
    let first = laid.parts.first().and_then(|p| text.tokens.get(p.range.start));
    let is_path = first.is_some_and(|t| t.text == b"PATH");
    matches!(command, "envfile" | "s6-envdir") || (command == "export" && is_path)
}

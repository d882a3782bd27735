//! Words that only their command can read: numbers, masks, signals, expressions, patterns. Its own
//! parser is asked, which the command's declaration names.

use super::finding::{BAD_ARGUMENT, WRONG_OPTION};
use super::walk::{Text, Walk};
use super::words;
use crate::operator::script::fit::Fit;
use crate::operator::script::shape::{Shape, Takes};
use crate::operator::script::tokens::{Kind, Token};
use interpreter::arg::{Arg, leak};
use interpreter::args::subst::references;
use interpreter::diagnose::Remark;
use interpreter::word::{Cause, Command, Fail};
use std::ops::Range;
use stdlib_commands::options;

/// What usage lines call words that are numbers; and all that ends in `timeout` or begins so.
const NUMBERS: &str = " arg# argshift backlog block# buflen fd fd1 fd2 fdr fdw from \
    initialsleep linelen linelimit localmaxconn max maxconn maxfds maxlines millisecs n name_max \
    nmin notif num numretries rescan services_max to tries verbosity waitingtime ";

/// What a command says of a word that its usage line calls `name`.
pub fn asked(name: &str, word: Arg) -> Result<(), Fail> {
    let timeout = name.starts_with("timeout") && !name.contains(':') || name.ends_with("timeout");
    match timeout || NUMBERS.split(' ').any(|n| n == name) {
        true => options::number(word).map(drop),
        false => Ok(()),
    }
}

impl Walk<'_> {
    /// Finds what the command would not understand. `rest`: what stands behind its name; `whole`:
    /// nothing that is not its own does; `silent`: nothing has been found out about it so far.
    pub fn exact(
        &mut self,
        text: &Text,
        at: usize,
        (command, shape): (&Command, &Shape),
        laid: &Fit,
        (whole, silent): (bool, bool),
    ) {
        for given in &laid.options {
            let named = shape.option(given.letter).and_then(|option| option.argument);
            let (Some(name), Some(at)) = (named, given.argument) else { continue };
            let token = &text.tokens[at].text;
            let value = match at == given.word {
                true => token.splitn(2, |&b| b == given.letter).last().unwrap_or_default(),
                false => token,
            };
            if references(value).next().is_none()
                && let Err(fail) = asked(name, leak(value.to_vec()))
            {
                self.refused(text, at, &fail);
            }
        }
        let Some(examine) = command.examine.filter(|_| whole) else { return };
        // A chain's first word stands for all of it.
        let end = laid.chain().map_or(laid.end, |chain| chain.start + 1);
        let (words, places) = in_argv(text.tokens, at + 1..end);
        let fixed = |index: usize| is_fixed(&text.tokens[places[index]]);
        // Only where words are compared does each stand for itself.
        let apart = words::is_comparer(command.name.as_bytes());
        let many = laid.parts.iter().filter(|filled| filled.part.takes == Takes::Words);
        if !apart && !many.flat_map(|filled| &text.tokens[filled.range.clone()]).all(is_fixed) {
            return;
        }
        let mut found = Vec::new();
        examine(&words, &mut |word, fail| {
            let index = word.map(|word| words.iter().position(|whole| is_in(word, whole)));
            match index {
                None if silent && !matches!(fail.cause(), Cause::Usage) => found.push((at, fail)),
                Some(Some(index)) if fixed(index) => found.push((places[index], fail)),
                _ => {}
            }
        });
        for (at, fail) in found {
            self.refused(text, at, &fail);
        }
    }

    /// Takes note of a word that its command does not understand.
    pub fn refused(&mut self, text: &Text, at: usize, fail: &Fail) {
        let what = fail.to_string();
        let token = &text.tokens[at];
        let option = token.text.starts_with(b"--") && what.starts_with("unrecognized ");
        let rule = if option { &WRONG_OPTION } else { &BAD_ARGUMENT };
        let remark = match what.split_once("\nhelp: ") {
            Some((what, help)) => Remark::new(what).help(help),
            None => Remark::new(what),
        };
        self.find(rule, text.place(token), remark);
    }
}

/// Words as their command would get them, and which token each of them is.
fn in_argv(tokens: &[Token], range: Range<usize>) -> (Vec<Arg>, Vec<usize>) {
    let mut depth = 0;
    let mut words = Vec::new();
    for (at, token) in tokens.iter().enumerate().take(range.end).skip(range.start) {
        match token.kind {
            Kind::Open(_) => depth += 1,
            kind => {
                depth -= usize::from(kind == Kind::Close && depth > 0);
                words.push((leak([vec![b' '; depth], token.text.clone()].concat()), at));
            }
        }
    }
    words.into_iter().unzip()
}

/// Whether it is a part of the word, up to its end.
fn is_in(part: Arg, word: Arg) -> bool {
    let begin = word.as_ptr() as usize;
    (begin..=begin + word.count_bytes()).contains(&(part.as_ptr() as usize))
}

/// Nothing takes the place of a part of the word.
pub fn is_fixed(token: &Token) -> bool {
    references(&token.text).next().is_none()
}

/// A word as its command would get it.
pub fn word(text: &Text, at: usize) -> Arg {
    leak(text.tokens[at].text.clone())
}

//! Words that only their command can read: numbers, masks, signals, expressions, patterns. Its own
//! parser is asked.

use super::finding::BAD_ARGUMENT;
use super::walk::{Text, Walk};
use crate::log;
use crate::operator::script::fit::Fit;
use crate::operator::script::shape::{Shape, Takes};
use crate::operator::script::tokens::{Token, items};
use interpreter::arg::{Arg, leak};
use interpreter::args::subst::references;
use interpreter::diagnose::Remark;
use interpreter::word::Fail;
use std::ops::Range;
use stdlib_commands::execline::{Codes, case, eltest, if_, umask};
use stdlib_commands::{options, s6::s6_softlimit};

/// What usage lines call words that are numbers; and all that ends in `timeout` or begins so.
const NUMBERS: &str = " arg# argshift backlog block# buflen exitcode fd fd1 fd2 fdr fdw from \
    initialsleep linelen linelimit localmaxconn max maxconn maxfds maxlines millisecs n name_max \
    nmin notif num numretries rescan services_max to tries verbosity waitingtime ";

/// What the command says of a word that its usage line calls `name`.
pub fn asked(command: &str, name: &str, word: Arg) -> Result<(), Fail> {
    match (command, name) {
        ("umask" | "execline-umask", "value") => umask::mask(word).map(drop),
        ("if", "exitcode") => if_::exit_code(word).map(drop),
        ("s6-softlimit", _) => s6_softlimit::check(word),
        (_, "okcodes" | "breakcodes") => Codes::read(b'o', word).map(drop),
        _ if (name.starts_with("timeout") && !name.contains(':'))
            || name.ends_with("timeout")
            || NUMBERS.split(' ').any(|n| n == name) =>
        {
            options::number(word).map(drop)
        }
        _ => Ok(()),
    }
}

impl Walk<'_> {
    /// Finds what the command would not understand. `whole`: nothing that is not its own stands
    /// behind its words.
    pub fn exact(&mut self, text: &Text, command: &str, shape: &Shape, laid: &Fit, whole: bool) {
        for given in &laid.options {
            let named = shape.option(given.letter).and_then(|option| option.argument);
            let (Some(name), Some(at)) = (named, given.argument) else { continue };
            let token = &text.tokens[at].text;
            let value = match at == given.word {
                true => token.splitn(2, |&b| b == given.letter).last().unwrap_or_default(),
                false => token,
            };
            if references(value).next().is_none()
                && let Err(fail) = asked(command, name, leak(value.to_vec()))
            {
                self.refused(text, at, &fail);
            }
        }
        let range = laid.parts.last().map_or(0..0, |filled| filled.range.clone());
        match command {
            "eltest" | "s6-test" if whole => self.fault(text, range, eltest::fault),
            "s6-log" if whole && text.tokens[range.clone()].iter().all(is_fixed) => {
                self.fault(text, range, log::fault);
            }
            // What opens any descriptor names a variable instead.
            "redirfd" if laid.options.iter().all(|o| o.letter != b'f' && o.letter != b'-') => {
                let fd = laid.parts.first().map(|filled| filled.range.start);
                if let Some(at) = fd
                    && is_fixed(&text.tokens[at])
                    && let Err(fail) = options::number(word(text, at))
                {
                    self.refused(text, at, &fail);
                }
            }
            "case" if laid.option(b's').is_none() => {
                let blocks = laid.parts.iter().filter(|p| matches!(p.part.takes, Takes::Block(_)));
                for at in blocks.flat_map(|block| items(text.tokens, block.range.clone())) {
                    let token = &text.tokens[at];
                    if !token.is_word() || !is_fixed(token) {
                        continue;
                    }
                    if let Err(cause) = case::compiles(word(text, at), laid.option(b'e').is_none())
                    {
                        let remark = Remark::new(cause).help(case::HELP);
                        self.find(&BAD_ARGUMENT, text.place(token), remark);
                    }
                }
            }
            _ => {}
        }
    }

    /// What a command says of many words, and of which.
    fn fault(
        &mut self,
        text: &Text,
        range: Range<usize>,
        ask: fn(&[Arg]) -> Option<(usize, String)>,
    ) {
        let words: Vec<Arg> = range.clone().map(|at| word(text, at)).collect();
        if let Some((at, cause)) = ask(&words).filter(|_| !range.is_empty()) {
            let token = &text.tokens[range.start + at.min(range.len() - 1)];
            self.find(&BAD_ARGUMENT, text.place(token), Remark::new(cause));
        }
    }

    /// Takes note of a word that its command does not understand.
    pub fn refused(&mut self, text: &Text, at: usize, fail: &Fail) {
        self.find(&BAD_ARGUMENT, text.place(&text.tokens[at]), Remark::new(fail.to_string()));
    }
}

/// Nothing takes the place of a part of the word.
pub fn is_fixed(token: &Token) -> bool {
    references(&token.text).next().is_none()
}

/// A word as its command would get it.
pub fn word(text: &Text, at: usize) -> Arg {
    leak(text.tokens[at].text.clone())
}

//! Words that only their command can read: numbers behind options, expressions, patterns.

use super::finding::BAD_ARGUMENT;
use super::walk::{Text, Walk};
use crate::operator::script::fit::Fit;
use crate::operator::script::shape::{Shape, Takes};
use crate::operator::script::tokens::items;
use interpreter::arg::{Arg, leak};
use interpreter::args::number::uint;
use interpreter::args::subst::references;
use interpreter::diagnose::{Remark, printable};
use stdlib_commands::execline::{case, eltest};

/// What usage lines call the arguments of options that are numbers; and all that ends in `timeout`
/// or begins so.
const NUMBERS: &str = " arg# argshift backlog block# buflen exitcode initialsleep linelen linelimit \
    localmaxconn max maxconn maxfds maxlines millisecs name_max nmin notif num numretries rescan \
    services_max tries verbosity waitingtime ";

impl Walk<'_> {
    /// Finds what the command would not understand. `whole`: nothing that is not its own stands
    /// behind its words.
    pub fn exact(&mut self, text: &Text, command: &str, shape: &Shape, laid: &Fit, whole: bool) {
        for given in &laid.options {
            let named = shape.option(given.letter).and_then(|option| option.argument);
            let (Some(name), Some(at)) = (named, given.argument) else { continue };
            let token = &text.tokens[at];
            let word = match at == given.word {
                true => token.text.splitn(2, |&b| b == given.letter).last().unwrap_or_default(),
                false => &token.text,
            };
            let number = (name.starts_with("timeout") && !name.contains(':'))
                || name.ends_with("timeout")
                || NUMBERS.split(' ').any(|n| n == name);
            if number && uint(word).is_none() && references(word).next().is_none() {
                let shown = String::from_utf8_lossy(&printable(word)).into_owned();
                let letter = char::from(given.letter);
                let cause = format!(
                    "{shown} is no number, and the option -{letter} of {command} wants one"
                );
                self.find(&BAD_ARGUMENT, text.place(token), Remark::new(cause));
            }
        }
        let range = laid.parts.last().map_or(0..0, |filled| filled.range.clone());
        match command {
            "eltest" | "s6-test" if whole && !range.is_empty() => {
                let words: Vec<Arg> = range.clone().map(|at| word(text, at)).collect();
                if let Some((at, cause)) = eltest::fault(&words) {
                    let at = range.start + at.min(range.len() - 1);
                    self.find(&BAD_ARGUMENT, text.place(&text.tokens[at]), Remark::new(cause));
                }
            }
            "case" if laid.option(b's').is_none() => {
                let blocks = laid.parts.iter().filter(|p| matches!(p.part.takes, Takes::Block(_)));
                for at in blocks.flat_map(|block| items(text.tokens, block.range.clone())) {
                    let token = &text.tokens[at];
                    if !token.is_word() || references(&token.text).next().is_some() {
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
}

fn word(text: &Text, at: usize) -> Arg {
    leak(text.tokens[at].text.clone())
}

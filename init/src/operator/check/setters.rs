//! Commands that put variables into words, and commands that hold a script in a word.

use super::finding::{BAD_ARGUMENT, SYNTAX, TOO_FEW_ARGUMENTS, WRONG_OPTION};
use super::scope::Variable;
use super::variables::Dollar;
use super::walk::{Text, Walk};
use crate::operator::script::file::{Positional, options};
use crate::operator::script::fit::{Fit, Problem};
use crate::operator::script::shape::{Holds, Shape, Takes, parse};
use crate::operator::script::tokens::{Token, read};
use crate::operator::script::{self, special};
use interpreter::diagnose::{Remark, nearest, printable, syntax_remark};
use std::ops::Range;

/// What the block of `multisubstitute` understands.
const DIRECTIVES: &[&[u8]] =
    &[b"define", b"elgetpositionals", b"elglob", b"importas", b"import", b"multidefine"];

impl Walk<'_> {
    /// Sets what the command sets in the chain behind it.
    pub fn set_variables(&mut self, text: &Text, command: &str, laid: &Fit) {
        if command == "elgetpositionals" {
            self.scope.set_positional();
        }
        for filled in &laid.parts {
            if filled.part.takes == Takes::Block(Holds::Directives) {
                self.directives(text, filled.range.clone());
                continue;
            }
            let sets = match filled.part.name {
                "key" | "keys" => true,
                "vars" => command == "multidefine",
                "envvar" => command == "import",
                "var" | "variable" | "fd|var" => laid.option(b'E').is_some(),
                _ => false,
            };
            let exports = matches!(filled.part.name, "var" | "variable") && !sets;
            if let Some(token) = text.tokens.get(filled.range.start).filter(|_| exports) {
                self.exported.insert(token.text.clone(), command.to_owned());
            }
            if sets {
                for token in &text.tokens[filled.range.clone()] {
                    self.set(text, command, token, laid);
                }
            }
        }
    }

    fn set(&mut self, text: &Text, command: &str, token: &Token, laid: &Fit) {
        if token.text.is_empty() {
            // `multidefine` passes a value over.
            return;
        }
        let has = |letter| laid.option(letter).is_some();
        let imports = matches!(command, "importas" | "import");
        let splits = has(b's') && (imports || command == "define");
        let many = splits || command == "elglob" || (imports && !has(b'i') && !has(b'D'));
        // A loop counts without it; -i asks whether it is set, -u unsets it; in front of others it
        // holds their places.
        let for_more = command.starts_with("for")
            || laid.parts.iter().any(|p| {
                p.part.name == "keys" && text.tokens[p.range.clone()].last() != Some(token)
            })
            || (imports && (has(b'i') || has(b'u')));
        self.scope.set(Variable {
            key: token.text.clone(),
            at: text.place(token),
            many,
            used: false,
            watched: !for_more,
        });
    }

    /// The block of `multisubstitute`.
    fn directives(&mut self, text: &Text, range: Range<usize>) {
        for token in &text.tokens[range.clone()] {
            self.refer(text, token, Dollar::Flows);
        }
        let mut at = range.start;
        while at < range.end {
            let token = &text.tokens[at];
            let known = token.is_word() && DIRECTIVES.contains(&token.text.as_slice());
            let Some(command) = script::command(&token.text).filter(|_| known) else {
                self.scope.set_blind();
                return self.no_directive(text, token);
            };
            let mut shape = parse(command.usage);
            shape.parts.retain(|p| p.takes != Takes::Chain);
            let shape = special::shape(command.name, shape, text.tokens, at + 1..range.end);
            let laid = self.lay(text, command.name, &shape, at + 1..range.end);
            if let Some(problem) = laid.problem {
                self.scope.set_blind();
                if !laid.uncertain {
                    self.bad_directive(text, token, &shape, problem, command.usage);
                }
                return;
            }
            self.set_variables(text, command.name, &laid);
            at = laid.end.max(at + 1);
        }
    }

    fn no_directive(&mut self, text: &Text, token: &Token) {
        let name = String::from_utf8_lossy(&printable(&token.text)).into_owned();
        let remark = Remark::new(match token.is_word() {
            true => format!("{name} is no directive of multisubstitute"),
            false => "multisubstitute takes directives here, and no block".to_owned(),
        });
        let near = nearest(&token.text, DIRECTIVES.iter().copied());
        let remark = match near.map(String::from_utf8_lossy) {
            Some(near) => remark.help(format!("is it {near} that is meant?")),
            None => {
                remark.help("they are define, elgetpositionals, elglob, importas and multidefine")
            }
        };
        self.find(&BAD_ARGUMENT, text.place(token), remark);
    }

    fn bad_directive(
        &mut self,
        text: &Text,
        token: &Token,
        _: &Shape,
        problem: Problem,
        usage: &str,
    ) {
        let (rule, cause) = match problem {
            Problem::NoOption { letter, .. } => {
                (&WRONG_OPTION, format!("has no option -{}", letter.escape_ascii()))
            }
            Problem::LacksArgument { letter, .. } => {
                (&WRONG_OPTION, format!("lacks the argument of -{}", letter.escape_ascii()))
            }
            Problem::TooFew { part } => {
                (&TOO_FEW_ARGUMENTS, format!("lacks a word: {}", part.name))
            }
            _ => (&TOO_FEW_ARGUMENTS, "has not the words that it wants".to_owned()),
        };
        let name = String::from_utf8_lossy(&token.text);
        let usage = usage.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let remark = Remark::new(format!("the directive {name} {cause}"))
            .help(format!("usage, without what is behind: {usage}"));
        self.find(rule, text.place(token), remark);
    }

    /// The script in the argument of `execlineb -c`.
    pub fn nested_script(&mut self, text: &Text, command: &str, laid: &Fit) {
        let Some(given) = laid.option(b'c').filter(|_| command == "execlineb") else { return };
        let Some(token) = given.argument.filter(|&at| at != given.word).map(|at| &text.tokens[at])
        else {
            return;
        };
        let words: Vec<&[u8]> =
            laid.options.iter().map(|o| &text.tokens[o.word].text[..]).collect();
        let inside = inside(text, token);
        match read(&token.text) {
            Ok(tokens) => {
                let inner = Text { tokens: &tokens, inside: Some(inside) };
                let mark = self.scope.mark();
                if options(&words).0 == Positional::Substituted {
                    self.scope.set_positional();
                }
                self.chain(&inner, 0..tokens.len());
                self.scope.back(mark);
            }
            Err(error) => {
                let inner = Text { tokens: &[], inside: Some(inside) };
                let remark = syntax_remark(&token.text, &error);
                self.find(&SYNTAX, inner.span(error.place), remark);
            }
        }
    }
}

/// Where the script that a word holds stands: byte for byte, if the word has quotes around it and
/// no escapes.
fn inside(text: &Text, token: &Token) -> (Range<usize>, Option<usize>) {
    let place = text.place(token);
    let exact = match &text.inside {
        Some((_, None)) => None,
        _ if token.plain => Some(place.start),
        _ => (place.len() == token.text.len() + 2).then_some(place.start + 1),
    };
    (place, exact)
}

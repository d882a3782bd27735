//! References to variables: `${x}`, `$x`.

use super::finding::{SHELL_HABIT, UNBRACED_VARIABLE, UNSET_VARIABLE, UNUSED_VARIABLE};
use super::scope::{Scope, is_positional};
use super::walk::{MOST, Text, Walk};
use crate::operator::script;
use crate::operator::script::shape::parse;
use crate::operator::script::tokens::Token;
use interpreter::args::subst::{Reference, references};
use interpreter::diagnose::{Remark, habit, position, printable};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A reference to what nothing has put in.
#[derive(Clone, Debug)]
pub struct Unset {
    key: Vec<u8>,
    at: Range<usize>,
    /// It stands in a value that is put into words itself, where a later command may find it.
    flows: bool,
}

/// How sure it is that a `$` in a word is execline's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dollar {
    /// Nobody else reads it.
    Ours,
    /// A program gets it, for which a text with blanks may be a template.
    Shared,
    /// It may be somebody else's.
    Theirs,
    /// It becomes part of other words, and what is set behind them is put in there too.
    Flows,
}

impl Dollar {
    fn is_ours(self, token: &Token) -> bool {
        match self {
            Dollar::Ours | Dollar::Flows => true,
            Dollar::Shared => !token.text.iter().any(u8::is_ascii_whitespace),
            Dollar::Theirs => false,
        }
    }
}

impl Walk<'_> {
    /// Takes note of the variables in a word.
    pub fn refer(&mut self, text: &Text, token: &Token, dollar: Dollar) {
        if dollar.is_ours(token) && token.text.windows(2).any(|w| w == b"$(") {
            let help = habit(b"$(").map_or("", |h| h.instead);
            let remark = Remark::new("a shell's command substitution, which nothing replaces here");
            self.find(&SHELL_HABIT, text.place(token), remark.help(help));
        }
        for reference in references(&token.text) {
            let Reference { name, .. } = reference;
            if dollar == Dollar::Flows {
                self.flowing.insert(name.to_vec());
            }
            if self.scope.knows(name) {
                // In front of it stands an even number of backslashes, or it is used all the same.
                self.scope.take(name);
                continue;
            }
            let theirs = dollar == Dollar::Theirs || self.scope.is_blind();
            if theirs || is_escaped(token, &reference) {
                continue;
            }
            self.unknown_reference(text, token, &reference, dollar);
        }
    }

    fn unknown_reference(&mut self, text: &Text, token: &Token, found: &Reference, dollar: Dollar) {
        let braced = token.text.get(found.dollar + 1) == Some(&b'{');
        let name = identifier(found.name);
        let at = text.place(token);
        if !braced && name.len() < found.name.len() && self.scope.knows(name) {
            self.scope.take(name);
            let shown = String::from_utf8_lossy(name);
            let cause = format!(
                "the name behind this $ goes on to the end of the word, and is not {shown}"
            );
            let help = format!("write ${{{shown}}} for the variable");
            return self.find(&UNBRACED_VARIABLE, at, Remark::new(cause).help(help));
        }
        let whole = name.len() == found.name.len() || (!braced && starts_path(found.name, name));
        if dollar.is_ours(token) && whole && !name.is_empty() {
            let flows = dollar == Dollar::Flows;
            self.unset.push(Unset { key: name.to_vec(), at, flows });
        }
    }

    /// Turns what has been noted into findings: only now is it known what is set elsewhere.
    pub fn settle(&mut self, source: &[u8]) {
        let mut set: BTreeSet<Vec<u8>> = BTreeSet::new();
        set.extend(self.scope.all.iter().map(|v| v.key.clone()));
        for unset in std::mem::take(&mut self.unset) {
            if self.findings.len() >= MOST {
                return;
            }
            if unset.flows && set.contains(&unset.key) {
                continue;
            }
            let remark = explain(&unset, &self.scope, &self.exported, source);
            self.find(&UNSET_VARIABLE, unset.at, remark);
        }
        let all = std::mem::take(&mut self.scope.all);
        for variable in all.into_iter().filter(|v| v.watched && !v.used) {
            if self.flowing.contains(&variable.key) {
                continue;
            }
            if self.findings.len() >= MOST {
                return;
            }
            let name = String::from_utf8_lossy(&printable(&variable.key)).into_owned();
            let cause = format!("no word behind it has ${{{name}}} in it");
            let remark = Remark::new(cause).help(
                "take it out, or correct the name; a program does not see it: it needs export",
            );
            self.find(&UNUSED_VARIABLE, variable.at, remark);
        }
    }
}

/// The letters, digits and underscores that a name begins with, or the name of a positional
/// parameter, a code or a process's number.
fn identifier(name: &[u8]) -> &[u8] {
    let digits = name.iter().take_while(|b| b.is_ascii_digit()).count();
    match name {
        [b'@' | b'#', ..] => &name[..1],
        b"?" | b"!" => name,
        _ if digits > 0 => &name[..digits],
        _ => {
            let part = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
            &name[..name.iter().take_while(part).count()]
        }
    }
}

fn starts_path(name: &[u8], identifier: &[u8]) -> bool {
    matches!(name.get(identifier.len()), Some(b'/' | b':' | b'.' | b',' | b'-'))
        && !is_positional(identifier)
}

fn is_escaped(token: &Token, reference: &Reference) -> bool {
    token.text[..reference.dollar].iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 1
}

fn explain(
    unset: &Unset,
    scope: &Scope,
    exported: &BTreeMap<Vec<u8>, String>,
    source: &[u8],
) -> Remark {
    let name = String::from_utf8_lossy(&printable(&unset.key)).into_owned();
    if let Some(elsewhere) = scope.all.iter().find(|v| v.key == unset.key) {
        let (line, column) = position(source, elsewhere.at.start);
        return match elsewhere.at.start > unset.at.start {
            true => Remark::new(format!("{name} is put in only behind this, at {line}:{column}"))
                .help("move what sets it in front of this"),
            false => Remark::new(format!(
                "{name} is put in at {line}:{column}, and is gone at the end of the block there"
            ))
            .help("set it in front of the block, so that all behind it has it"),
        };
    }
    let by = exported.get(&unset.key).map(String::as_str);
    if let Some(by) = by.filter(|by| !matches!(*by, "importas" | "unexport" | "printcontenv")) {
        let remark = Remark::new(format!(
            "{by} puts {name} into the environment alone, and nothing puts it into words"
        ));
        let import = format!("put it in with: importas {name} {name} prog");
        return match script::command(by.as_bytes()).map(|c| parse(c.usage)) {
            Some(shape) if shape.option(b'E').is_some() => {
                remark.help(format!("give {by} the option -E, or {import}"))
            }
            _ => remark.help(import),
        };
    }
    let cause = format!("nothing puts {name} in: the word stays as it is written");
    if is_positional(&unset.key) {
        let help = habit(b"$1").map_or("", |h| h.instead);
        return Remark::new(cause).help(help);
    }
    Remark::new(cause).help(format!("the environment's is put in by: importas {name} {name} prog"))
}

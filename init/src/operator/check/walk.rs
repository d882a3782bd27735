//! Walks down a chain, word for word, as the programs would.

use super::finding::{
    BLOCK_UNEXPECTED, Finding, MISSING_PACKAGE, MISSING_PROGRAM, Rule, SHELL_HABIT, UNKNOWN_WORD,
};
use super::scope::Scope;
use super::variables::{Dollar, Unset};
use super::words;
use super::world::{Look, World};
use crate::operator::script;
use crate::operator::script::tokens::{Kind, Token, past};
use interpreter::args::subst::references;
use interpreter::diagnose::{
    ExecFacts, Remark, habit, nearest_within, package_of, why_exec_failed,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use sys::Errno;

/// A script, or one that a word of another holds.
pub struct Text<'t> {
    /// Its words.
    pub tokens: &'t [Token],
    /// The word that holds it, and where in the file the script's first byte stands if the word
    /// has no escapes.
    pub inside: Option<(Range<usize>, Option<usize>)>,
}

impl Text<'_> {
    /// Where in the file a token stands.
    pub fn place(&self, token: &Token) -> Range<usize> {
        self.span(token.at.clone())
    }

    /// Where in the file a part of the script stands.
    pub fn span(&self, at: Range<usize>) -> Range<usize> {
        match &self.inside {
            None => at,
            Some((_, Some(base))) => base + at.start..base + at.end,
            Some((word, None)) => word.clone(),
        }
    }
}

/// What is known so far.
pub struct Walk<'a> {
    /// The file.
    pub source: &'a [u8],
    /// Where programs are looked up.
    pub world: &'a World<'a>,
    /// The names of our commands.
    pub names: Vec<&'static [u8]>,
    /// The variables here.
    pub scope: Scope,
    /// References to what is not set.
    pub unset: Vec<Unset>,
    /// What commands put into the environment alone: the name, and the command's.
    pub exported: BTreeMap<Vec<u8>, String>,
    /// What is referred to in values that become part of other words.
    pub flowing: BTreeSet<Vec<u8>>,
    /// What has been found.
    pub findings: Vec<Finding>,
    /// A command may have changed PATH.
    pub path_changed: bool,
    depth: usize,
}

/// Blocks within each other are walked to this depth.
const DEEPEST: usize = 200;

/// A file of which more is to be said is no script of execline.
pub const MOST: usize = 200;

/// Where a chain goes on.
pub enum Step {
    /// With the words from here on.
    On(usize),
    /// Nowhere that is known.
    End,
}

impl<'a> Walk<'a> {
    /// The walk's begin.
    pub fn new(source: &'a [u8], world: &'a World<'a>, names: Vec<&'static [u8]>) -> Self {
        Walk {
            source,
            world,
            names,
            scope: Scope::default(),
            unset: Vec::new(),
            exported: BTreeMap::new(),
            flowing: BTreeSet::new(),
            findings: Vec::new(),
            path_changed: false,
            depth: 0,
        }
    }

    /// Takes note of a finding.
    pub fn find(&mut self, rule: &'static Rule, at: Range<usize>, remark: Remark) {
        self.findings.push(Finding { rule, at, remark });
    }

    /// Walks down the chain of these tokens.
    pub fn chain(&mut self, text: &Text, range: Range<usize>) {
        if self.depth == DEEPEST {
            return self.skim(text, range);
        }
        self.depth += 1;
        let mark = self.scope.mark();
        let mut at = range.start;
        while at < range.end && self.findings.len() < MOST {
            match self.word(text, at, range.end) {
                Step::On(next) => at = next.max(at + 1),
                Step::End => break,
            }
        }
        self.scope.back(mark);
        self.depth -= 1;
    }

    /// Takes note of the variables in tokens of which nothing else is known.
    pub fn skim(&mut self, text: &Text, range: Range<usize>) {
        for token in &text.tokens[range] {
            self.refer(text, token, Dollar::Theirs);
        }
    }

    fn word(&mut self, text: &Text, at: usize, end: usize) -> Step {
        let token = &text.tokens[at];
        if !token.is_word() {
            return self.block_for_program(text, at, end);
        }
        self.refer(text, token, Dollar::Ours);
        let rest = at + 1..end;
        if references(&token.text).any(|r| self.scope.knows(r.name)) {
            return self.dynamic(text, at, rest);
        }
        if references(&token.text).next().is_some() && token.text.starts_with(b"$") {
            // That it is not set has been noted.
            self.skim(text, rest);
            return Step::End;
        }
        match script::command(&token.text) {
            Some(command) => self.command(text, at, rest, command),
            None => self.no_command(text, at, rest),
        }
    }

    /// A program whose name is a variable's value: what is behind it may be anything's.
    fn dynamic(&mut self, text: &Text, at: usize, rest: Range<usize>) -> Step {
        let is_path = text.tokens[at].text.contains(&b'/');
        if is_path && text.tokens[rest.clone()].iter().all(Token::is_word) {
            return self.program(text, at, rest);
        }
        self.skim(text, rest);
        Step::End
    }

    fn block_for_program(&mut self, text: &Text, at: usize, end: usize) -> Step {
        let remark = Remark::new("a block stands where a program should")
            .help("the command before it takes no block here, or fewer: take the { and } away, or put a command that takes a block before it");
        self.find(&BLOCK_UNEXPECTED, text.place(&text.tokens[at]), remark);
        if let Kind::Open(close) = text.tokens[at].kind {
            self.chain(text, at + 1..close);
        }
        let next = past(text.tokens, at);
        self.skim(text, next.min(end)..end);
        Step::End
    }

    /// A word in a program's place that is no command of ours.
    fn no_command(&mut self, text: &Text, at: usize, rest: Range<usize>) -> Step {
        let token = &text.tokens[at];
        let name = &token.text[..];
        let look = self.world.look(name);
        if look != Look::Found
            && let Some(step) = self.habit(text, at, rest.clone(), look)
        {
            return step;
        }
        if look != Look::Found
            && let Some((rule, remark)) = self.unknown(name, look)
        {
            self.find(rule, text.place(token), remark);
            // It may have been meant to set something.
            self.scope.set_blind();
            let meant = self.near(name).and_then(script::command);
            if let Some(command) = meant.filter(|c| self.fits(text, c, rest.clone())) {
                return self.command(text, at, rest, command);
            }
        }
        self.program(text, at, rest)
    }

    /// A shell's word in a program's place. Behind an assignment or a redirection the program
    /// follows; behind others nothing is known.
    fn habit(&mut self, text: &Text, at: usize, rest: Range<usize>, look: Look) -> Option<Step> {
        let token = &text.tokens[at];
        let name = token.text.strip_suffix(b";").filter(|_| token.plain).unwrap_or(&token.text);
        let ends = name.len() < token.text.len();
        let found = habit(&token.text).or_else(|| habit(name).filter(|_| ends));
        let found = match found {
            Some(_) if words::is_plain(name) && look == Look::Unknown && !ends => return None,
            // In quotes it is meant.
            Some(_) if !token.plain && !token.text.starts_with(b"$(") => return None,
            // Alone in its line it reads nothing into anything: somebody's own program.
            Some(_)
                if name == b"read" && (rest.is_empty() || self.may_load(text, at, rest.start)) =>
            {
                return None;
            }
            None if ends => habit(b";")?,
            other => other?,
        };
        let cause = format!("{}, and execline has none such: every word is a program", found.what);
        self.find(&SHELL_HABIT, text.place(token), Remark::new(cause).help(found.instead));
        if found.what.ends_with("assignment") || found.what.ends_with("redirection") {
            let takes_word = matches!(name, b">" | b">>" | b"<" | b"2>" | b"2>>" | b"&>");
            return Some(Step::On(rest.start + usize::from(takes_word)));
        }
        self.skim(text, rest);
        Some(Step::End)
    }

    /// What is to be said of a name that was not found.
    fn unknown(&self, name: &[u8], look: Look) -> Option<(&'static Rule, Remark)> {
        if name.contains(&b'$') || (self.path_changed && !name.contains(&b'/')) {
            return None;
        }
        if let Some(help) = script::own_name(name).and_then(words::gone) {
            let remark = Remark::new("a command that newer versions do not have").help(help);
            return Some((&UNKNOWN_WORD, remark));
        }
        let facts = ExecFacts {
            search_path: &self.world.path,
            commands: &self.names,
            ..ExecFacts::default()
        };
        let why = || why_exec_failed(name, Errno::ENOENT, &facts);
        if name.starts_with(b"-") {
            let remark = Remark::new("an option stands where a program should")
                .help("options stand right behind the name of their command");
            return Some((&MISSING_PROGRAM, remark));
        }
        let hopeless =
            name.is_empty() || (name.iter().any(u8::is_ascii_whitespace) && !name.contains(&b'/'));
        if script::own_name(name).and_then(package_of).is_some() {
            return Some((&MISSING_PACKAGE, why()));
        }
        if look == Look::Missing || hopeless {
            return Some((&MISSING_PROGRAM, why()));
        }
        let near = String::from_utf8_lossy(self.near(name)?);
        let remark = Remark::new("no program of this name is known");
        Some((&UNKNOWN_WORD, remark.help(format!("is it {near} that is meant?"))))
    }

    /// The command of ours whose name is mistyped, perhaps.
    fn near(&self, name: &[u8]) -> Option<&'static [u8]> {
        let base = name.strip_prefix(b"/command/").unwrap_or(name);
        let known = base.contains(&b'/') || words::is_common(base);
        let names = self.names.iter().copied();
        if known { None } else { nearest_within(base, names, slips(base)) }
    }
}

/// How many slips make a name another one's mistyped: fewer than where it is certain that there is
/// no such program.
fn slips(name: &[u8]) -> usize {
    match name.len() {
        0..=4 => 0,
        5..=11 => 1,
        _ => 2,
    }
}

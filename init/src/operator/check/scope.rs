//! Which variables are put into words, at a place of a script.
//!
//! Substitution is textual: a command that sets a key replaces it in all words behind it, those in
//! blocks included. So the first that sets it wins, and what a block's chain sets ends with the
//! block.

use std::collections::BTreeMap;
use std::ops::Range;

/// A variable that some command sets.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub key: Vec<u8>,
    /// Where it is set.
    pub at: Range<usize>,
    /// It may become several words, or none.
    pub many: bool,
    /// Some word has it.
    pub used: bool,
    /// It should be used: it is set for nothing else.
    pub watched: bool,
}

/// The variables at a place, and all that there have been.
#[derive(Debug, Default)]
pub struct Scope {
    /// All that any command has set.
    pub all: Vec<Variable>,
    live: BTreeMap<Vec<u8>, Vec<usize>>,
    stack: Vec<Entry>,
    positional: usize,
    blind: usize,
}

#[derive(Debug)]
enum Entry {
    Variable(usize),
    Positional,
    Blind,
}

impl Scope {
    /// Where the scope stands, for [`Scope::back`].
    pub fn mark(&self) -> usize {
        self.stack.len()
    }

    /// Forgets what has been set since the mark.
    pub fn back(&mut self, mark: usize) {
        while self.stack.len() > mark {
            match self.stack.pop() {
                Some(Entry::Variable(index)) => {
                    let key = &self.all[index].key;
                    if let Some(indices) = self.live.get_mut(key) {
                        indices.pop();
                    }
                }
                Some(Entry::Positional) => self.positional -= 1,
                Some(Entry::Blind) => self.blind -= 1,
                None => return,
            }
        }
    }

    /// A command sets a variable.
    pub fn set(&mut self, variable: Variable) {
        let index = self.all.len();
        self.live.entry(variable.key.clone()).or_default().push(index);
        self.all.push(variable);
        self.stack.push(Entry::Variable(index));
    }

    /// The positional parameters are put in from here on.
    pub fn set_positional(&mut self) {
        self.positional += 1;
        self.stack.push(Entry::Positional);
    }

    /// From here on any variable may be set: something could not be understood.
    pub fn set_blind(&mut self) {
        self.blind += 1;
        self.stack.push(Entry::Blind);
    }

    /// Whether any variable may be set.
    pub fn is_blind(&self) -> bool {
        self.blind > 0
    }

    /// The variable that `key` stands for here, which then counts as used.
    pub fn take(&mut self, key: &[u8]) -> Option<&Variable> {
        let index = *self.live.get(key)?.first()?;
        self.all[index].used = true;
        Some(&self.all[index])
    }

    /// Whether `key` is set here.
    pub fn knows(&self, key: &[u8]) -> bool {
        self.live.get(key).is_some_and(|v| !v.is_empty())
            || (self.positional > 0 && is_positional(key))
    }

    /// Whether it may become several words, or none.
    pub fn is_many(&self, key: &[u8]) -> bool {
        let index = self.live.get(key).and_then(|v| v.first());
        match index {
            Some(&index) => self.all[index].many,
            None => self.positional > 0 && key == b"@",
        }
    }
}

/// Whether it is the name of a positional parameter, of all, or of their number.
pub fn is_positional(key: &[u8]) -> bool {
    matches!(key, b"@" | b"#") || (!key.is_empty() && key.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_forgets_and_the_first_wins() {
        let variable = |at: usize| Variable {
            key: b"x".to_vec(),
            at: at..at + 1,
            many: at == 1,
            used: false,
            watched: true,
        };
        let mut scope = Scope::default();
        scope.set(variable(0));
        let mark = scope.mark();
        scope.set(variable(1));
        assert_eq!(scope.take(b"x").unwrap().at.start, 0);
        assert!(!scope.is_many(b"x"));
        scope.back(mark);
        assert!(scope.knows(b"x"));
        scope.back(0);
        assert!(!scope.knows(b"x") && scope.take(b"x").is_none());
        scope.set_positional();
        assert!(scope.knows(b"12") && scope.is_many(b"@") && !scope.knows(b"a"));
        scope.back(0);
        assert!(!scope.knows(b"1"));
        assert!(scope.all[0].used && !scope.all[1].used);
    }
}

//! What a command takes, read out of its usage line: the one declaration that a usage error shows
//! too.
//!
//! The grammar is that of the usage lines of skarnet's programs. Behind the name stand
//! - `[ -x ]`, `[ -x arg ]`, `[ -x | -y arg ]`, `[ -xyz ]`: options; `-[ x | y ]`: one is needed;
//! - `word`: one word; `word...`: any number; in brackets: may be left out;
//! - `{ words... }`: a block of words; `words... ""` is one too;
//! - `prog...`, `command...`, `cmd...`, `remainder...`, `loop...`, alone or with a part joined by a
//!   hyphen or in front (`command-else...`, `progdefault...`): a command line, so the rest of the
//!   chain; in brackets: may be empty;
//! - a block with such a name in it holds a command line; one with a block in it holds words that
//!   have a block each.

/// What a command takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Its options with a letter.
    pub options: Vec<Letter>,
    /// One of these options has to be given.
    pub needed: Vec<u8>,
    /// What stands behind the options, in order.
    pub parts: Vec<Part>,
}

/// An option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its letter.
    pub letter: u8,
    /// What its argument is called, if it takes one.
    pub argument: Option<&'static str>,
}

/// Something that a command takes behind its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What the usage line calls it.
    pub name: &'static str,
    /// What it is.
    pub takes: Takes,
    /// It may be left out.
    pub optional: bool,
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One word.
    Word,
    /// Any number of words.
    Words,
    /// A block.
    Block(Holds),
    /// The rest of the chain.
    Chain,
}

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Words.
    Words,
    /// A command line.
    Chain,
    /// Words, each with a block that holds a command line.
    Cases,
    /// Directives: commands with their words, but without a chain behind.
    Directives,
}

/// Reads a usage line.
pub fn parse(usage: &'static str) -> Shape {
    let words: Vec<&'static str> = usage.split_ascii_whitespace().skip(1).collect();
    let mut shape = Shape::default();
    let mut at = 0;
    while let Some(&word) = words.get(at) {
        match word {
            "[" | "-[" => {
                let end = matching(&words, at, "[", "]");
                shape.group(&words[at + 1..end], word == "-[");
                at = end;
            }
            "{" => {
                let end = matching(&words, at, "{", "}");
                shape.parts.push(block(&words[at + 1..end], false));
                at = end;
            }
            "\"\"" => shape.end_of_block(),
            "..." => shape.many(),
            // What is behind them is prose, or for a shell.
            "<" => break,
            word if word.starts_with('(') => break,
            word => shape.parts.push(operand(word, false)),
        }
        at += 1;
    }
    shape
}

/// The index of the bracket that closes the one at `from`, or the end.
fn matching(words: &[&str], from: usize, open: &str, close: &str) -> usize {
    let mut depth = 0usize;
    for (at, word) in words.iter().enumerate().skip(from) {
        let word = word.strip_prefix('-').filter(|w| *w == "[").unwrap_or(word);
        // "]..." closes too.
        if word == open {
            depth += 1;
        } else if word.trim_end_matches('.') == close {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    words.len()
}

fn block(words: &[&'static str], optional: bool) -> Part {
    let name = words.iter().copied().find(|w| *w != "[").unwrap_or("words...");
    let holds = match name {
        _ if words.contains(&"{") => Holds::Cases,
        _ if words.first() == Some(&"[") => Holds::Directives,
        _ if is_chain(name) => Holds::Chain,
        _ => Holds::Words,
    };
    Part { name: bare(name), takes: Takes::Block(holds), optional }
}

fn operand(word: &'static str, optional: bool) -> Part {
    let takes = match word.ends_with("...") {
        true if is_chain(word) => Takes::Chain,
        true => Takes::Words,
        false => Takes::Word,
    };
    Part { name: bare(word), takes, optional }
}

fn bare(word: &'static str) -> &'static str {
    word.trim_end_matches("...")
}

/// Whether the name is that of a command line.
fn is_chain(word: &str) -> bool {
    let name = word.trim_end_matches("...");
    ["prog", "command", "cmd", "remainder", "loop"].iter().any(|n| name.starts_with(n))
        || ["prog", "command", "cmd"].iter().any(|n| name.ends_with(n))
}

impl Shape {
    /// What stands in brackets.
    fn group(&mut self, words: &[&'static str], needed: bool) {
        if needed {
            let letters = words.iter().filter(|w| **w != "|").flat_map(|w| w.bytes());
            self.needed.extend(letters);
            let needed = self.needed.iter().map(|&letter| Letter { letter, argument: None });
            self.options.extend(needed);
        } else if words.first() == Some(&"{") {
            self.parts.push(block(&words[1..words.len().saturating_sub(1)], true));
        } else if words.iter().any(|w| is_option(w)) {
            self.letters(words);
        } else if words.contains(&"|") {
            let word = words.iter().copied().find(|w| *w != "-" && *w != "|");
            self.parts.extend(word.map(|w| operand(w, true)));
        } else if words != ["--"] {
            self.parts.extend(words.first().map(|w| operand(w, true)));
            if words.get(1) == Some(&"...") {
                self.many();
            }
        }
    }

    fn letters(&mut self, words: &[&'static str]) {
        for (at, word) in words.iter().enumerate().filter(|(_, w)| is_option(w)) {
            let argument = words.get(at + 1).copied();
            let argument = argument.filter(|w| !is_option(w) && !["|", "[", "]"].contains(w));
            match (&word.as_bytes()[1..], argument) {
                (&[letter], argument) => self.letter(letter, argument),
                // `-1..9`
                (&[from, b'.', b'.', to], _) => (from..=to).for_each(|l| self.letter(l, None)),
                (letters, _) => letters.iter().for_each(|&l| self.letter(l, None)),
            }
        }
    }

    fn letter(&mut self, letter: u8, argument: Option<&'static str>) {
        if !self.options.iter().any(|o| o.letter == letter) {
            self.options.push(Letter { letter, argument: argument.map(bare) });
        }
    }

    fn many(&mut self) {
        if let Some(part) = self.parts.last_mut() {
            part.takes = Takes::Words;
        }
    }

    /// The words before it are a block in argv form.
    fn end_of_block(&mut self) {
        let name = self.parts.first().map_or("words", |p| p.name);
        self.parts = vec![Part { name, takes: Takes::Block(Holds::Words), optional: false }];
    }

    /// The option with that letter.
    pub fn option(&self, letter: u8) -> Option<&Letter> {
        self.options.iter().find(|o| o.letter == letter)
    }
}

fn is_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-') && word != "--"
}

#[cfg(test)]
mod tests;

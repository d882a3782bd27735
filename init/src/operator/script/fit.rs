//! Lays the words behind a command's name into the command's shape, as the command would take them.

use super::shape::{Part, Shape, Takes};
use super::tokens::{Kind, Token, items, past};
use std::ops::Range;

/// How the words fill a shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// The options, and the index of each one's argument.
    pub options: Vec<Given>,
    /// What fills the shape's parts, in their order; parts that are left out are left out.
    pub parts: Vec<Filled>,
    /// What is wrong, at the first place where something is.
    pub problem: Option<Problem>,
    /// A word may become several or none, so that what follows may be laid out otherwise.
    pub uncertain: bool,
    /// The index behind the last word that belongs to the command or its chain.
    pub end: usize,
}

/// An option that is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The index of its word.
    pub word: usize,
    /// Its letter; `-` for one with a long name.
    pub letter: u8,
    /// The index of its argument, which may be the same word.
    pub argument: Option<usize>,
}

/// What fills a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The part.
    pub part: Part,
    /// The words; for a block, those inside.
    pub range: Range<usize>,
}

/// Why words don't fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No such option.
    NoOption {
        /// The word.
        word: usize,
        /// The letter; `-` for a long name.
        letter: u8,
    },
    /// An option without its argument.
    LacksArgument {
        /// The word.
        word: usize,
        /// The letter.
        letter: u8,
    },
    /// None of the options is given of which one is needed.
    OptionNeeded,
    /// A block should be here.
    NoBlock {
        /// Which one.
        part: Part,
        /// What stands in its place, if anything does.
        word: Option<usize>,
    },
    /// A block stands where a word should.
    BlockForWord {
        /// What should be here; none if nothing should.
        part: Option<Part>,
        /// The index of the `{`.
        open: usize,
    },
    /// The words end before this part.
    TooFew {
        /// The part.
        part: Part,
    },
}

/// Fits the items of `range`, which are behind the command's name. `elastic` tells of a word
/// whether it may become several words or none; `long` whether the command has options with long
/// names.
pub fn fit(
    shape: &Shape,
    tokens: &[Token],
    range: Range<usize>,
    long: bool,
    elastic: &dyn Fn(&Token) -> bool,
) -> Fit {
    let mut fitting = Fitting {
        shape,
        tokens,
        at: range.start,
        end: range.end,
        long,
        elastic,
        fit: Fit::default(),
    };
    if let Err(problem) = fitting.run() {
        fitting.fit.problem = Some(problem);
    }
    fitting.fit.end = fitting.at;
    fitting.fit
}

struct Fitting<'a> {
    shape: &'a Shape,
    tokens: &'a [Token],
    at: usize,
    end: usize,
    long: bool,
    elastic: &'a dyn Fn(&Token) -> bool,
    fit: Fit,
}

impl<'a> Fitting<'a> {
    fn run(&mut self) -> Result<(), Problem> {
        if !self.shape.options.is_empty() || self.long {
            self.options()?;
        }
        let needed = &self.shape.needed;
        let given = |o: &Given| o.letter == b'-' || needed.contains(&o.letter);
        if !needed.is_empty() && !self.fit.options.iter().any(given) {
            return Err(Problem::OptionNeeded);
        }
        for index in 0..self.shape.parts.len() {
            if !self.spares(index) {
                continue;
            }
            self.part(index)?;
        }
        Ok(())
    }

    fn token(&self) -> Option<&'a Token> {
        self.tokens[..self.end].get(self.at)
    }

    /// The word that stands here, if one does.
    fn word(&mut self) -> Option<&'a Token> {
        let token = self.token().filter(|t| t.is_word())?;
        self.fit.uncertain |= (self.elastic)(token);
        Some(token)
    }

    fn options(&mut self) -> Result<(), Problem> {
        while let Some(token) = self.token().filter(|t| t.is_word()) {
            let word = self.at;
            match token.text.as_slice() {
                b"--" => {
                    self.at += 1;
                    return Ok(());
                }
                [b'-', b'-', ..] if self.long => {
                    self.fit.options.push(Given { word, letter: b'-', argument: None });
                    self.at += 1;
                }
                [b'-', b'-', ..] => return Err(Problem::NoOption { word, letter: b'-' }),
                [b'-', letters @ ..] if !letters.is_empty() => {
                    self.at += 1;
                    self.group(word, letters)?;
                }
                // A variable may hold options.
                _ if (self.elastic)(token) && self.shape.parts.first().is_some_and(is_block) => {
                    self.fit.uncertain = true;
                    self.at += 1;
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    fn group(&mut self, word: usize, letters: &[u8]) -> Result<(), Problem> {
        for (column, &letter) in letters.iter().enumerate() {
            let Some(option) = self.shape.option(letter) else {
                self.fit.uncertain |= letter == b'$';
                return Err(Problem::NoOption { word, letter });
            };
            if option.argument.is_none() {
                self.fit.options.push(Given { word, letter, argument: None });
                continue;
            }
            let attached = column + 1 < letters.len();
            if !attached && self.word().is_none() {
                return Err(Problem::LacksArgument { word, letter });
            }
            let argument = Some(if attached { word } else { self.at });
            self.fit.options.push(Given { word, letter, argument });
            self.at += usize::from(!attached);
            return Ok(());
        }
        Ok(())
    }

    /// Whether the words are enough for a part that may be left out, as the first of `[ first ] last`
    /// takes none where there is only one.
    fn spares(&self, index: usize) -> bool {
        let parts = &self.shape.parts[index..];
        let wanted = parts.iter().filter(|p| p.takes == Takes::Word && !p.optional).count();
        let optional = parts[0].optional && parts[0].takes == Takes::Word;
        !optional || items(self.tokens, self.at..self.end).take(wanted + 1).count() > wanted
    }

    fn part(&mut self, index: usize) -> Result<(), Problem> {
        let part = self.shape.parts[index];
        let start = self.at;
        match part.takes {
            Takes::Chain => {
                if start >= self.end && !part.optional {
                    return Err(Problem::TooFew { part });
                }
                self.at = self.end;
                if start < self.end {
                    self.fill(part, start..self.end);
                }
            }
            Takes::Block(_) => return self.block(part),
            Takes::Words => return self.words(part, index),
            Takes::Word => match self.token() {
                None if part.optional => {}
                None => return Err(Problem::TooFew { part }),
                Some(token) if !token.is_word() => {
                    return Err(Problem::BlockForWord { part: Some(part), open: start });
                }
                Some(_) => {
                    let _ = self.word();
                    self.at += 1;
                    self.fill(part, start..self.at);
                }
            },
        }
        Ok(())
    }

    fn fill(&mut self, part: Part, range: Range<usize>) {
        self.fit.parts.push(Filled { part, range });
    }

    fn block(&mut self, part: Part) -> Result<(), Problem> {
        match self.token().map(|t| t.kind) {
            Some(Kind::Open(close)) => {
                self.fill(part, self.at + 1..close);
                self.at = past(self.tokens, self.at);
                Ok(())
            }
            _ if part.optional => Ok(()),
            Some(_) => Err(Problem::NoBlock { part, word: Some(self.at) }),
            None => Err(Problem::NoBlock { part, word: None }),
        }
    }

    fn words(&mut self, part: Part, index: usize) -> Result<(), Problem> {
        let start = self.at;
        let followed = self.shape.parts.last().is_some_and(|p| p.takes == Takes::Chain);
        let word = self.shape.parts.get(index + 1).is_some_and(|p| p.takes == Takes::Word);
        while let Some(token) = self.token() {
            // Before a chain only words of a kind that no program's name is can be told apart.
            if followed && !token.text.contains(&b'=') {
                break;
            }
            // `src... dest`: the last one is another's.
            if word && start < self.at && self.at + 1 == self.end {
                break;
            }
            if !token.is_word() {
                return Err(Problem::BlockForWord { part: None, open: self.at });
            }
            let _ = self.word();
            self.at += 1;
        }
        if start == self.at && !part.optional && !accepts_none(part) {
            return Err(Problem::TooFew { part });
        }
        self.fill(part, start..self.at);
        Ok(())
    }
}

fn is_block(part: &Part) -> bool {
    matches!(part.takes, Takes::Block(_))
}

/// `args...` may be no words, whatever else a command does about that.
fn accepts_none(part: Part) -> bool {
    matches!(part.name, "args" | "expression")
}

impl Fit {
    /// The first word of the option with that letter, if it is given.
    pub fn option(&self, letter: u8) -> Option<&Given> {
        self.options.iter().find(|o| o.letter == letter)
    }

    /// The chain that follows.
    pub fn chain(&self) -> Option<Range<usize>> {
        let chain = self.parts.iter().find(|p| p.part.takes == Takes::Chain)?;
        Some(chain.range.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::parse;
    use super::super::tokens::read;
    use super::*;

    fn run(usage: &'static str, script: &str) -> Fit {
        let tokens = read(script.as_bytes()).unwrap();
        let elastic = |t: &Token| t.text.contains(&b'*');
        fit(&parse(usage), &tokens, 0..tokens.len(), false, &elastic)
    }

    fn show(usage: &'static str, script: &str) -> String {
        let fit = run(usage, script);
        let options = fit.options.iter().map(|o| match o.argument {
            Some(at) => format!("{}={at}", char::from(o.letter)),
            None => char::from(o.letter).to_string(),
        });
        let parts = fit.parts.iter().map(|p| format!("{}:{:?}", p.part.name, p.range));
        options.chain(parts).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_are_laid_out() {
        for (usage, script, laid) in [
            ("x [ -a ] [ -d delim ] key prog...", "-ad , k p q", "a d=1 key:2..3 prog:3..5"),
            ("x [ -a ] [ -d delim ] key prog...", "-d, -- -a p", "d=0 key:2..3 prog:3..4"),
            ("x { prog... } [ rest ] prog...", "{ a b } c d", "prog:1..3 rest:4..5 prog:5..6"),
            ("x path prog...", "-- p", "path:0..1 prog:1..2"),
            ("x [ a=b... ] prog...", "a=b c=d e f=g", "a=b:0..2 prog:2..4"),
            ("x [ { pids... } ] [ prog... ]", "a b", "prog:0..2"),
            ("x [ -n ] args...", "", "args:0..0"),
            ("x [ code ]", "3", "code:0..1"),
            ("x src... dest", "a b c", "src:0..2 dest:2..3"),
            ("x [ -n ] { prog... } [ remainder... ]", "$* { a } b", "prog:2..3 remainder:4..5"),
        ] {
            assert_eq!(show(usage, script), laid, "{usage}: {script}");
            assert_eq!(run(usage, script).problem, None, "{usage}: {script}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let part = |usage, at: usize| parse(usage).parts[at];
        let (two, block) = ("x [ -d delim ] key prog...", "x { prog... } [ remainder... ]");
        for (usage, script, problem) in [
            (two, "-x k p", Problem::NoOption { word: 0, letter: b'x' }),
            (two, "--xx k p", Problem::NoOption { word: 0, letter: b'-' }),
            (two, "-d", Problem::LacksArgument { word: 0, letter: b'd' }),
            (two, "-d { a }", Problem::LacksArgument { word: 0, letter: b'd' }),
            (two, "", Problem::TooFew { part: part(two, 0) }),
            (two, "k", Problem::TooFew { part: part(two, 1) }),
            (two, "{ k } p", Problem::BlockForWord { part: Some(part(two, 0)), open: 0 }),
            (block, "a b", Problem::NoBlock { part: part(block, 0), word: Some(0) }),
            (block, "", Problem::NoBlock { part: part(block, 0), word: None }),
            ("x -[ r | w ] fd prog...", "0 p", Problem::OptionNeeded),
            ("x src... dest", "a", Problem::TooFew { part: part("x src... dest", 1) }),
            ("x args...", "a { b }", Problem::BlockForWord { part: None, open: 1 }),
        ] {
            assert_eq!(run(usage, script).problem, Some(problem), "{usage}: {script}");
        }
    }

    #[test]
    fn a_word_of_unknown_length_makes_it_uncertain() {
        assert!(run("x key prog...", "$* p").uncertain);
        assert!(!run("x key prog...", "k $*").uncertain);
        assert!(run("x [ -n ] { prog... }", "$* { a }").uncertain);
    }
}

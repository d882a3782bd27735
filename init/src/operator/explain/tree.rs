//! A chain as a tree: a node for each command, with its blocks below it.

use crate::operator::manual;
use crate::operator::script;
use crate::operator::script::fit::{Filled, Fit, Given, fit};
use crate::operator::script::shape::{Holds, Takes, parse};
use crate::operator::script::special;
use crate::operator::script::tokens::{Token, items, past};
use interpreter::args::subst::references;
use interpreter::diagnose::{position, shortened, shown};
use interpreter::word::Command;
use std::ops::Range;

/// A command or a program of a chain.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The line of its first word.
    pub line: usize,
    /// Its own words, as they are written.
    pub head: String,
    /// What it is for, in a sentence.
    pub summary: String,
    /// What its words are.
    pub notes: Vec<Note>,
    /// Its blocks.
    pub blocks: Vec<Block>,
}

/// Something about a node.
#[derive(Debug, PartialEq, Eq)]
pub enum Note {
    /// An option, and what it does.
    Option(String, String),
    /// A word, and what the command calls it.
    Word(String, String),
    /// Why the words can't be told apart.
    Trouble(String),
}

/// A block: what it is called, and its chain.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// The command's name for it.
    pub name: String,
    /// The chain in it.
    pub nodes: Vec<Node>,
}

/// Blocks within each other are explained to this depth.
const DEEPEST: usize = 100;

/// How many columns of a word are shown.
const WORD: usize = 60;

/// The nodes of a chain.
pub fn chain(source: &[u8], tokens: &[Token], range: Range<usize>, depth: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let token = &tokens[at];
        let known = script::command(&token.text).filter(|_| token.is_word() && depth < DEEPEST);
        let Some(found) = known else {
            nodes.push(program(source, tokens, at..range.end));
            break;
        };
        let mut node = command(source, tokens, at + 1..range.end, found, depth);
        node.line = position(source, token.at.start).0;
        node.head = join([written(source, token), std::mem::take(&mut node.head)]);
        nodes.push(node);
        let laid = lay(found, tokens, at + 1..range.end);
        let Some(rest) = laid.chain().filter(|_| laid.problem.is_none()) else { break };
        at = rest.start;
    }
    nodes
}

fn lay(command: &Command, tokens: &[Token], range: Range<usize>) -> Fit {
    let shape = special::shape(command.name, parse(command.usage), tokens, range.clone());
    fit(&shape, tokens, range, special::has_long(command.name), &|_| false)
}

/// A command with the words of `range` behind its name, which its head lacks.
pub fn command(
    source: &[u8],
    tokens: &[Token],
    range: Range<usize>,
    command: &Command,
    depth: usize,
) -> Node {
    let laid = lay(command, tokens, range.clone());
    let manual = manual::find(command.name);
    let end = laid.chain().map_or(laid.end, |rest| rest.start);
    let mut node = Node {
        head: heads(source, tokens, range.start..end),
        summary: manual.map_or_else(String::new, |m| plain(m.summary)),
        ..Node::default()
    };
    for given in &laid.options {
        node.notes.push(option(command, tokens, given));
    }
    for filled in &laid.parts {
        part(source, tokens, filled, depth, &mut node);
    }
    if laid.problem.is_some() {
        node.head = heads(source, tokens, range);
        node.notes.push(Note::Trouble("its words don't fit: see chainit check".to_owned()));
    }
    node
}

fn option(command: &Command, tokens: &[Token], given: &Given) -> Note {
    let word = &tokens[given.word].text;
    let (name, meaning) = match given.letter {
        b'-' => {
            let name = word.split(|&b| b == b'=').next().unwrap_or(word);
            (shown(name), long_meaning(command.name, &shown(name)))
        }
        letter => {
            let name = format!("-{}", char::from(letter));
            (name, manual::find(command.name).and_then(|m| m.option(letter)))
        }
    };
    let argument = given.argument.map(|at| match at == given.word {
        true => {
            let cut = word.iter().position(|&b| b == given.letter).map_or(0, |i| i + 1);
            shown(&word[cut..])
        }
        false => shown(&tokens[at].text),
    });
    Note::Option(
        argument.map_or(name.clone(), |argument| join([name, argument])),
        meaning.map_or_else(String::new, plain),
    )
}

fn long_meaning(command: &str, name: &str) -> Option<&'static str> {
    let has = |term: &str| manual::spans(term).any(|s| s.split(['=', ' ']).next() == Some(name));
    manual::find(command)?.options().find(|(term, _)| has(term)).map(|(_, meaning)| meaning)
}

fn part(source: &[u8], tokens: &[Token], filled: &Filled, depth: usize, node: &mut Node) {
    let Filled { part, range } = filled;
    let name = part.name.to_owned();
    match part.takes {
        Takes::Word | Takes::Words | Takes::Block(Holds::Words) => {
            let words = heads(source, tokens, range.clone());
            if !words.is_empty() {
                node.notes.push(Note::Word(name, words));
            }
        }
        Takes::Block(Holds::Chain) => {
            let nodes = chain(source, tokens, range.clone(), depth + 1);
            node.blocks.push(Block { name, nodes });
        }
        Takes::Block(Holds::Cases) => cases(source, tokens, range.clone(), depth, node),
        Takes::Block(Holds::Directives) => {
            let nodes = directives(source, tokens, range.clone(), depth);
            node.blocks.push(Block { name: "directives".to_owned(), nodes });
        }
        Takes::Chain => {}
    }
}

fn cases(source: &[u8], tokens: &[Token], range: Range<usize>, depth: usize, node: &mut Node) {
    let mut name = String::new();
    for index in items(tokens, range) {
        if tokens[index].is_word() {
            name = written(source, &tokens[index]);
        } else {
            let inside = index + 1..past(tokens, index) - 1;
            let nodes = chain(source, tokens, inside, depth + 1);
            node.blocks.push(Block { name: std::mem::take(&mut name), nodes });
        }
    }
}

fn directives(source: &[u8], tokens: &[Token], range: Range<usize>, depth: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let token = &tokens[at];
        let Some(found) = script::command(&token.text).filter(|_| token.is_word()) else { break };
        let mut shape = parse(found.usage);
        shape.parts.retain(|part| part.takes != Takes::Chain);
        let words = at + 1..range.end;
        let shape = special::shape(found.name, shape, tokens, words.clone());
        let laid = fit(&shape, tokens, words, false, &|_| false);
        if laid.problem.is_some() {
            break;
        }
        let mut node = command(source, tokens, at + 1..laid.end, found, depth);
        node.line = position(source, token.at.start).0;
        node.head = join([written(source, token), std::mem::take(&mut node.head)]);
        nodes.push(node);
        at = laid.end.max(at + 1);
    }
    nodes
}

/// A program that is no command of ours: it gets all that is left.
fn program(source: &[u8], tokens: &[Token], range: Range<usize>) -> Node {
    let token = &tokens[range.start];
    let dynamic = references(&token.text).next().is_some();
    let name = shown(&token.text);
    let summary = match (token.is_word(), dynamic) {
        (false, _) => "A block, where a program should be: see chainit check.".to_owned(),
        (_, true) => format!("Whatever {name} stands for: the process becomes it."),
        _ => format!("A program: the process becomes {name}, and gets the words behind it."),
    };
    Node {
        line: position(source, token.at.start).0,
        head: heads(source, tokens, range),
        summary,
        ..Node::default()
    }
}

/// The items of a range as they are written, blocks without what is in them.
fn heads(source: &[u8], tokens: &[Token], range: Range<usize>) -> String {
    let show = |index: usize| match tokens[index].is_word() {
        true => written(source, &tokens[index]),
        false if past(tokens, index) == index + 2 => "{ }".to_owned(),
        false => "{ … }".to_owned(),
    };
    items(tokens, range).map(show).collect::<Vec<_>>().join(" ")
}

fn written(source: &[u8], token: &Token) -> String {
    String::from_utf8_lossy(&shortened(&source[token.at.clone()], WORD)).into_owned()
}

fn join(words: [String; 2]) -> String {
    words.join(" ").trim_end().to_owned()
}

/// A manual's text without its marks.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::script::tokens::read;

    fn nodes(script: &str) -> Vec<Node> {
        let tokens = read(script.as_bytes()).unwrap();
        chain(script.as_bytes(), &tokens, 0..tokens.len(), 0)
    }

    fn heads_of(nodes: &[Node]) -> Vec<&str> {
        nodes.iter().map(|n| n.head.as_str()).collect()
    }

    #[test]
    fn a_chain_is_a_list_and_blocks_lie_below() {
        let nodes = nodes("if -n { test a } { x }\nexec -a b prog \"c d\"");
        assert_eq!(heads_of(&nodes), ["if -n { … }", "{ … } exec -a b prog \"c d\""]);
        assert_eq!(nodes[0].blocks[0].name, "command");
        assert_eq!(heads_of(&nodes[0].blocks[0].nodes), ["test a"]);
    }

    #[test]
    fn options_and_words_are_named() {
        let found = nodes("importas -iD x key VAR cd ${key} prog");
        assert_eq!(heads_of(&found), ["importas -iD x key VAR", "cd ${key}", "prog"]);
        let [Note::Option(i, meaning), Note::Option(d, _), Note::Word(key, value), ..] =
            &found[0].notes[..]
        else {
            panic!("{:?}", found[0].notes)
        };
        assert_eq!((i.as_str(), d.as_str()), ("-i", "-D x"));
        assert!(!meaning.is_empty() && !found[0].summary.is_empty());
        assert_eq!((key.as_str(), value.as_str()), ("key", "key"));
        assert_eq!(found[1].notes, [Note::Word("path".to_owned(), "${key}".to_owned())]);
    }

    #[test]
    fn cases_and_directives() {
        let found = nodes("case a { b* { x } c { y } } z");
        let names: Vec<&str> = found[0].blocks.iter().map(|b| b.name.as_str()).collect();
        assert_eq!((names, heads_of(&found)), (vec!["b*", "c"], vec!["case a { … }", "z"]));
        let found = nodes("multisubstitute { define a b importas -S c } z");
        assert_eq!(heads_of(&found[0].blocks[0].nodes), ["define a b", "importas -S c"]);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let found = nodes("if test x");
        assert_eq!(heads_of(&found), ["if test x"]);
        assert!(matches!(found[0].notes[..], [Note::Trouble(_)]));
        let deep = format!("{}x{}", "foreground { ".repeat(1000), " }".repeat(1000));
        assert_eq!(nodes(&deep).len(), 1);
    }
}

//! A manual as text for a terminal, or for a file.

use super::{Block, Manual};

/// How a manual is shown.
#[derive(Clone, Copy)]
pub struct Look {
    /// The width of a line, in columns.
    pub width: usize,
    /// Names are bold and placeholders are underlined.
    pub styled: bool,
}

/// Lines longer than this are tiring, however wide the terminal is.
const WIDEST: usize = 92;

/// Terms shorter than this have their meaning beside them.
const TERM: usize = 14;

const PROSE: usize = 2;

/// The whole manual.
pub fn render(manual: &Manual, look: Look) -> String {
    let mut page = Page { out: String::new(), look: look.within() };
    let head = if manual.synopsis.is_empty() { manual.title } else { manual.name };
    page.out.push_str(&page.bold(head));
    page.out.push_str(" - ");
    page.fill(&plain_end(manual.summary), 4, head.len() + 3);
    if !manual.synopsis.is_empty() {
        page.out.push('\n');
        page.indent(PROSE);
        let words: Vec<Word> =
            manual.synopsis.split(' ').map(|word| synopsis(word, manual)).collect();
        page.words(&words, PROSE + 4, PROSE);
    }
    let mut before = Block::Heading("");
    for block in manual.blocks() {
        page.block(block, before);
        before = block;
    }
    page.out
}

/// The summary as a line of a list.
pub fn plain_end(summary: &str) -> String {
    let mut chars = summary.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_lowercase).collect();
    let lower = match summary.chars().nth(1) {
        Some(second) if second.is_lowercase() || second == ' ' => first + chars.as_str(),
        _ => summary.to_owned(),
    };
    lower.strip_suffix('.').map(str::to_owned).unwrap_or(lower)
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    Plain,
    Bold,
    Under,
}

/// A piece between two blanks; its parts have different styles.
type Word = Vec<(Style, String)>;

/// A word of a usage line: what is typed as it stands is bold, what stands for something is
/// underlined.
fn synopsis(word: &str, manual: &Manual) -> Word {
    let style = match word {
        "[" | "]" | "|" => Style::Plain,
        "{" | "}" => Style::Bold,
        _ if word == manual.name || word.starts_with(['-', '+']) => Style::Bold,
        _ => Style::Under,
    };
    vec![(style, word.to_owned())]
}

/// The words of a text with code spans. A blank in a span breaks no line where it is short.
fn words(text: &str) -> Vec<Word> {
    let (mut all, mut word) = (Vec::new(), Word::new());
    for (at, part) in text.split('`').enumerate() {
        let code = at % 2 == 1;
        let style = if code { Style::Bold } else { Style::Plain };
        for (nth, piece) in part.split(' ').enumerate() {
            if nth > 0 && !word.is_empty() {
                all.push(std::mem::take(&mut word));
            }
            if !piece.is_empty() {
                word.push((style, piece.to_owned()));
            }
        }
    }
    all.extend((!word.is_empty()).then_some(word));
    all
}

impl Look {
    fn within(self) -> Look {
        Look { width: self.width.clamp(30, WIDEST), ..self }
    }
}

struct Page {
    out: String,
    look: Look,
}

impl Page {
    fn block(&mut self, block: Block, before: Block) {
        let joined = match (block, before) {
            (Block::Term(..), Block::Term(..) | Block::Heading(_)) => true,
            (Block::Item(_), Block::Item(_)) | (Block::Code(_), Block::Code(_)) => true,
            (_, Block::Heading(title)) => !title.is_empty(),
            _ => false,
        };
        if !joined {
            self.out.push('\n');
        }
        match block {
            Block::Heading(title) => {
                let title = self.bold(title);
                self.out.push_str(&title);
                self.out.push('\n');
            }
            Block::Text(text) => {
                self.indent(PROSE);
                self.fill(text, PROSE, PROSE);
            }
            Block::Item(text) => {
                self.indent(PROSE);
                self.out.push_str("- ");
                self.fill(text, PROSE + 2, PROSE + 2);
            }
            Block::Code(line) => {
                self.indent(PROSE + 4);
                self.out.push_str(line);
                self.out.push('\n');
            }
            Block::Term(term, meaning) => self.term(term, meaning),
        }
    }

    fn term(&mut self, term: &str, meaning: &str) {
        self.indent(PROSE);
        let words = words(term);
        let length = width(&words);
        let column = PROSE + TERM;
        self.words_open(&words, PROSE, PROSE);
        if length + 2 > TERM {
            self.out.push('\n');
            self.indent(column);
        } else {
            self.indent(TERM - length);
        }
        self.fill(meaning, column, column);
    }

    fn indent(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }

    fn bold(&self, text: &str) -> String {
        self.painted(Style::Bold, text)
    }

    fn painted(&self, style: Style, text: &str) -> String {
        match style {
            Style::Bold if self.look.styled => format!("\x1b[1m{text}\x1b[0m"),
            Style::Under if self.look.styled => format!("\x1b[4m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }

    /// A text whose first line begins at column `at`; further lines are indented.
    fn fill(&mut self, text: &str, further: usize, at: usize) {
        self.words(&words(text), further, at);
    }

    fn words(&mut self, words: &[Word], further: usize, at: usize) {
        self.words_open(words, further, at);
        self.out.push('\n');
    }

    fn words_open(&mut self, words: &[Word], further: usize, mut at: usize) {
        for (nth, word) in words.iter().enumerate() {
            let length = length(word);
            if nth > 0 && at + 1 + length > self.look.width {
                self.out.push('\n');
                self.indent(further);
                at = further;
            } else if nth > 0 {
                self.out.push(' ');
                at += 1;
            }
            for (style, text) in word {
                let text = self.painted(*style, text);
                self.out.push_str(&text);
            }
            at += length;
        }
    }
}

fn length(word: &Word) -> usize {
    word.iter().map(|(_, text)| text.chars().count()).sum()
}

fn width(words: &[Word]) -> usize {
    words.iter().map(length).sum::<usize>() + words.len().saturating_sub(1)
}

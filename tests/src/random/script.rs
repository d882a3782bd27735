//! A script as a tree, which can be made smaller, and as text.

/// A part of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A word as it stands in the source, quotes and all; also a comment, or a stray brace.
    Word(Vec<u8>),
    /// A block.
    Block(Vec<Item>),
}

/// A script and what it is run with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The options of `execlineb`.
    pub options: Vec<Vec<u8>>,
    /// The words.
    pub items: Vec<Item>,
    /// The arguments.
    pub arguments: Vec<Vec<u8>>,
    /// Variables besides PATH, each once.
    pub environment: Vec<(Vec<u8>, Vec<u8>)>,
    /// What stands in the file `e1`, for `envfile`.
    pub envfile: Vec<u8>,
    /// The standard input.
    pub input: Vec<u8>,
}

impl Item {
    /// A word that is written as it is.
    pub fn plain(word: &str) -> Item {
        Item::Word(word.as_bytes().to_vec())
    }
}

/// The source of these items.
pub fn text(items: &[Item]) -> Vec<u8> {
    let mut out = Vec::new();
    write(items, 0, &mut out);
    out
}

fn write(items: &[Item], depth: usize, out: &mut Vec<u8>) {
    for item in items {
        match item {
            Item::Word(word) => {
                out.extend_from_slice(word);
                // What ends in a newline is a comment or the like.
                if !word.ends_with(b"\n") {
                    out.push(b' ');
                }
            }
            Item::Block(inner) => {
                out.extend_from_slice(b"{ ");
                write(inner, depth + 1, out);
                out.extend_from_slice(b"}");
                out.push(if depth == 0 { b'\n' } else { b' ' });
            }
        }
    }
    if depth == 0 {
        out.push(b'\n');
    }
}

impl std::fmt::Display for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let shown = |words: &[Vec<u8>]| {
            words.iter().map(|w| format!(" \"{}\"", w.escape_ascii())).collect::<String>()
        };
        writeln!(f, "options:{}", shown(&self.options))?;
        writeln!(f, "arguments:{}", shown(&self.arguments))?;
        for (name, value) in &self.environment {
            writeln!(f, "environment: {}={}", name.escape_ascii(), value.escape_ascii())?;
        }
        let text = text(&self.items);
        writeln!(f, "script: {}", text.escape_ascii())?;
        if text.windows(2).any(|w| w == b"e1") {
            writeln!(f, "e1: \"{}\"", self.envfile.escape_ascii())?;
        }
        writeln!(f, "input: \"{}\"\n----", self.input.escape_ascii())?;
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

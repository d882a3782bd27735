//! The manuals of all commands and of the language.
//!
//! They are written once, in the specification's pages; `build.rs` makes one text of them, which
//! is taken apart when somebody asks for a manual. The program that ships has that text in a file
//! of its installation ([`store`]).

pub mod roff;
pub mod store;
pub mod terminal;

/// A manual.
#[derive(Clone, Copy, Debug)]
pub struct Manual {
    /// The command's name, or the topic's.
    pub name: &'static str,
    /// The manual's section: `1` commands, `7` the language, `8` administration.
    pub section: &'static str,
    /// The page's heading: the name, or a topic's title.
    pub title: &'static str,
    /// What it is about, in one sentence. Markdown's code spans are in it.
    pub summary: &'static str,
    /// A command's usage line; empty for a topic.
    pub synopsis: &'static str,
    body: &'static str,
}

/// A piece of a manual's body. Texts have Markdown's code spans in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(&'static str),
    /// The heading of what follows; what comes before the first is the description.
    Heading(&'static str),
    /// An item of a list.
    Item(&'static str),
    /// A term, as an option or an exit code, and what it means.
    Term(&'static str, &'static str),
    /// A line of an example.
    Code(&'static str),
}

impl Manual {
    fn of(record: &'static str) -> Manual {
        let mut parts = record.splitn(6, '\n');
        let mut next = || parts.next().unwrap_or("");
        Manual {
            name: next(),
            section: next(),
            title: next(),
            summary: next(),
            synopsis: next(),
            body: next(),
        }
    }

    /// What is said, in order.
    pub fn blocks(&self) -> impl Iterator<Item = Block> + use<> {
        self.body.lines().filter_map(|line| {
            let (kind, text) = line.split_at_checked(1)?;
            Some(match kind {
                "h" => Block::Heading(text),
                "l" => Block::Item(text),
                "c" => Block::Code(text),
                "t" => {
                    let (term, meaning) = text.split_once('\t').unwrap_or((text, ""));
                    Block::Term(term, meaning)
                }
                _ => Block::Text(text),
            })
        })
    }

    /// The rows of the table of options: what the option looks like (`-o codes`, in a code
    /// span), and what it does.
    pub fn options(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let mut inside = false;
        self.blocks().filter_map(move |block| match block {
            Block::Heading(title) => {
                inside = title == "Options";
                None
            }
            Block::Term(term, meaning) if inside => Some((term, meaning)),
            _ => None,
        })
    }

    /// What an option does; its letter may share a row with others.
    pub fn option(&self, letter: u8) -> Option<&'static str> {
        let named = |term: &str| {
            spans(term)
                .any(|s| s.as_bytes().strip_prefix(b"-").and_then(<[u8]>::first) == Some(&letter))
        };
        self.options().find(|(term, _)| named(term)).map(|(_, meaning)| meaning)
    }
}

/// The code spans of a text.
pub fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The manual of that name.
pub fn find(name: &str) -> Option<Manual> {
    all().find(|manual| manual.name == name)
}

/// The manual of a command or topic, also by the name that its man page has
/// (`execline-blocks`).
pub fn topic(name: &str) -> Option<Manual> {
    find(name).or_else(|| find(name.strip_prefix("execline-")?).filter(|m| m.section == "7"))
}

/// All manuals, sorted by name; none where their file is not there.
pub fn all() -> impl Iterator<Item = Manual> {
    store::text().into_iter().flat_map(|text| text.split(store::BETWEEN)).map(Manual::of)
}

#[cfg(test)]
mod extract;
#[cfg(test)]
mod tests;

//! The tree as text.

use super::tree::{Node, Note};

/// The lines: the first line's launcher, then the chain.
pub fn text(launcher: Option<&Node>, nodes: &[Node], styled: bool) -> String {
    let all = launcher.into_iter().chain(nodes);
    let width = all.clone().map(last_line).max().unwrap_or(1).to_string().len();
    let mut show = Show { out: String::new(), width, styled };
    for node in all {
        show.node(node, "");
    }
    show.out
}

fn last_line(node: &Node) -> usize {
    let below = node.blocks.iter().flat_map(|b| &b.nodes).map(last_line);
    below.max().unwrap_or(0).max(node.line)
}

struct Show {
    out: String,
    /// Of the numbers of lines.
    width: usize,
    styled: bool,
}

impl Show {
    fn line(&mut self, number: Option<usize>, guide: &str, text: &str) {
        let number = number.map(|n| n.to_string()).unwrap_or_default();
        let line = format!("{number:>width$} {guide}{text}", width = self.width);
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn node(&mut self, node: &Node, guide: &str) {
        let head = match self.styled {
            true => format!("\x1b[1m{}\x1b[0m", node.head),
            false => node.head.clone(),
        };
        self.line(Some(node.line), guide, &head);
        let inner = format!("{guide}    ");
        if !node.summary.is_empty() {
            self.line(None, &inner, &node.summary);
        }
        for note in &node.notes {
            let text = match note {
                Note::Option(option, meaning) => format!("{option}: {meaning}"),
                Note::Word(name, words) => format!("{name}: {words}"),
                Note::Trouble(text) => text.clone(),
            };
            self.line(None, &inner, &text);
        }
        for block in &node.blocks {
            self.line(None, &inner, &format!("{} {{", block.name));
            let below = format!("{inner}│ ");
            for node in &block.nodes {
                self.node(node, &below);
            }
            self.line(None, &inner, "}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Block;
    use super::*;

    #[test]
    fn blocks_are_indented_with_a_guide() {
        let leaf = |line, head: &str| Node {
            line,
            head: head.to_owned(),
            summary: "It is so.".to_owned(),
            ..Node::default()
        };
        let mut node = leaf(9, "if { … }");
        node.notes = vec![
            Note::Option("-n".to_owned(), "Not.".to_owned()),
            Note::Word("key".to_owned(), "x".to_owned()),
        ];
        node.blocks = vec![Block { name: "test".to_owned(), nodes: vec![leaf(10, "a b")] }];
        let shown = text(None, &[node, leaf(11, "c")], false);
        assert_eq!(
            shown,
            " 9 if { … }\n       It is so.\n       -n: Not.\n       key: x\n       test {\n\
             10     │ a b\n       │     It is so.\n       }\n11 c\n       It is so.\n"
        );
        assert!(text(None, &[leaf(1, "c")], true).contains("\x1b[1mc\x1b[0m\n"));
    }
}

//! For people: a tree, in which below each service stands what it needs.

use super::view::{Node, View};
use crate::operator::timeline::time;
use crate::rc::compiled::Kind;
use interpreter::diagnose::shown;

/// The tree. With `dependents` below each service stands what needs it; with `styled` states are in
/// colour.
pub fn tree(view: &View, dependents: bool, styled: bool) -> String {
    let below: Vec<Vec<usize>> = match dependents {
        true => view.dependents(),
        false => view.nodes.iter().map(|node| node.needs.clone()).collect(),
    };
    let mut above = vec![0; view.nodes.len()];
    below.iter().flatten().for_each(|&i| above[i] += 1);
    let mut lines: Vec<(String, usize)> = Vec::new();
    let mut seen = vec![false; view.nodes.len()];
    for root in (0..view.nodes.len()).filter(|&i| above[i] == 0) {
        descend(view, &below, root, &mut seen, &mut lines);
    }
    let width = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (line, i) in lines {
        let facts = facts(view, &view.nodes[i], styled);
        let room = width - line.chars().count() + 2;
        text += &format!("{line}{}{facts}\n", " ".repeat(room));
    }
    for (name, contents) in &view.bundles {
        let names: Vec<String> = contents.iter().map(|&i| shown(view.nodes[i].name)).collect();
        text += &format!("bundle {}: {}\n", shown(name), names.join(" "));
    }
    text
}

/// Writes a service and what is below it. What is below one that was written before is not
/// written again.
fn descend(
    view: &View,
    below: &[Vec<usize>],
    root: usize,
    seen: &mut [bool],
    lines: &mut Vec<(String, usize)>,
) {
    // The node, what stands in front of it, and in front of what is below it.
    let mut todo = vec![(root, String::new(), String::new())];
    while let Some((i, front, inner)) = todo.pop() {
        let again = std::mem::replace(&mut seen[i], true) && !below[i].is_empty();
        let mark = if again { " (see above)" } else { "" };
        lines.push((format!("{front}{}{mark}", shown(view.nodes[i].name)), i));
        if again {
            continue;
        }
        for (place, &child) in below[i].iter().enumerate().rev() {
            let last = place + 1 == below[i].len();
            let (branch, bar) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            todo.push((child, format!("{inner}{branch}"), format!("{inner}{bar}")));
        }
    }
}

/// What there is to be said of a service.
pub fn facts(view: &View, node: &Node, styled: bool) -> String {
    let mut facts = match node.kind {
        Kind::Longrun => "longrun".to_owned(),
        Kind::Oneshot => "oneshot".to_owned(),
    };
    if node.essential {
        facts += ", essential";
    }
    if let Some(state) = node.state {
        let [begin, end] = if styled { [state.style(), "\x1b[0m"] } else { [""; 2] };
        facts += &format!(", {begin}{}{end}", state.name());
    }
    if let Some(took) = node.took {
        facts += &format!(", came up in {}", time(took));
    }
    if let Some(consumer) = node.consumer {
        facts += &format!(", writes to {}", shown(view.nodes[consumer].name));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::graph::view::State;

    #[test]
    fn states_are_in_colour_where_that_is_wanted() {
        let node = Node {
            name: b"db",
            kind: Kind::Longrun,
            essential: false,
            needs: Vec::new(),
            consumer: None,
            state: Some(State::Failed),
            took: None,
        };
        let view = View { nodes: vec![node], bundles: Vec::new() };
        assert_eq!(tree(&view, false, false), "db  longrun, failed\n");
        assert_eq!(tree(&view, false, true), "db  longrun, \x1b[1;31mfailed\x1b[0m\n");
    }
}

//! The languages of other programs that draw graphs: DOT (Graphviz) and Mermaid.

use super::view::{Node, View};
use crate::operator::timeline::time;
use crate::rc::compiled::Kind;
use interpreter::diagnose::shown;

/// DOT: an arrow leads from a service to what it needs.
pub fn dot(view: &View) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = "digraph services {\n  rankdir=LR;\n".to_owned();
    text += "  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=monospace];\n";
    for node in &view.nodes {
        let name = quoted(&shown(node.name));
        let mut attributes = Vec::new();
        if let Some(took) = node.took {
            // A backslash and an n are a new line in DOT.
            let label = format!("{}\\n{}\"", name.trim_end_matches('"'), time(took));
            attributes.push(format!("label={label}"));
        }
        if node.kind == Kind::Oneshot {
            attributes.push("shape=ellipse".to_owned());
        }
        if node.essential {
            attributes.push("penwidth=2".to_owned());
        }
        if let Some(state) = node.state {
            attributes.push(format!("fillcolor=\"{}\"", state.color()));
        }
        match attributes.is_empty() {
            true => text += &format!("  {name};\n"),
            false => text += &format!("  {name} [{}];\n", attributes.join(", ")),
        }
    }
    for (from, to, pipe) in edges(view) {
        let ends = [from, to].map(|node| quoted(&shown(node.name)));
        let style = if pipe { " [style=bold, color=blue]" } else { "" };
        text += &format!("  {} -> {}{style};\n", ends[0], ends[1]);
    }
    text + "}\n"
}

/// Mermaid's flow chart.
pub fn mermaid(view: &View) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for (i, node) in view.nodes.iter().enumerate() {
        let mut label = shown(node.name).replace('#', "#35;").replace('"', "#quot;");
        label = label.replace('&', "#amp;").replace('<', "#lt;").replace('>', "#gt;");
        if let Some(took) = node.took {
            label += &format!("<br/>{}", time(took));
        }
        let (open, close) = match node.kind {
            Kind::Longrun => ("[", "]"),
            Kind::Oneshot => ("([", "])"),
        };
        text += &format!("  n{i}{open}\"{label}\"{close}\n");
        if let Some(state) = node.state {
            text += &format!("  style n{i} fill:{}\n", state.color());
        }
        if node.essential {
            text += &format!("  style n{i} stroke-width:3px\n");
        }
    }
    let place = |node: &Node| view.nodes.iter().position(|other| std::ptr::eq(node, other));
    for (from, to, pipe) in edges(view) {
        let (Some(from), Some(to)) = (place(from), place(to)) else { continue };
        text += &format!("  n{from} {} n{to}\n", if pipe { "==>" } else { "-->" });
    }
    text
}

/// Who needs whom, and whether the one writes to the other.
fn edges(view: &View) -> impl Iterator<Item = (&Node, &Node, bool)> {
    view.nodes.iter().flat_map(move |node| {
        node.needs.iter().map(move |&i| (node, &view.nodes[i], node.consumer == Some(i)))
    })
}

//! A drawing, as SVG.

use super::layout::places;
use super::text::facts;
use super::view::View;
use crate::operator::timeline::time;
use crate::rc::compiled::Kind;
use interpreter::diagnose::shown;

/// Pixels: a letter's width, a node's height, what is between two nodes across and down.
const LETTER: usize = 8;
const HEIGHT: usize = 40;
const ACROSS: usize = 70;
const DOWN: usize = 16;
const MARGIN: usize = 20;

/// The drawing: what a service needs stands to its left.
pub fn drawing(view: &View) -> String {
    let needs: Vec<Vec<usize>> = view.nodes.iter().map(|node| node.needs.clone()).collect();
    let places = places(&needs);
    let labels: Vec<String> = view.nodes.iter().map(|node| shown(node.name)).collect();
    let columns = places.iter().map(|place| place.0 + 1).max().unwrap_or(0);
    let rows = places.iter().map(|place| place.1 + 1).max().unwrap_or(0);
    let mut widths = vec![0; columns];
    for (label, (column, _)) in labels.iter().zip(&places) {
        widths[*column] = widths[*column].max((label.chars().count().max(8) + 2) * LETTER);
    }
    let left = |column: usize| MARGIN + widths[..column].iter().map(|w| w + ACROSS).sum::<usize>();
    let top = |row: usize| MARGIN + row * (HEIGHT + DOWN);
    let width = left(columns) + MARGIN - if columns > 0 { ACROSS } else { 0 };
    let height = top(rows) + MARGIN;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"monospace\" font-size=\"13\">\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#555\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (i, node) in view.nodes.iter().enumerate() {
        for &need in &node.needs {
            let from = (left(places[i].0), top(places[i].1) + HEIGHT / 2);
            let to =
                (left(places[need].0) + widths[places[need].0], top(places[need].1) + HEIGHT / 2);
            let bend = ACROSS / 2;
            let style =
                if node.consumer == Some(need) { "#2255cc\" stroke-width=\"2" } else { "#555" };
            text += &format!(
                "<path d=\"M{} {}C{} {} {} {} {} {}\" fill=\"none\" stroke=\"{style}\" \
                 marker-end=\"url(#tip)\"/>\n",
                from.0,
                from.1,
                from.0 - bend,
                from.1,
                to.0 + bend,
                to.1,
                to.0,
                to.1
            );
        }
    }
    for ((node, label), &(column, row)) in view.nodes.iter().zip(&labels).zip(&places) {
        let (x, y, width) = (left(column), top(row), widths[column]);
        let round = if node.kind == Kind::Oneshot { HEIGHT / 2 } else { 4 };
        let fill = node.state.map_or("#f4f6fa", super::view::State::color);
        let stroke = if node.essential { 3 } else { 1 };
        let told = node.took.map_or_else(
            || if node.kind == Kind::Oneshot { "oneshot".to_owned() } else { "longrun".to_owned() },
            time,
        );
        text += &format!(
            "<g><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" \
             rx=\"{round}\" fill=\"{fill}\" stroke=\"#333\" stroke-width=\"{stroke}\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-size=\"10\" fill=\"#555\">{told}</text>\
             </g>\n",
            escaped(&format!("{label}: {}", facts(view, node, false))),
            x + width / 2,
            y + 17,
            escaped(label),
            x + width / 2,
            y + 31,
        );
    }
    text + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

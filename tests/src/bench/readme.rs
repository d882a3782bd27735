//! README.md's figures: a block between two marks, written from the report, each claim with a link to
//! its row.

use super::markdown::with_unit;
use super::model::Report;

const BEGIN: &str = "<!-- figures -->\n";
const END: &str = "<!-- /figures -->";

/// The rows that README tells of, and its words for them.
pub const CLAIMS: &[(&str, &str)] = &[
    ("start-0", "a script without a word of its own"),
    ("start-0-to-exec", "the same, from its start to its exec"),
    ("start-20", "a script of 20 built-in words"),
    ("start-20-to-exec", "the same, from its start to its exec"),
    ("container-empty-whole", "an empty container, from its init's exec to its end"),
    ("container-legacy-100-up", "100 services of `services.d`, to the CMD"),
    ("container-rc-100-up", "100 services of s6-rc that say when they are ready, to the CMD"),
    ("container-stop-100", "a container of 100 services, from SIGTERM to its end"),
    ("counts-syscalls-0", "system calls of an empty boot"),
    ("memory-tree-100-pss", "memory (PSS) of supervision with 100 services"),
    ("supervision-restart", "from a service's death to its next start"),
    ("logging-plain-lines", "lines through the logger"),
    ("graph-compile-1000", "1,000 definitions, compiled"),
    ("size-wire", "what is fetched to install it"),
];

/// The table of them, with what the report knows.
pub fn figures(report: &Report) -> String {
    let mut out = String::from("| | chainit | best peer | ratio |\n|---|--:|--:|--:|\n");
    for (anchor, words) in CLAIMS {
        let Some(table) = report.tables.iter().find(|t| t.anchor == *anchor) else { continue };
        let Some(ours) = table.our_median() else { continue };
        let (peer, ratio) = match table.best_peer() {
            Some((peer, theirs)) => {
                let ratio =
                    if theirs == 0.0 { "-".into() } else { format!("{:.2}", ours / theirs) };
                (format!("{}, {}", peer.name, with_unit(theirs, table.unit)), ratio)
            }
            None => ("none".into(), "-".into()),
        };
        let ours = with_unit(ours, table.unit);
        out += &format!("| [{words}](BENCHMARKS.md#{anchor}) | {ours} | {peer} | {ratio} |\n");
    }
    out
}

/// The text with another block between the marks. Nothing if the marks are not there.
pub fn replaced(readme: &str, figures: &str) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{figures}{END}{after}"))
}

/// The anchors of BENCHMARKS.md that a text links to.
pub fn links(text: &str) -> Vec<&str> {
    let parts = text.split("(BENCHMARKS.md#").skip(1);
    parts.filter_map(|rest| rest.split_once(')').map(|(anchor, _)| anchor)).collect()
}

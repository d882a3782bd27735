//! The report as BENCHMARKS.md.

use super::explain::Behind;
use super::model::{Better, Curve, Entry, Report, Role, Table};
use super::number::short;
use super::options::SECTIONS;

/// Where the plots and the data are, seen from the page.
pub const BESIDE: &str = "tests/benchmarks";

/// The page.
pub fn page(report: &Report, curves: &[Curve], behind: &[Behind], beside: &str) -> String {
    let machine = &report.machine;
    let mut out = String::from("# Benchmarks\n\n");
    out += "Written by one command, which measures everything anew; nothing here is edited by hand:\n\n";
    out += &format!("```sh\n{}\n```\n\n", machine.command);
    if let Some(warning) = &machine.warning {
        out += &format!("> **{warning}**\n\n");
    }
    out += "All contestants of a row take turns, in an order that rotates, so that whatever else the \
            machine does falls on all alike. The ratio is a median's to the best peer's; below 1 is \
            better, for times and for sizes, above 1 for what there should be more of. A floor is what \
            no contestant can be better than, and no peer. Who differs by less than 2 % is level.\n\n";
    out += &format!(
        "The same with plots: [a page]({beside}/index.html). Each value that was measured: \
         [CSV]({beside}/raw.csv), [JSON]({beside}/raw.json).\n\n"
    );
    out += "## Machine and versions\n\n| | |\n|---|---|\n";
    for (name, value) in machine.facts.iter().chain(&machine.versions) {
        out += &format!("| {} | {} |\n", cell(name), cell(value));
    }
    out += &summary(report, behind);
    out += &explained(behind);
    out += &scaling(curves, beside);
    for section in report.sections() {
        let about = SECTIONS.iter().find(|s| s.0 == section).map_or("", |s| s.1);
        out += &format!("\n## {}\n\n{}.\n", capital(section), capital(about));
        for table in report.tables.iter().filter(|t| t.section == section) {
            out += &details(table);
        }
    }
    out
}

/// A row for each table: ours, the best peer, and which of them it is.
fn summary(report: &Report, behind: &[Behind]) -> String {
    let mut out = String::from(
        "\n## All rows\n\n| row | ours | best peer | ratio | |\n|---|--:|--:|--:|---|\n",
    );
    for table in &report.tables {
        let ours = table.our_median().map_or("failed".into(), |m| with_unit(m, table.unit));
        let (peer, ratio) = match table.best_peer() {
            Some((peer, median)) => {
                let ours = table.entries.iter().find(|e| e.role == Role::Ours);
                let ratio = ours.and_then(|e| table.ratio(e));
                let peer = format!("{} {}", cell(&peer.name), with_unit(median, table.unit));
                (peer, ratio.map_or("-".into(), |r| format!("{r:.2}")))
            }
            None => ("none".into(), "-".into()),
        };
        let verdict = if table.our_median().is_none() || table.best_peer().is_none() {
            ""
        } else if behind.iter().any(|b| b.anchor == table.anchor) {
            "[behind](#behind)"
        } else {
            "ahead or level"
        };
        let (anchor, title) = (&table.anchor, cell(&table.title));
        out += &format!("| [{title}](#{anchor}) | {ours} | {peer} | {ratio} | {verdict} |\n");
    }
    out
}

fn explained(behind: &[Behind]) -> String {
    let mut out = String::from("\n<a id=\"behind\"></a>\n## Where ours is behind, and why\n\n");
    if behind.is_empty() {
        out += "Nowhere.\n";
    }
    for row in behind {
        out += &format!(
            "- [{}](#{}): {:.2} of {}: {}.\n",
            row.title,
            row.anchor,
            row.ratio,
            row.peer,
            row.why.unwrap_or("**nobody has said why yet**")
        );
    }
    out
}

fn scaling(curves: &[Curve], beside: &str) -> String {
    let mut out = String::from(
        "\n<a id=\"scaling\"></a>\n## Scaling\n\nThe exponent of the power of N that fits the medians \
         at 10 and more best (least squares on the logarithms): 1 is linear, 0 does not grow.\n",
    );
    for curve in curves {
        let anchor = curve.anchor();
        out += &format!("\n<a id=\"{anchor}\"></a>\n### {}\n\n", curve.title);
        out += &format!("![{}]({beside}/{anchor}.svg)\n\n", curve.title);
        out += "| | exponent | medians |\n|---|--:|---|\n";
        for line in &curve.lines {
            let fit = line.fit.map_or("-".into(), |f| format!("{:.2}", f.exponent));
            let points: Vec<String> =
                line.points.iter().map(|(n, v)| format!("{n}: {}", short(*v))).collect();
            let name = named(&line.name, line.role);
            out += &format!("| {name} | {fit} | {} ({}) |\n", points.join("; "), curve.unit);
        }
    }
    out
}

fn details(table: &Table) -> String {
    let better = if table.better == Better::More { "; more is better" } else { "" };
    let mut out = format!(
        "\n<a id=\"{}\"></a>\n### {}\n\n{} In {}{better}.\n\n\
         | | median | p10 | p90 | ratio | rounds |\n|---|--:|--:|--:|--:|--:|\n",
        table.anchor, table.title, table.how, table.unit
    );
    for entry in &table.entries {
        out += &row(table, entry);
    }
    out
}

fn row(table: &Table, entry: &Entry) -> String {
    let name = named(&entry.name, entry.role);
    if entry.values.is_empty() {
        let why = entry.failed.as_deref().unwrap_or("nothing was measured");
        return format!("| {name} | {} | | | | |\n", cell(why));
    }
    let at = |percent| entry.at(percent).map_or("-".into(), short);
    let ratio = match entry.role {
        Role::Floor => "floor".into(),
        _ => table.ratio(entry).map_or("-".into(), |r| format!("{r:.2}")),
    };
    let note = entry.failed.as_deref().map_or(String::new(), |why| format!(" ({})", cell(why)));
    format!(
        "| {name}{note} | {} | {} | {} | {ratio} | {} |\n",
        at(50),
        at(10),
        at(90),
        entry.values.len()
    )
}

fn named(name: &str, role: Role) -> String {
    if role == Role::Ours { format!("**{}**", cell(name)) } else { cell(name) }
}

/// A number and what it counts.
pub fn with_unit(value: f64, unit: &str) -> String {
    format!("{} {unit}", short(value))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// With a capital at its beginning.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or(String::new(), |c| c.to_uppercase().collect::<String>() + letters.as_str())
}

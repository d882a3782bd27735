//! The report as one page of HTML, with the plots in it and nothing from elsewhere.

use super::explain::Behind;
use super::markdown::{capital, with_unit};
use super::model::{Curve, Report, Role, Table};
use super::number::short;
use super::options::SECTIONS;
use super::plot::{bars, curve, escape};

const STYLE: &str = "
body{font:15px/1.45 sans-serif;color:#222;max-width:900px;margin:2em auto;padding:0 1em}
table{border-collapse:collapse;margin:.5em 0}td,th{padding:.15em .6em;border-bottom:1px solid #ddd;\
text-align:right;vertical-align:top}td:first-child,th:first-child{text-align:left}
.ours{font-weight:bold}.behind{color:#a93226}.why{text-align:left}pre{background:#f4f4f4;padding:.6em;overflow:auto}
svg{max-width:100%;height:auto;display:block;margin:.6em 0}h2{margin-top:2em}h3{margin-bottom:.2em}
.warning{border:2px solid #a93226;padding:.5em 1em}.how{color:#555}
";

/// The page.
pub fn page(report: &Report, curves: &[Curve], behind: &[Behind]) -> String {
    let machine = &report.machine;
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>chainit: benchmarks</title>\n\
         <style>{STYLE}</style>\n<h1>chainit: benchmarks</h1>\n<p>Written by</p><pre>{}</pre>\n",
        escape(&machine.command)
    );
    if let Some(warning) = &machine.warning {
        out += &format!("<p class=\"warning\">{}</p>\n", escape(warning));
    }
    out += "<p>All contestants of a row take turns, in an order that rotates. Bars are medians, the \
            line on a bar goes from p10 to p90, grey is a floor, which is no peer. \
            Raw data: <a href=\"raw.csv\">CSV</a>, <a href=\"raw.json\">JSON</a>.</p>\n<p>";
    let mut links = vec![("all", "all rows"), ("behind", "behind"), ("scaling", "scaling")];
    links.extend(report.sections().into_iter().map(|s| (s, s)));
    let links: Vec<String> =
        links.iter().map(|(id, name)| format!("<a href=\"#{id}\">{name}</a>")).collect();
    out += &format!("{}</p>\n<h2>Machine and versions</h2>\n<table>\n", links.join(" · "));
    for (name, value) in machine.facts.iter().chain(&machine.versions) {
        let (name, value) = (escape(name), escape(value));
        out += &format!("<tr><td>{name}<td class=\"why\">{value}\n");
    }
    out += "</table>\n";
    out += &summary(report, behind);
    out += &explained(behind);
    out += "<h2 id=\"scaling\">Scaling</h2>\n";
    for one in curves {
        out += &format!("<div id=\"{}\">\n{}</div>\n", one.anchor(), curve(one));
    }
    for section in report.sections() {
        let about = SECTIONS.iter().find(|s| s.0 == section).map_or("", |s| s.1);
        let (name, about) = (capital(section), escape(&capital(about)));
        out += &format!("<h2 id=\"{section}\">{name}</h2>\n<p>{about}.</p>\n");
        for table in report.tables.iter().filter(|t| t.section == section) {
            out += &details(table);
        }
    }
    out + "</html>\n"
}

fn summary(report: &Report, behind: &[Behind]) -> String {
    let mut out = String::from(
        "<h2 id=\"all\">All rows</h2>\n<table>\n<tr><th>row<th>ours<th>best peer<th>ratio<th>\n",
    );
    for table in &report.tables {
        let ours = table.entries.iter().find(|e| e.role == Role::Ours);
        let median = table.our_median().map_or("failed".into(), |m| with_unit(m, table.unit));
        let peer = table.best_peer().map_or("none".into(), |(peer, m)| {
            format!("{} {}", escape(&peer.name), with_unit(m, table.unit))
        });
        let ratio = ours.and_then(|e| table.ratio(e)).map_or("-".into(), |r| format!("{r:.2}"));
        let is_behind = behind.iter().any(|b| b.anchor == table.anchor);
        let verdict =
            if is_behind { "<a class=\"behind\" href=\"#behind\">behind</a>" } else { "" };
        let (anchor, title) = (&table.anchor, sentence(&table.title));
        out += &format!(
            "<tr><td><a href=\"#{anchor}\">{title}</a><td>{median}<td>{peer}<td>{ratio}<td>{verdict}\n"
        );
    }
    out + "</table>\n"
}

fn explained(behind: &[Behind]) -> String {
    let mut out = String::from("<h2 id=\"behind\">Where ours is behind, and why</h2>\n<ul>\n");
    for row in behind {
        let why = row.why.map_or("<b>nobody has said why yet</b>".into(), escape);
        let (title, peer) = (sentence(&row.title), escape(&row.peer));
        out += &format!(
            "<li><a href=\"#{}\">{title}</a>: {:.2} of {peer}: {why}.\n",
            row.anchor, row.ratio
        );
    }
    out + "</ul>\n"
}

/// A sentence with `code` in it.
fn sentence(text: &str) -> String {
    let parts = escape(text);
    let parts = parts.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.into() })
        .collect()
}

fn details(table: &Table) -> String {
    let mut out = format!(
        "<h3 id=\"{}\">{}</h3>\n<p class=\"how\">{}</p>\n{}<table>\n\
         <tr><th>{}<th>median<th>p10<th>p90<th>ratio<th>rounds\n",
        table.anchor,
        sentence(&table.title),
        sentence(&table.how),
        bars(table),
        escape(table.unit)
    );
    for entry in &table.entries {
        let class = if entry.role == Role::Ours { " class=\"ours\"" } else { "" };
        let name = escape(&entry.name);
        let note = entry.failed.as_deref().map(escape);
        if entry.values.is_empty() {
            let why = note.unwrap_or_else(|| "nothing was measured".into());
            out += &format!("<tr{class}><td>{name}<td class=\"why\" colspan=\"5\">{why}\n");
            continue;
        }
        let at = |percent| entry.at(percent).map_or("-".into(), short);
        let ratio = match entry.role {
            Role::Floor => "floor".into(),
            _ => table.ratio(entry).map_or("-".into(), |r| format!("{r:.2}")),
        };
        let note = note.map_or(String::new(), |why| format!(" ({why})"));
        out += &format!(
            "<tr{class}><td>{name}{note}<td>{}<td>{}<td>{}<td>{ratio}<td>{}\n",
            at(50),
            at(10),
            at(90),
            entry.values.len()
        );
    }
    out + "</table>\n"
}

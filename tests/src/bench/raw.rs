//! The raw data, for other programs.

use super::model::{Report, Role};

/// A line for each value.
pub fn csv(report: &Report) -> String {
    let mut out = String::from("section,anchor,title,n,unit,contestant,role,round,value\n");
    for table in &report.tables {
        let n = table.curve.map_or(String::new(), |c| c.1.to_string());
        for entry in &table.entries {
            for (round, value) in entry.values.iter().enumerate() {
                let head =
                    [table.section, &table.anchor, &table.title, &n, table.unit, &entry.name];
                for cell in head {
                    out += &quoted(cell);
                    out.push(',');
                }
                out += &format!("{},{round},{value}\n", role(entry.role));
            }
        }
    }
    out
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Ours => "ours",
        Role::Peer => "peer",
        Role::Floor => "floor",
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// The same with the machine, the way of measuring and the reasons for what failed.
pub fn json(report: &Report) -> String {
    let pairs = |pairs: &[(String, String)]| {
        let pairs: Vec<String> =
            pairs.iter().map(|(k, v)| format!("{}: {}", text(k), text(v))).collect();
        format!("{{{}}}", pairs.join(", "))
    };
    let machine = &report.machine;
    let mut out = format!(
        "{{\n\"machine\": {},\n\"versions\": {},\n\"command\": {},\n\"warning\": {},\n\"tables\": [\n",
        pairs(&machine.facts),
        pairs(&machine.versions),
        text(&machine.command),
        machine.warning.as_deref().map_or("null".into(), text),
    );
    let tables: Vec<String> = report.tables.iter().map(table).collect();
    out += &tables.join(",\n");
    out + "\n]\n}\n"
}

fn table(table: &super::model::Table) -> String {
    let entries: Vec<String> = table
        .entries
        .iter()
        .map(|e| {
            let values: Vec<String> = e.values.iter().map(f64::to_string).collect();
            format!(
                "  {{\"name\": {}, \"role\": \"{}\", \"failed\": {}, \"values\": [{}]}}",
                text(&e.name),
                role(e.role),
                e.failed.as_deref().map_or("null".into(), text),
                values.join(", ")
            )
        })
        .collect();
    format!(
        " {{\"anchor\": {}, \"section\": {}, \"title\": {}, \"unit\": {}, \"n\": {}, \"how\": {}, \
         \"entries\": [\n{}\n ]}}",
        text(&table.anchor),
        text(table.section),
        text(&table.title),
        text(table.unit),
        table.curve.map_or("null".into(), |c| c.1.to_string()),
        text(&table.how),
        entries.join(",\n")
    )
}

/// A string of JSON's.
pub fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            c if u32::from(c) < 0x20 => out += &format!("\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

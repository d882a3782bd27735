//! Writes what was observed into the page, in place of a line `- Observe`.
//!
//! An author writes a case without its results, runs the real program over it, and reads what
//! it did: expectations are never guessed.

use super::case::{Case, End};
use super::check::shown;
use super::implementation::Implementation;
use super::launch::{Names, Outcome};
use super::text::escape;
use std::fs;
use std::io;

/// The lines that describe an outcome, with the number of the line that they replace.
pub fn lines(case: &Case, outcome: &Outcome, under: &Implementation) -> Option<(usize, String)> {
    let (line, files) = case.observe.as_ref()?;
    let names = Names::new(under, &outcome.dir);
    let mut blocks = Vec::new();
    let stdout = names.take(&outcome.stdout);
    if !stdout.is_empty() {
        blocks.push(content("Prints", &stdout));
    }
    match outcome.end {
        None => blocks.push("- HANGS".into()),
        Some(End::Exit(0)) => {}
        Some(End::Exit(code)) => blocks.push(format!("- Exit: {code}")),
        Some(End::Signal(signal)) => blocks.push(format!("- Signal: {signal}")),
    }
    if !outcome.stderr.is_empty() {
        blocks.push("- Stderr: non-empty".into());
        let said = shown(&names.take(&outcome.stderr));
        println!("{}: {}\n{said}", case.place(), case.title);
    }
    for name in files {
        blocks.push(match fs::read(outcome.dir.join(name)) {
            Ok(bytes) => content(&format!("Afterwards `{name}`"), &names.take(&bytes)),
            Err(_) => format!("- Afterwards none: `{name}`"),
        });
    }
    Some((*line, blocks.join("\n")))
}

fn content(label: &str, bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).ok().filter(|text| {
        text.ends_with('\n') && !text.contains(|c: char| c.is_control() && c != '\n' && c != '\t')
    });
    let Some(text) = text else { return format!("- {label} exactly: `{}`", escape(bytes)) };
    let odd = |line: &str| {
        line.is_empty() || line.contains('`') || line.starts_with('"') || line.trim() != line
    };
    if text.lines().count() <= 3 && !text.lines().any(odd) {
        let spans: Vec<String> = text.lines().map(|line| format!("`{line}`")).collect();
        return format!("- {label}: {}", spans.join(" "));
    }
    if text.contains("```") {
        return format!("- {label} exactly: `{}`", escape(bytes));
    }
    format!("\n{label}:\n```text\n{text}```\n")
}

/// Puts the recorded lines into one page.
///
/// # Errors
/// What reading and writing it says.
pub fn write(page: &std::path::Path, records: &[(usize, String)]) -> io::Result<()> {
    let text = fs::read_to_string(page)?;
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        let record = records.iter().find(|(at, _)| *at == number + 1);
        match record {
            Some((_, lines)) if lines.is_empty() => continue,
            Some((_, lines)) => out += lines,
            None => out += line,
        }
        out.push('\n');
    }
    fs::write(page, out)
}

//! A manual as the source of a man page, in the macros of man(7).

use super::{Block, Manual, terminal::plain_end};
use std::fmt::Write;

/// What stands at the foot of each page.
const SOURCE: &str = concat!("chainit ", env!("CARGO_PKG_VERSION"));

/// When this version's manuals were last gone through.
const DATE: &str = "2026-11-21";

/// The name that the page has: topics of the language say whose they are.
pub fn name(manual: &Manual) -> String {
    match manual.section {
        "7" if manual.name != "execline" => format!("execline-{}", manual.name),
        _ => manual.name.to_owned(),
    }
}

/// The page.
pub fn render(manual: &Manual) -> String {
    let name = name(manual);
    let mut out = head(&name, manual.section, &plain_end(manual.summary));
    if !manual.synopsis.is_empty() {
        out.push_str(".SH SYNOPSIS\n");
        out.push_str(&synopsis(manual));
    }
    out.push_str(".SH DESCRIPTION\n");
    let mut before = Block::Heading("");
    if manual.blocks().next().is_none_or(|block| matches!(block, Block::Heading(_))) {
        line(&mut out, &inline(manual.summary));
    }
    for block in manual.blocks() {
        self::block(&mut out, block, before);
        before = block;
    }
    if matches!(before, Block::Code(_)) {
        out.push_str(".EE\n.RE\n");
    }
    let language = if manual.section == "7" { "chainit" } else { "execline" };
    let section = if manual.section == "7" { 1 } else { 7 };
    if name != language {
        let _ = write!(out, ".SH SEE ALSO\n.BR {language} ({section})\n");
    }
    out
}

/// The beginning of a page, up to its first line.
pub fn head(name: &str, section: &str, summary: &str) -> String {
    let title = code(name);
    let summary = inline(summary);
    format!(".TH \"{title}\" {section} \"{DATE}\" \"{SOURCE}\"\n.SH NAME\n{title} \\- {summary}\n")
}

fn synopsis(manual: &Manual) -> String {
    let words = manual.synopsis.split(' ').map(|word| match word {
        "[" | "]" | "|" => code(word),
        _ if word == manual.name || word.starts_with(['-', '{', '}']) => bold(word),
        _ => format!("\\fI{}\\fR", code(word)),
    });
    words.collect::<Vec<_>>().join(" ") + "\n"
}

fn block(out: &mut String, block: Block, before: Block) {
    let code_before = matches!(before, Block::Code(_));
    if code_before && !matches!(block, Block::Code(_)) {
        out.push_str(".EE\n.RE\n");
    }
    match block {
        Block::Heading(title) => {
            let title = match title {
                "Exit codes" => "EXIT STATUS".to_owned(),
                other => inline(&other.to_uppercase()),
            };
            let _ = writeln!(out, ".SH {title}");
        }
        Block::Text(text) => {
            if !matches!(before, Block::Heading(_)) {
                out.push_str(".PP\n");
            }
            line(out, &inline(text));
        }
        Block::Item(text) => {
            out.push_str(".IP \\(bu 2\n");
            line(out, &inline(text));
        }
        Block::Term(term, meaning) => {
            out.push_str(".TP\n");
            line(out, if term.is_empty() { "\\&".to_owned() } else { inline(term) }.as_str());
            line(out, &inline(meaning));
        }
        Block::Code(text) => {
            if !code_before {
                let apart = if matches!(before, Block::Heading(_)) { "" } else { ".PP\n" };
                out.push_str(apart);
                out.push_str(".RS 4\n.EX\n");
            }
            line(out, &code(text));
        }
    }
}

/// One line of text, which must not look like a request.
pub fn line(out: &mut String, text: &str) {
    if text.starts_with(['.', '\'']) {
        out.push_str("\\&");
    }
    out.push_str(text);
    out.push('\n');
}

/// Text with code spans, which are bold.
pub fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { bold(part) } else { escaped(part, false) }).collect()
}

fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", code(text))
}

/// Text that is typed as it stands: no hyphen may become a dash.
pub fn code(text: &str) -> String {
    escaped(text, true)
}

fn escaped(text: &str, typed: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' => out.push_str("\\e"),
            '"' => out.push_str("\\(dq"),
            '-' if typed => out.push_str("\\-"),
            '^' if typed => out.push_str("\\(ha"),
            '~' if typed => out.push_str("\\(ti"),
            '\'' if typed => out.push_str("\\(aq"),
            '`' => out.push_str("\\(ga"),
            '…' => out.push_str("..."),
            ascii if ascii.is_ascii() => out.push(ascii),
            other => {
                let _ = write!(out, "\\[u{:04X}]", u32::from(other));
            }
        }
    }
    out
}

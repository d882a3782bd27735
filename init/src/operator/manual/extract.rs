//! From the specification's pages to manuals. Compiled twice: into the build script, which makes
//! the table, and into the tests.
//!
//! A manual is one text: a line each for name, section, title, summary and synopsis, then one
//! line for each block of its body, which begins with a letter that says what it is (see
//! [`super::Block`]). Inline marks stay as they are in Markdown.

/// A page of the specification.
pub struct Page<'a> {
    /// The directory that it is in.
    pub family: &'a str,
    /// The file's name without `.md`.
    pub stem: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// The family whose pages are manuals of themselves, when they are not about a command.
const LANGUAGE: &str = "language";

/// Commands that belong to the system's administrator: section 8.
const ADMINISTRATION: &[&str] = &["halt", "init", "poweroff", "reboot", "shutdown"];

/// All manuals of the pages, sorted by name.
///
/// # Errors
/// Two manuals of the same name.
pub fn table<'a>(pages: impl Iterator<Item = Page<'a>>) -> Result<Vec<String>, String> {
    let mut found: Vec<(String, String)> = Vec::new();
    for page in pages {
        found.extend(manuals(&page));
    }
    found.sort();
    match found.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(format!("two pages have a manual of {}", pair[0].0)),
        None => Ok(found.into_iter().map(|(_, record)| record).collect()),
    }
}

/// A heading and what stands below it, up to the next heading of any level.
struct Section<'a> {
    level: usize,
    title: &'a str,
    blocks: Vec<Block>,
    /// A script is in it: it is a case, and no prose.
    case: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Block {
    Text(String),
    Item(String),
    Code(String),
    /// The cells of a table; the first row is its head.
    Table(Vec<Vec<String>>),
}

/// The manuals of one page, each with its name.
fn manuals(page: &Page) -> Vec<(String, String)> {
    let (commands, sections) = read(page.text);
    let is_command = |title: &str| commands.iter().any(|name| name == title);
    let mut out = Vec::new();
    for (at, section) in sections.iter().enumerate() {
        let topic = page.family == LANGUAGE && section.level == 1;
        let command = is_command(section.title);
        if !command && !topic {
            continue;
        }
        let own = sections[at + 1..]
            .iter()
            .take_while(|s| s.level > section.level && (topic && !command || !is_command(s.title)));
        let parts: Vec<&Section> = own.filter(|s| !s.case && !s.blocks.is_empty()).collect();
        let (name, number) = match (command, ADMINISTRATION.contains(&section.title)) {
            (true, true) => (section.title, '8'),
            (true, false) => (section.title, '1'),
            (false, _) => (page.stem, '7'),
        };
        if let Some(body) = body(section, &parts, command) {
            let record = format!("{name}\n{number}\n{}\n{body}", section.title);
            out.push((name.to_owned(), record));
        }
    }
    out
}

/// Summary, synopsis and body. `None`: the section has no summary, or a command's no synopsis.
fn body(own: &Section, parts: &[&Section], command: bool) -> Option<String> {
    let (mut summary, mut synopsis) = (None, None);
    let (mut text, mut options, mut codes) = (String::new(), String::new(), String::new());
    for block in &own.blocks {
        match block {
            Block::Text(line) if command && synopsis.is_none() && one_span(line).is_some() => {
                synopsis = one_span(line);
            }
            Block::Text(line) if summary.is_none() => summary = Some(line.as_str()),
            Block::Table(rows) => match rows.first().and_then(|head| head.first()) {
                Some(head) if head == "option" => write_rows(&mut options, rows),
                Some(head) if head == "exit code" => write_rows(&mut codes, rows),
                _ => write(&mut text, block),
            },
            other => write(&mut text, other),
        }
    }
    if command && synopsis.is_none() {
        return None;
    }
    let mut out = format!("{}\n{}\n{text}", summary?, synopsis.unwrap_or(""));
    for (title, rows) in [("Options", options), ("Exit codes", codes)] {
        if !rows.is_empty() {
            out.push_str(&format!("h{title}\n{rows}"));
        }
    }
    for part in parts {
        out.push_str(&format!("h{}\n", part.title));
        part.blocks.iter().for_each(|block| write(&mut out, block));
    }
    Some(out)
}

fn write(out: &mut String, block: &Block) {
    match block {
        Block::Text(line) => out.push_str(&format!("p{line}\n")),
        Block::Item(line) => out.push_str(&format!("l{line}\n")),
        Block::Code(line) => out.push_str(&format!("c{line}\n")),
        Block::Table(rows) => write_rows(out, rows),
    }
}

/// A term and what is said of it, with a tab between; the table's head goes.
fn write_rows(out: &mut String, rows: &[Vec<String>]) {
    for row in rows.iter().skip(1) {
        let (term, rest) = row.split_first().map_or(("", &[][..]), |(t, rest)| (t, rest));
        let rest: Vec<&str> = rest.iter().map(String::as_str).filter(|c| !c.is_empty()).collect();
        out.push_str(&format!("t{term}\t{}\n", rest.join("; ")));
    }
}

/// What is in the code span that is all of this paragraph.
fn one_span(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('`')?.strip_suffix('`')?;
    (!inner.is_empty() && !inner.contains('`')).then_some(inner)
}

/// The commands that a page is about, and its sections.
fn read(text: &str) -> (Vec<String>, Vec<Section<'_>>) {
    let (mut commands, mut sections) = (Vec::new(), Vec::<Section>::new());
    let mut lines = text.lines();
    let mut fresh = true;
    while let Some(line) = lines.next() {
        let blank = line.trim().is_empty();
        let mark = line.starts_with('#') || line.starts_with("```");
        if let Some(names) = line.strip_prefix("- Commands:") {
            commands.extend(names.split('`').skip(1).step_by(2).map(str::to_owned));
        } else if line.starts_with('#') {
            let title = line.trim_start_matches('#');
            let level = line.len() - title.len();
            sections.push(Section { level, title: title.trim(), blocks: vec![], case: false });
        } else if let Some(section) = sections.last_mut() {
            match line.strip_prefix("```") {
                Some(info) => {
                    section.case |= matches!(info, "execline" | "sh" | "argv");
                    let code = lines.by_ref().take_while(|line| *line != "```");
                    section.blocks.extend(code.map(|line| Block::Code(line.to_owned())));
                }
                None if !blank => add(&mut section.blocks, line, fresh),
                None => {}
            }
        }
        fresh = blank || mark;
    }
    (commands, sections)
}

/// One line of prose joins its paragraph, item or table, unless it begins a `fresh` one.
fn add(blocks: &mut Vec<Block>, line: &str, fresh: bool) {
    let line = line.trim_end();
    if let Some(row) = line.strip_prefix('|') {
        return add_row(blocks, row, fresh);
    }
    if let Some(item) = line.strip_prefix("- ") {
        let property = ["Newer than ", "Ours alone:", "Mended:"];
        if !property.iter().any(|p| item.starts_with(p)) {
            blocks.push(Block::Item(unlinked(item)));
        }
        return;
    }
    match blocks.last_mut() {
        Some(Block::Text(text) | Block::Item(text)) if !fresh => {
            text.push(' ');
            text.push_str(&unlinked(line.trim_start()));
        }
        _ => blocks.push(Block::Text(unlinked(line.trim_start()))),
    }
}

fn add_row(blocks: &mut Vec<Block>, row: &str, fresh: bool) {
    let row = row.strip_suffix('|').unwrap_or(row);
    if row.bytes().all(|b| matches!(b, b'|' | b'-' | b':' | b' ')) && row.contains('-') {
        return;
    }
    let row = cells(row);
    match blocks.last_mut() {
        Some(Block::Table(rows)) if !fresh => rows.push(row),
        _ => blocks.push(Block::Table(vec![row])),
    }
}

/// The cells of a row: a bar behind a backslash belongs to its cell.
fn cells(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut chars = row.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, cells.last_mut()) {
            ('|', _) => cells.push(String::new()),
            ('\\', Some(cell)) if chars.next_if_eq(&'|').is_some() => cell.push('|'),
            (other, Some(cell)) => cell.push(other),
            (_, None) => {}
        }
    }
    cells.iter().map(|cell| unlinked(cell.trim())).collect()
}

/// A line without its links: `[text](target)` is its text.
fn unlinked(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some(open) = rest.find('[') {
        let (before, link) = rest.split_at(open);
        let in_code = before.matches('`').count() % 2 == 1;
        match link.split_once("](").and_then(|(text, more)| Some((text, more.split_once(')')?.1))) {
            Some((text, after)) if !in_code && !text.contains(['`', ']']) => {
                out.push_str(before);
                out.push_str(&text[1..]);
                rest = after;
            }
            _ => {
                out.push_str(&rest[..=open]);
                rest = &rest[open + 1..];
            }
        }
    }
    out + rest
}

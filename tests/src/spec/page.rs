//! Reads a page: headings, fences and labels; everything else is prose.

use super::case::{Case, Kind, Mark};
use super::label::{self, Value};
use super::text;
use std::path::{Path, PathBuf};

/// A page and its cases.
pub struct Page {
    /// The commands that it is about.
    pub commands: Vec<String>,
    /// In the order of the page.
    pub cases: Vec<Case>,
}

/// What is wrong with a page, and where.
#[derive(Debug)]
pub struct Fault {
    page: PathBuf,
    line: usize,
    what: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}: {}", self.page.display(), self.line, self.what)
    }
}

/// Reads the text of a page.
///
/// # Errors
/// The first thing in it that makes no sense.
pub fn parse(path: &Path, text: &str) -> Result<Page, Fault> {
    let mut reader = Reader {
        path: path.to_owned(),
        lines: text.lines().collect(),
        at: 0,
        commands: None,
        mark: Mark::Everywhere,
        cases: Vec::new(),
        open: None,
        scripts: 0,
        labels: 0,
    };
    let fault = |reader: &Reader, what| Fault { page: path.to_owned(), line: reader.at, what };
    while reader.at < reader.lines.len() {
        let line = reader.lines[reader.at];
        reader.at += 1;
        reader.line(line).map_err(|what| fault(&reader, what))?;
    }
    reader.close().map_err(|what| fault(&reader, what))?;
    match reader.commands.take() {
        Some(commands) => Ok(Page { commands, cases: reader.cases }),
        None => Err(fault(&reader, "a page says which Commands it is about".into())),
    }
}

struct Reader<'a> {
    path: PathBuf,
    lines: Vec<&'a str>,
    at: usize,
    commands: Option<Vec<String>>,
    mark: Mark,
    cases: Vec<Case>,
    open: Option<Case>,
    scripts: usize,
    labels: usize,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str) -> Result<(), String> {
        if let Some(info) = line.strip_prefix("```") {
            let body = self.fence()?;
            return self.unlabelled(info, body);
        }
        if line.starts_with('#') {
            return self.heading(line);
        }
        match line.strip_prefix("- ") {
            Some(item) => self.item(item),
            None if label::introduces(line) => self.introduced(line.trim_end_matches(':')),
            None => Ok(()),
        }
    }

    fn heading(&mut self, line: &str) -> Result<(), String> {
        self.close()?;
        let title = line.trim_start_matches('#');
        if line.len() - title.len() > 1 {
            let (page, title) = (self.path.clone(), title.trim().to_owned());
            self.open = Some(Case::new(page, self.at, title, self.mark));
        }
        Ok(())
    }

    /// A section without a script is prose.
    fn close(&mut self) -> Result<(), String> {
        let case = self.open.take();
        match (case, self.scripts, self.labels) {
            (Some(case), 1, _) => self.cases.push(case),
            (Some(case), 0, 1..) => {
                return Err(format!("'{}' has values but no script", case.title));
            }
            (Some(case), 2.., _) => return Err(format!("'{}' has two scripts", case.title)),
            _ => {}
        }
        (self.scripts, self.labels) = (0, 0);
        Ok(())
    }

    /// The lines up to the closing fence, each with its newline.
    fn fence(&mut self) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        while let Some(line) = self.lines.get(self.at) {
            self.at += 1;
            if *line == "```" {
                return Ok(body);
            }
            body.extend_from_slice(line.as_bytes());
            body.push(b'\n');
        }
        Err("a fence that does not end".into())
    }

    fn unlabelled(&mut self, info: &str, body: Vec<u8>) -> Result<(), String> {
        let kind = match info {
            "execline" => Kind::Execline,
            "sh" => Kind::Shell,
            "argv" => Kind::Argv,
            _ => return Ok(()),
        };
        let case = self.open.as_mut().ok_or("a script before the first section")?;
        (case.kind, case.script) = (kind, body);
        self.scripts += 1;
        Ok(())
    }

    fn introduced(&mut self, label: &str) -> Result<(), String> {
        while self.lines.get(self.at).is_some_and(|next| next.trim().is_empty()) {
            self.at += 1;
        }
        if !self.lines.get(self.at).is_some_and(|next| next.starts_with("```")) {
            return Err("a label without a value or a fence below it".into());
        }
        self.at += 1;
        let body = self.fence()?;
        let case = self.open.as_mut().ok_or("a label before the first section")?;
        self.labels += 1;
        label::enter(case, label, &Value::Fence(body))
    }

    fn item(&mut self, item: &str) -> Result<(), String> {
        let Some(case) = self.open.as_mut() else { return self.of_the_page(item) };
        if item == "Newer than 2.9.3" {
            (case.mark, self.labels) = (Mark::Newer, self.labels + 1);
            return Ok(());
        }
        if let Some(files) = item.strip_prefix("Observe") {
            let names = text::spans(files)?;
            let names = names.iter().map(|n| String::from_utf8_lossy(n).into_owned()).collect();
            case.observe = Some((self.at, names));
            return Ok(());
        }
        match label::split(item) {
            Some((label, "")) if item.starts_with(char::is_uppercase) => self.introduced(label),
            Some((label, value)) if item.starts_with(char::is_uppercase) => {
                self.labels += 1;
                label::enter(case, label, &Value::Line(value))
            }
            _ => Ok(()),
        }
    }

    fn of_the_page(&mut self, item: &str) -> Result<(), String> {
        if item == "Newer than 2.9.3" {
            self.mark = Mark::Newer;
        } else if let Some(why) = item.strip_prefix("Ours alone:") {
            if why.trim().is_empty() {
                return Err("why?".into());
            }
            self.mark = Mark::OursAlone;
        } else if let Some(names) = item.strip_prefix("Commands:") {
            let names = text::spans(names)?;
            let names = names.into_iter().map(String::from_utf8).collect::<Result<_, _>>();
            self.commands = Some(names.map_err(|_| "a command's name is text")?);
        } else {
            return Err("an unknown property of a page".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        let parsed = parse(Path::new("page.md"), text);
        parsed.err().map(|fault| fault.to_string()).unwrap_or_default()
    }

    const HEAD: &str = "# t\n\n- Commands: `t`\n\n### case\n\n";

    #[test]
    fn a_case_is_what_its_section_says() {
        let text = format!(
            "{HEAD}- Environment: `A=1`\n\n```execline\nt\n```\n\n- Prints: `a` `b`\n- Exit: 3\n"
        );
        let page = parse(Path::new("page.md"), &text).unwrap();
        let case = &page.cases[0];
        assert_eq!((case.line, case.title.as_str()), (5, "case"));
        assert_eq!(case.script, b"t\n");
        assert_eq!(case.environment, [b"A=1".to_vec()]);
        assert_eq!(case.prints, b"a\nb\n");
        assert_eq!(case.end, crate::spec::case::End::Exit(3));
    }

    #[test]
    fn a_fence_below_a_label_is_its_value_and_no_script() {
        let text = format!("{HEAD}File `f`:\n\n```execline\nx\n```\n\n```sh\nt\n```\n");
        let page = parse(Path::new("page.md"), &text).unwrap();
        assert_eq!(page.cases[0].script, b"t\n");
        let given = crate::spec::case::Given::File("f".into(), b"x\n".to_vec());
        assert_eq!(page.cases[0].given, [given]);
    }

    #[test]
    fn sections_without_a_script_are_prose() {
        let page = parse(Path::new("page.md"), &format!("{HEAD}Words.\n\n- words: more\n"));
        assert!(page.unwrap().cases.is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let script = "```sh\nt\n```\n";
        assert_eq!(fault(&format!("{HEAD}{script}- Exits: 3\n")), "page.md:10: an unknown label");
        assert_eq!(
            fault(&format!("{HEAD}{script}- Exit: three\n")),
            "page.md:10: wants a number, not 'three'"
        );
        assert_eq!(
            fault(&format!("{HEAD}{script}- Prints: `a\n")),
            "page.md:10: a code span that does not end"
        );
        assert_eq!(fault(&format!("{HEAD}{script}{script}")), "page.md:12: 'case' has two scripts");
        assert_eq!(
            fault(&format!("{HEAD}- Exit: 3\n")),
            "page.md:7: 'case' has values but no script"
        );
        assert_eq!(fault(&format!("{HEAD}```sh\nt\n")), "page.md:8: a fence that does not end");
        assert_eq!(fault("# t\n"), "page.md:1: a page says which Commands it is about");
        assert_eq!(
            fault(&format!("{HEAD}{script}- Ours alone:\n")),
            "page.md:10: a label without a value or a fence below it"
        );
    }
}

//! The labelled values of a case: `Label: `value``, or `Label:` and a fence below it.

use super::case::{Afterwards, Case, End, Given, Mark, Need, Stderr};
use super::text;

/// What stands behind a label.
pub enum Value<'a> {
    /// The rest of the line.
    Line(&'a str),
    /// The lines of a fence.
    Fence(Vec<u8>),
}

impl Value<'_> {
    fn items(&self) -> Result<Vec<Vec<u8>>, String> {
        match self {
            Value::Line(line) => text::spans(line),
            Value::Fence(_) => Err("wants its values on the same line".into()),
        }
    }

    fn words(&self) -> Result<Vec<String>, String> {
        self.items()?.into_iter().map(utf8).collect()
    }

    /// A file's content: each span a line, or the first span byte for byte.
    fn content(&self, exactly: bool) -> Result<Vec<u8>, String> {
        match (self, exactly) {
            (Value::Fence(bytes), _) => Ok(bytes.clone()),
            (Value::Line(line), false) => Ok(text::lines(&text::spans(line)?)),
            (Value::Line(line), true) => Ok(text::spans(line)?.concat()),
        }
    }

    fn bare(&self) -> Result<&str, String> {
        match self {
            Value::Line(line) => Ok(line.trim().trim_matches('`')),
            Value::Fence(_) => Err("wants its value on the same line".into()),
        }
    }

    fn number<T: std::str::FromStr>(&self) -> Result<T, String> {
        let bare = self.bare()?;
        bare.parse().map_err(|_| format!("wants a number, not '{bare}'"))
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| "is not text".into())
}

/// Whether a paragraph's line can be a label for the fence below it.
pub fn introduces(line: &str) -> bool {
    line.ends_with(':') && KNOWN.iter().any(|label| line.starts_with(label))
}

const KNOWN: [&str; 5] = ["Prints", "Input", "File `", "Executable `", "Afterwards `"];

/// Splits a line at the colon that ends its label: not one inside a code span.
pub fn split(line: &str) -> Option<(&str, &str)> {
    let mut in_span = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'`' => in_span = !in_span,
            b':' if !in_span => return Some((&line[..at], &line[at + 1..])),
            _ => {}
        }
    }
    None
}

/// Enters a labelled value into the case.
///
/// # Errors
/// An unknown label or an unfit value.
pub fn enter(case: &mut Case, label: &str, value: &Value) -> Result<(), String> {
    let (label, exactly) = match label.strip_suffix(" exactly") {
        Some(short) => (short.trim_end_matches(','), true),
        None => (label, false),
    };
    if let Some((word, span)) = label.split_once(' ')
        && span.starts_with('`')
    {
        let name = span.trim_matches('`').to_owned();
        match word {
            "File" => case.given.push(Given::File(name, value.content(exactly)?)),
            "Executable" => case.given.push(Given::Executable(name, value.content(exactly)?)),
            "Link" => case.given.push(Given::Link(name, value.bare()?.to_owned())),
            "Afterwards" => {
                case.afterwards.push(Afterwards::Content(name, value.content(exactly)?));
            }
            _ => return Err("an unknown label".into()),
        }
        return Ok(());
    }
    match label {
        "Arguments" => case.arguments = value.items()?,
        "Environment" => case.environment = value.items()?,
        "Without" => case.without_path = only(&value.words()?, "PATH")?,
        "Closed" => case.closed = numbers(&value.words()?)?,
        "Umask" => case.umask = octal(value.bare()?)?,
        "Input" => case.input = value.content(exactly)?,
        "Directory" => case.given.extend(value.words()?.into_iter().map(Given::Directory)),
        "Needs" => case.needs.push(need(value.bare()?)?),
        "Prints" => case.prints = value.content(exactly)?,
        "Exit" => case.end = End::Exit(value.number()?),
        "Signal" => case.end = End::Signal(value.number()?),
        "Stderr" => case.stderr = stderr(value.bare()?)?,
        "Says" => case.says = value.items()?,
        "Afterwards none" => {
            case.afterwards.extend(value.words()?.into_iter().map(Afterwards::Absent));
        }
        "Ours alone" | "Mended" | "Untried elsewhere" => {
            value.bare().and_then(|why| (!why.is_empty()).then_some(()).ok_or("why?".into()))?;
            case.mark = match label {
                "Mended" => Mark::Mended,
                "Ours alone" => Mark::OursAlone,
                _ => Mark::Untried,
            };
        }
        _ => return Err("an unknown label".into()),
    }
    Ok(())
}

fn only(words: &[String], word: &str) -> Result<bool, String> {
    if words == [word] { Ok(true) } else { Err(format!("can only be `{word}`")) }
}

fn numbers(words: &[String]) -> Result<Vec<i32>, String> {
    words.iter().map(|w| w.parse().map_err(|_| "wants descriptors".to_owned())).collect()
}

fn octal(text: &str) -> Result<u32, String> {
    u32::from_str_radix(text, 8).map_err(|_| "wants an octal number".into())
}

fn need(text: &str) -> Result<Need, String> {
    match text {
        "root" => Ok(Need::Root),
        "a /run of its own" => Ok(Need::OwnRun),
        _ => Err("is neither 'root' nor 'a /run of its own'".into()),
    }
}

fn stderr(text: &str) -> Result<Stderr, String> {
    match text {
        "empty" => Ok(Stderr::Empty),
        "non-empty" => Ok(Stderr::NonEmpty),
        "any" => Ok(Stderr::Any),
        _ => Err("is 'empty', 'non-empty' or 'any'".into()),
    }
}

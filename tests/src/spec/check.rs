//! Compares what came out with what the page says.

use super::case::{Afterwards, Case, End, Stderr};
use super::implementation::Implementation;
use super::launch::{LIMIT, Names, Outcome};
use std::fs;

/// All differences, each as a paragraph for the report. None: the case passes.
pub fn differences(case: &Case, outcome: &Outcome, implementation: &Implementation) -> Vec<String> {
    let names = Names::new(implementation, &outcome.dir);
    let mut found = Vec::new();
    match outcome.end {
        None => found.push(format!("it hangs: killed after {} s", LIMIT.as_secs())),
        Some(end) if end != case.end => {
            found.push(format!("ends with {}, not {}", describe(end), describe(case.end)));
        }
        Some(_) => {}
    }
    let stdout = names.take(&outcome.stdout);
    if stdout != case.prints {
        found.push(two("stdout", &case.prints, &stdout));
    }
    let stderr = names.take(&outcome.stderr);
    match case.stderr {
        Stderr::Empty if !stderr.is_empty() && case.says.is_empty() => {
            found.push(format!("stderr should be empty:\n{}", shown(&stderr)));
        }
        Stderr::NonEmpty if stderr.is_empty() => found.push("nothing on stderr".into()),
        _ => {}
    }
    for words in &case.says {
        let there = stderr.windows(words.len().max(1)).any(|window| window == words);
        // Others have their own words, but have to have some.
        if if implementation.speaks { !there } else { stderr.is_empty() } {
            let words = String::from_utf8_lossy(words);
            found.push(format!("stderr lacks '{words}':\n{}", shown(&stderr)));
        }
    }
    found.extend(case.afterwards.iter().filter_map(|after| file(after, &names, outcome)));
    found
}

fn file(after: &Afterwards, names: &Names, outcome: &Outcome) -> Option<String> {
    match after {
        Afterwards::Content(name, expected) => match fs::read(outcome.dir.join(name)) {
            Err(error) => Some(format!("afterwards {name}: {error}")),
            Ok(content) => {
                let content = names.take(&content);
                (content != *expected)
                    .then(|| two(&format!("{name} afterwards"), expected, &content))
            }
        },
        Afterwards::Absent(name) => {
            let there = fs::symlink_metadata(outcome.dir.join(name)).is_ok();
            there.then(|| format!("afterwards there is a {name}"))
        }
    }
}

fn describe(end: End) -> String {
    match end {
        End::Exit(code) => format!("exit code {code}"),
        End::Signal(signal) => format!("signal {signal}"),
    }
}

fn two(what: &str, expected: &[u8], got: &[u8]) -> String {
    format!("{what} should be:\n{}\nand is:\n{}", shown(expected), shown(got))
}

/// Indented, with every byte that is not text as an escape.
pub fn shown(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "    (nothing)".into();
    }
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let (body, note) = match line.strip_suffix(b"\n") {
            Some(body) => (body, ""),
            None => (line, "  (no newline)"),
        };
        let text = match std::str::from_utf8(body) {
            Ok(text) if !text.contains(|c: char| c.is_control() && c != '\t') => text.to_owned(),
            _ => body.escape_ascii().to_string(),
        };
        format!("    | {text}{note}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

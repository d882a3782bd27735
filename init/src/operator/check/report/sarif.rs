//! SARIF 2.1.0, which code hosts show beside the lines.

use super::Checked;
use super::human::unreadable;
use super::json::{Region, string};
use crate::operator::check::finding::RULES;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The log with one run.
pub fn document(checked: &[Checked]) -> Vec<u8> {
    let rules: Vec<String> = RULES
        .iter()
        .map(|rule| {
            format!(
                "{{\"id\":{},\"shortDescription\":{{\"text\":{}}},\"defaultConfiguration\":\
                 {{\"level\":{}}}}}",
                string(rule.name.as_bytes()),
                string(rule.what.as_bytes()),
                string(rule.level.name().as_bytes())
            )
        })
        .collect();
    let log = format!(
        "{{\"$schema\":{},\"version\":\"2.1.0\",\"runs\":[{{\n\
         \"tool\":{{\"driver\":{{\"name\":\"chainit\",\"version\":{},\"rules\":[\n{}\n]}}}},\n\
         \"columnKind\":\"unicodeCodePoints\",\n\
         \"invocations\":[{}],\n\"results\":[\n{}\n]}}]}}\n",
        string(SCHEMA.as_bytes()),
        string(env!("CARGO_PKG_VERSION").as_bytes()),
        rules.join(",\n"),
        invocation(checked),
        checked.iter().flat_map(results).collect::<Vec<_>>().join(",\n")
    );
    log.into_bytes()
}

fn results(file: &Checked) -> Vec<String> {
    let result = |finding: &crate::operator::check::finding::Finding| {
        let index = RULES.iter().position(|r| r.name == finding.rule.name).unwrap_or_default();
        let helps = finding.remark.help.iter().map(|help| [b"\nhelp: ", &help[..]].concat());
        let text = std::iter::once(finding.remark.cause.clone()).chain(helps);
        let Region { start, end } = Region::of(&file.source, &finding.at);
        format!(
            "{{\"ruleId\":{},\"ruleIndex\":{index},\"level\":{},\"message\":{{\"text\":{}}},\
             \"locations\":[{{\"physicalLocation\":{{{},\"region\":{{\"startLine\":{},\
             \"startColumn\":{},\"endLine\":{},\"endColumn\":{}}}}}}}]}}",
            string(finding.rule.name.as_bytes()),
            string(finding.rule.level.name().as_bytes()),
            string(&text.collect::<Vec<_>>().concat()),
            artifact(&file.path),
            start.0,
            start.1,
            end.0,
            end.1
        )
    };
    file.findings.iter().map(result).collect()
}

fn artifact(path: &[u8]) -> String {
    format!("\"artifactLocation\":{{\"uri\":{}}}", string(uri(path).as_bytes()))
}

/// What could not be read is told as a notification.
fn invocation(checked: &[Checked]) -> String {
    let notes: Vec<String> = checked
        .iter()
        .filter_map(|file| {
            let text = unreadable(&file.path, file.unreadable?);
            Some(format!(
                "{{\"level\":\"error\",\"message\":{{\"text\":{}}},\"locations\":\
                 [{{\"physicalLocation\":{{{}}}}}]}}",
                string(text.trim_ascii_end()),
                artifact(&file.path)
            ))
        })
        .collect();
    format!(
        "{{\"executionSuccessful\":{},\"toolExecutionNotifications\":[{}]}}",
        notes.is_empty(),
        notes.join(",")
    )
}

/// A path as a reference: relative, as it was given, or with the scheme `file`.
fn uri(path: &[u8]) -> String {
    let scheme = if path.starts_with(b"/") { "file://" } else { "" };
    let mut out = String::from(scheme);
    for &byte in path {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'/'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'@'
            | b'+' => {
                out.push(byte.into());
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri(b"a b/%\xff"), "a%20b/%25%FF");
        assert_eq!(uri(b"/etc/x"), "file:///etc/x");
    }
}

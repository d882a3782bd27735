use super::{Block, all, extract, find, spans};
use interpreter::word::Command;
use std::collections::BTreeSet;

/// The commands whose manuals are still to be written, one a line.
const OWED: &str = include_str!("owed.txt");

fn commands() -> impl Iterator<Item = &'static Command> {
    // chainit's own manual is its --help.
    crate::tables().flatten().filter(|c| c.name != crate::operator::COMMAND.name)
}

/// The letters of words like `-a`, `-nfL` and `-wu`, and of `-[ r | w ]`.
fn letters<'a>(words: impl Iterator<Item = &'a str>) -> BTreeSet<char> {
    let mut choice = false;
    let options = words.filter_map(|word| {
        choice = word == "-[" || choice && word != "]";
        let letter = choice && word.chars().all(char::is_alphanumeric);
        word.strip_prefix('-')
            .or(letter.then_some(word))
            .filter(|word| !word.starts_with(['-', '[']))
    });
    options.flat_map(str::chars).collect()
}

/// What a command's manual lacks.
fn lacks(command: &Command) -> Vec<String> {
    let Some(manual) = find(command.name) else {
        return vec!["has no manual: a heading of its name, a summary, a synopsis".to_owned()];
    };
    let mut lacks = Vec::new();
    let solid = |line: &str| line.split_whitespace().collect::<String>();
    if solid(manual.synopsis) != solid(command.usage) {
        lacks.push(format!("synopsis '{}', usage '{}'", manual.synopsis, command.usage));
    }
    let own = letters(command.usage.split_whitespace());
    let rows = letters(
        manual
            .options()
            .flat_map(|(term, _)| spans(term))
            .map(|span| span.split_whitespace().next().unwrap_or("")),
    );
    if own != rows {
        let no_row: String = own.difference(&rows).collect();
        let no_option: String = rows.difference(&own).collect();
        lacks.push(format!(
            "options without a row '{no_row}', rows without an option '{no_option}'"
        ));
    }
    if !manual.summary.ends_with('.') || manual.summary.contains(". ") {
        lacks.push(format!("the summary is not one sentence: '{}'", manual.summary));
    }
    if !manual.blocks().any(|block| block == Block::Heading("Exit codes")) {
        lacks.push("no table of exit codes".to_owned());
    }
    lacks
}

#[test]
fn every_command_has_a_manual() {
    let mut wrong = Vec::new();
    for command in commands() {
        let lacks = lacks(command);
        match (lacks.is_empty(), OWED.lines().any(|name| name == command.name)) {
            (false, false) => wrong.extend(lacks.iter().map(|l| format!("{}: {l}", command.name))),
            (true, true) => wrong.push(format!("{}: owed.txt is stale", command.name)),
            _ => {}
        }
    }
    let is_command = |name: &str| commands().any(|c| c.name == name);
    let strangers = OWED.lines().filter(|name| !is_command(name));
    wrong.extend(strangers.map(|name| format!("{name}: owed.txt is stale: it is no command")));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_manual_is_of_a_command_or_of_the_language() {
    for manual in all() {
        let command = commands().any(|c| c.name == manual.name);
        assert_eq!(command, manual.section != "7", "{}", manual.name);
        let owed = OWED.lines().any(|name| name == manual.name);
        let one_sentence = manual.summary.ends_with('.') && !manual.summary.contains(". ");
        assert!(owed || one_sentence, "{}: {}", manual.name, manual.summary);
    }
}

fn table(family: &str, stem: &str, text: &str) -> Vec<String> {
    extract::table([extract::Page { family, stem, text }].into_iter()).unwrap()
}

const PAGE: &str = "\
# one, two

- Commands: `one` `two` `other`

## one

Does a thing with
[words](x.md).

`one [ -a ] { b... }`

More, `-a [x](y)`.

| option | |
|---|---|
| `-a`, `-b n` | A \\| bar. |

| exit code | |
|---|---|
| 100 | wrong usage |

Last words.

### A case

```sh
one
```

- Prints: `a`

### Notes

- an item
  goes on

```text
an example
```

## two

`two`

Only this.

## Neither

No manual.

## other

No synopsis.
";

#[test]
fn a_page_has_its_commands_manuals() {
    assert_eq!(
        table("execline", "page", PAGE),
        [
            "one\n1\none\nDoes a thing with words.\none [ -a ] { b... }\n\
             pMore, `-a [x](y)`.\npLast words.\nhOptions\nt`-a`, `-b n`\tA | bar.\n\
             hExit codes\nt100\twrong usage\nhNotes\nlan item goes on\ncan example\n",
            "two\n1\ntwo\nOnly this.\ntwo\n",
        ]
    );
}

#[test]
fn a_page_of_the_language_is_a_manual() {
    let text = "# Big words\n\n- Commands: `one`\n\nAbout.\n\n## A\n\nText.\n\n### Case\n\n```argv\none\n```\n";
    assert_eq!(table("language", "words", text), ["words\n7\nBig words\nAbout.\n\nhA\npText.\n"]);
}

#[test]
fn two_manuals_of_a_name_are_a_mistake() {
    let text = "# one\n\n- Commands: `one`\n\nS.\n\n`one`\n";
    let page = || extract::Page { family: "s6", stem: "one", text };
    assert!(extract::table([page(), page()].into_iter()).is_err());
}

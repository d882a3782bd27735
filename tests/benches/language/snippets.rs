//! What is measured: the same in execline and in a shell.
//!
//! A block is a process, which in a shell is a subshell.

use crate::lab::Lab;

pub struct Snippet {
    pub name: String,
    pub execline: String,
    pub shell: String,
    /// How much of the static original's time it may take.
    pub target: f64,
    pub rounds: usize,
}

/// Words that every execline has inside itself, and what a shell says for them.
const WORDS: [(&str, &str); 10] = [
    ("export A one", "export A=one"),
    ("importas -u b A", "b=$A"),
    ("cd /", "cd /"),
    ("umask 022", "umask 022"),
    ("define c two", "c=two"),
    ("export D ${b}", "export D=$b"),
    ("fdmove -c 9 1", "exec 9>&1"),
    ("fdclose 9", "exec 9>&-"),
    ("unexport D", "unset D"),
    ("export E ${c}", "export E=$c"),
];

const MEGABYTE: usize = 1 << 20;

pub fn all(lab: &Lab) -> Vec<Snippet> {
    let floor = lab.floor.display().to_string();
    let text = lab.dir.join("text").display().to_string();
    let mut all = Vec::new();
    let mut add = |name: &str, target: f64, rounds: usize, execline: String, shell: String| {
        all.push(Snippet { name: name.to_owned(), execline, shell, target, rounds });
    };
    let last = |execline: &str, shell: &str| {
        (format!("{execline}{floor}\n"), format!("{shell}exec {floor}\n"))
    };

    for (words, target) in [(0, 0.75), (1, 1.0), (5, 1.0), (20, 0.15), (100, 1.0)] {
        let (mut execline, mut shell) = (String::new(), String::new());
        for (word, line) in WORDS.iter().cycle().take(words) {
            execline += &format!("{word}\n");
            shell += &format!("{line}\n");
        }
        let (execline, shell) = last(&execline, &shell);
        add(&format!("a chain of {words} words"), target, 300, execline, shell);
    }
    for (word, shell) in [("foreground", ""), ("if", " || exit 1")] {
        for (kind, target, block, subshell) in [
            ("foreign", 0.6, floor.as_str(), floor.as_str()),
            ("built-in", 0.25, "exit 0", "(exit 0)"),
        ] {
            let lines = format!("{word} {{ {block} }}\n").repeat(20);
            let shell = format!("{subshell}{shell}\n").repeat(20);
            let (execline, shell) = last(&lines, &shell);
            add(&format!("20 x {word}, {kind}"), target, 100, execline, shell);
        }
    }
    let values: Vec<String> = (1..=200).map(|n| n.to_string()).collect();
    let values = values.join(" ");
    for (kind, block, subshell) in
        [("foreign", floor.as_str(), floor.as_str()), ("built-in", "exit 0", "(exit 0)")]
    {
        let execline = format!("forx i {{ {values} }} {block}\n");
        let shell = format!("for i in {values}; do {subshell}; done\n");
        add(&format!("forx x 200, {kind}"), 1.0, 20, execline, shell);
    }
    add(
        "a pipeline of 3",
        1.0,
        200,
        format!("pipeline {{ {floor} }} pipeline {{ {floor} }} {floor}\n"),
        format!("{floor} | {floor} | {floor}\n"),
    );
    add(
        "backtick and importas",
        1.0,
        200,
        format!("backtick x {{ {text} }} importas y x {floor} $y\n"),
        format!("x=$({text})\nexec {floor} $x\n"),
    );
    let line = "foreground { echo \"a line\" of $words }\n";
    add(
        "the parse of 2000 lines",
        1.0,
        50,
        format!("exit 0\n{}", line.repeat(2000)),
        format!("if false; then\n{}fi\n", "echo \"a line\" of $words\n".repeat(2000)),
    );
    // The original parses it, too, and then can't hand it to an exec.
    let word = "w".repeat(MEGABYTE);
    add(
        "the parse of a word of 1 MB",
        1.0,
        50,
        format!("exit 0 {word}\n"),
        format!("if false; then echo {word}; fi\n"),
    );
    all
}

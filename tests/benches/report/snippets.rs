//! The scripts that are measured: the same in execline and in a shell.
//!
//! A block is a process, which in a shell is a subshell.

use crate::lab::Lab;

pub struct Snippet {
    pub section: &'static str,
    pub anchor: String,
    pub title: String,
    pub execline: String,
    pub shell: String,
    pub rounds: usize,
    pub words: Option<f64>,
    pub way: Way,
}

/// How an interpreter comes to its script, and what of its time counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The script is exec'd, and its first line names the interpreter; a shell has it from its command
    /// line. The way to the last exec is a row of its own.
    Itself,
    /// It is on the command line.
    Word,
    /// As a file of the command line, with such a row.
    Chain,
    /// As a file of the command line.
    File,
}

impl Snippet {
    /// Its script, if that is short.
    pub fn how(&self, lab: &Lab) -> String {
        let script =
            self.execline.replace(&format!("{}/", lab.installed.display()), "/").replace('\n', " ");
        let script = script.trim();
        let started = match self.way {
            Way::Itself => {
                "exec'd by its first line, `#!…/execlineb -P` (a shell has it behind `-c`)"
            }
            Way::Word => "`execlineb -Pc SCRIPT`",
            Way::Chain | Way::File => "`execlineb -P FILE`",
        };
        let how = format!("From its spawn to its end, on one processor: {started}");
        if script.len() > 300 { format!("{how}.") } else { format!("{how}, with `{script}`.") }
    }
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

/// No kernel takes a longer word through an exec; this one is only parsed.
const MEGABYTE: usize = 1 << 20;

pub fn all(lab: &Lab) -> Vec<Snippet> {
    let floor = lab.started("floor").display().to_string();
    let text = lab.started("text").display().to_string();
    let mut all = Vec::new();
    all.push(Snippet {
        section: "start",
        anchor: "start-nothing".into(),
        title: "a start with nothing to do".into(),
        execline: String::new(),
        shell: String::new(),
        rounds: 400,
        words: None,
        way: Way::Word,
    });
    let starts = [0, 1, 5, 20, 100].map(|words| ("start", words, Way::Itself));
    let chains = [0, 20].map(|words| ("language", words, Way::Chain));
    for (section, words, way) in starts.into_iter().chain(chains) {
        let (mut execline, mut shell) = (String::new(), String::new());
        for (word, line) in WORDS.iter().cycle().take(words) {
            execline += &format!("{word}\n");
            shell += &format!("{line}\n");
        }
        let (anchor, title) = match way {
            Way::Itself => ("start", "a script"),
            _ => ("language-chain", "a chain from a named file"),
        };
        all.push(Snippet {
            section,
            anchor: format!("{anchor}-{words}"),
            title: format!("{title} of {words} built-in words"),
            execline: format!("{execline}{floor}\n"),
            shell: format!("{shell}exec {floor}\n"),
            rounds: 400,
            words: (way == Way::Itself).then_some(words as f64),
            way,
        });
    }
    let mut add = |anchor: &str, title: &str, rounds, execline: String, shell: String| {
        let (anchor, title) = (format!("language-{anchor}"), title.to_owned());
        let section = "language";
        let (words, way) = (None, Way::File);
        all.push(Snippet { section, anchor, title, execline, shell, rounds, words, way });
    };
    for (word, shell) in [("foreground", ""), ("if", " || exit 1")] {
        for (kind, block, subshell) in
            [("foreign", floor.as_str(), floor.as_str()), ("built-in", "exit 0", "(exit 0)")]
        {
            let lines = format!("{word} {{ {block} }}\n").repeat(20);
            let shell = format!("{subshell}{shell}\n").repeat(20);
            let (execline, shell) = (format!("{lines}{floor}\n"), format!("{shell}exec {floor}\n"));
            let title = format!("20 × {word} with a {kind} program");
            add(&format!("{word}-{kind}"), &title, 100, execline, shell);
        }
    }
    let values: Vec<String> = (1..=200).map(|n| n.to_string()).collect();
    let values = values.join(" ");
    for (kind, block, subshell) in
        [("foreign", floor.as_str(), floor.as_str()), ("built-in", "exit 0", "(exit 0)")]
    {
        let execline = format!("forx i {{ {values} }} {block}\n");
        let shell = format!("for i in {values}; do {subshell}; done\n");
        add(
            &format!("forx-{kind}"),
            &format!("a loop of 200 rounds with a {kind} program"),
            20,
            execline,
            shell,
        );
    }
    add(
        "pipeline",
        "a pipeline of 3",
        200,
        format!("pipeline {{ {floor} }} pipeline {{ {floor} }} {floor}\n"),
        format!("{floor} | {floor} | {floor}\n"),
    );
    add(
        "backtick",
        "a program's output as a word",
        200,
        format!("backtick x {{ {text} }} importas y x {floor} $y\n"),
        format!("x=$({text})\nexec {floor} $x\n"),
    );
    let line = "foreground { echo \"a line\" of $words }\n";
    add(
        "parse-lines",
        "the parse of 2,000 lines",
        50,
        format!("exit 0\n{}", line.repeat(2000)),
        format!("if false; then\n{}fi\n", "echo \"a line\" of $words\n".repeat(2000)),
    );
    // The original parses it, too, and then can't hand it to an exec.
    let word = "w".repeat(MEGABYTE);
    add(
        "parse-word",
        "the parse of a word of 1 MB",
        50,
        format!("exit 0 {word}\n"),
        format!("if false; then echo {word}; fi\n"),
    );
    all
}

//! Words of a shell that people write in a script of execline, and what to write instead.

/// A shell's way, and execline's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// What the word is to a shell, as in "`&&` is …".
    pub what: &'static str,
    /// What to write instead.
    pub instead: &'static str,
}

/// What `word`, in a program's place, means to a shell, if it is a shell's word.
pub fn habit(word: &[u8]) -> Option<Habit> {
    let row = WORDS.iter().find(|(words, ..)| words.iter().any(|w| w.as_bytes() == word));
    let (what, instead) = match row {
        Some((_, what, instead)) => (*what, *instead),
        None => pattern(word)?,
    };
    Some(Habit { what, instead })
}

type Row = (&'static [&'static str], &'static str, &'static str);

const WORDS: &[Row] = &[
    (&["&&"], "a shell's operator", "a && b is: if { a } b"),
    (&["||"], "a shell's operator", "a || b is: if -t -n { a } b"),
    (&["|", "|&"], "a shell's operator", "a | b is: pipeline { a } b"),
    (&[";", ";;"], "a shell's operator", "a ; b is: foreground { a } b"),
    (&["&"], "a shell's operator", "a & b is: background { a } b"),
    (&["!"], "a shell's operator", "! a && b is: if -n { a } b"),
    (&[">&2", "1>&2"], "a shell's redirection", "a >&2 is: fdmove -c 1 2 a"),
    (&["2>&1"], "a shell's redirection", "a 2>&1 is: fdmove -c 2 1 a"),
    (&["then", "elif", "else", "fi"], "a shell's keyword", IF),
    (
        &["do", "done", "while", "until"],
        "a shell's keyword",
        "while a; do b; done is: loopwhilex if { a } b",
    ),
    (
        &["for", "select"],
        "a shell's keyword",
        "for x in a b; do c $x; done is: forx -E x { a b } c $x",
    ),
    (
        &["esac"],
        "a shell's keyword",
        "case has regular expressions in one block, and the default behind it: case $x { RE { a } } b",
    ),
    (&["function"], "a shell's keyword", "there are no functions: write a script of its own"),
    (&["[[", "[", "test"], "a shell's test", "[ -e /x ] && b is: if { eltest -e /x } b"),
    (
        &["((", "let", "expr"],
        "a shell's arithmetic",
        "there is none: have a program compute, with backtick",
    ),
    (
        &["source", "."],
        "a shell's command",
        "a file of variables is read by: envfile FILE prog; a script is a program: FILE",
    ),
    (
        &["local", "declare", "typeset", "readonly", "set"],
        "a shell's command",
        "a variable is: export NAME value prog, or for this script alone: define NAME value prog",
    ),
    (&["unset"], "a shell's command", "unset x is: unexport x prog"),
    (&["return"], "a shell's command", "a script ends with: exit CODE"),
    (&["eval"], "a shell's command", "a string is run as a script by: execlineb -c STRING"),
    (
        &["read"],
        "a shell's command",
        "read x is: withstdinas -n -E x prog, with $x or ${x} in prog",
    ),
    (
        &["break", "continue"],
        "a shell's command",
        "a loop ends at an exit code: see the options -o and -x of loopwhilex, forx and forstdin",
    ),
    (
        &["shopt", "alias", "hash"],
        "a shell's command",
        "there is no such thing in execline: leave it out",
    ),
    (&["ulimit"], "a shell's command", "ulimit -n 100 is: s6-softlimit -o 100 prog"),
    (&[":"], "a shell's command", ": is: s6-true"),
    (
        &["true", "false", "echo", "sleep", "cat"],
        "a shell's command that this system lacks",
        "the same is there with s6- in front: s6-true, s6-false, s6-echo, s6-sleep, s6-cat",
    ),
    (&["pwd"], "a shell's command", "the directory is put in a variable by: getcwd NAME prog"),
];

const IF: &str = "if a; then b; fi; c is: foreground { if { a } b } c, and with an else: \
                  ifthenelse { a } { b } { d } c";

fn pattern(word: &[u8]) -> Option<(&'static str, &'static str)> {
    if is_assignment(word) {
        return Some(("a shell's assignment", "NAME=value prog is: export NAME value prog"));
    }
    Some(match word {
        [b'$', b'0'..=b'9' | b'@' | b'#', ..] => (
            "a positional parameter that nothing has put in",
            "let the first line be execlineb -S1, or write: elgetpositionals prog",
        ),
        [b'$', b'(', ..] | [b'`', ..] => (
            "a shell's command substitution",
            "x=$(a) is: backtick -E x { a } prog, with $x or ${x} in prog",
        ),
        [b'$', _, ..] => (
            "a variable that nothing has put in",
            "the environment's is put in by: importas NAME NAME prog",
        ),
        [b'<', b'<', ..] => {
            ("a shell's redirection", "text for standard input is: heredoc 0 TEXT prog")
        }
        [b'<', ..] => ("a shell's redirection", "a < FILE is: redirfd -r 0 FILE a"),
        [b'2', b'>', b'>', ..] => ("a shell's redirection", "a 2>> FILE is: redirfd -a 2 FILE a"),
        [b'2', b'>', ..] => ("a shell's redirection", "a 2> FILE is: redirfd -w 2 FILE a"),
        [b'&', b'>', ..] => {
            ("a shell's redirection", "a &> FILE is: redirfd -w 1 FILE fdmove -c 2 1 a")
        }
        [b'>', b'>', ..] => ("a shell's redirection", "a >> FILE is: redirfd -a 1 FILE a"),
        [b'>', ..] => ("a shell's redirection", "a > FILE is: redirfd -w 1 FILE a"),
        [b'~', ..] => (
            "a shell's name for a home directory",
            "write the path out, or put it in a variable: backtick -E HOME { homeof USER } prog",
        ),
        [b'\'', ..] => ("in single quotes, which mean nothing here", "quote with \" instead"),
        [b'(', ..] => ("a shell's subshell", "(a; b); c is: foreground { foreground { a } b } c"),
        _ => return None,
    })
}

fn is_assignment(word: &[u8]) -> bool {
    let equals = word.iter().position(|&b| b == b'=').unwrap_or_default();
    let name = &word[..equals];
    let first = name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    first && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shells_words_are_told_from_programs() {
        for (word, instead) in [
            ("&&", "if {"),
            ("||", "if -t -n"),
            ("|", "pipeline"),
            (">", "redirfd -w 1"),
            (">>/x", "redirfd -a 1"),
            ("2>/dev/null", "redirfd -w 2"),
            ("2>&1", "fdmove -c 2 1"),
            ("<<EOF", "heredoc"),
            ("A_1=x=y", "export NAME"),
            ("_=", "export NAME"),
            ("$1", "execlineb -S1"),
            ("${HOME}", "importas"),
            ("$(date)", "backtick"),
            ("[", "eltest"),
            ("then", "ifthenelse"),
        ] {
            let found = habit(word.as_bytes()).unwrap();
            assert!(found.instead.contains(instead), "{word}: {}", found.instead);
        }
        for word in ["nginx", "1=2", "=", "a-b=c", "", "$", "/bin/[", "fdmove", "if", "case"] {
            assert_eq!(habit(word.as_bytes()), None, "{word}");
        }
    }
}

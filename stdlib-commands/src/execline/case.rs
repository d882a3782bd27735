//! `case`: becomes the command line behind the first pattern that a value matches.

use crate::options;
use interpreter::arg::{self, Arg, Argv, leak};
use interpreter::args::number::Decimal;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran, Refuse};
use sys::posix::{self, BadPattern, Regex, Span};

/// The command.
pub const COMMAND: Command = Command {
    name: "case",
    usage: "case [ -S | -s ] [ -E | -e ] [ -N | -n ] [ -i ] value \
            { [ pattern { prog... } ]... } [ progdefault... ]",
    run,
    kind: Kind::Link,
    examine: Some(examine),
};

struct Options {
    shell: bool,
    /// Regular expressions: extended ones. Shell patterns: a backslash takes a meaning away.
    extended: bool,
    /// Regular expressions: what they matched goes into the environment. Shell patterns: only a
    /// slash matches a slash.
    captures: bool,
    /// Regular expressions: letters match in both cases. Shell patterns: only a dot matches a dot
    /// at the beginning.
    ignore_case: bool,
}

/// 100: a block is missing, or a pattern does not compile; 111: it takes too much memory. Patterns
/// behind the one that matches are not looked at.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let options = take(&mut argv)?;
    let [value, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    let mut cases = super::block::named(image, &mut argv, "case")?;
    while let Some(pattern) = cases.next_word() {
        let block = image.block(&mut cases)?.ok_or_else(|| {
            let pattern = shown(pattern.to_bytes());
            Fail::bad(format!("malformed case block: no {{ words }} behind the pattern {pattern}"))
        })?;
        let found = if options.shell {
            posix::fnmatch(pattern, value, options.fnmatch_flags()).then(Vec::new)
        } else {
            matched(&options, pattern, value)?
        };
        if let Some(spans) = found {
            if options.captures && !options.shell {
                export(image, pattern, value, &spans);
            }
            return Next::chain_or_end(block);
        }
    }
    Next::chain_or_end(argv)
}

fn take(argv: &mut Argv) -> Result<Options, Fail> {
    let mut found = Options { shell: false, extended: true, captures: false, ignore_case: false };
    options::take(argv, "sSeEnNi", |letter, _| {
        match letter {
            b's' | b'S' => found.shell = letter == b's',
            b'e' | b'E' => found.extended = letter == b'E',
            b'n' | b'N' => found.captures = letter == b'N',
            _ => found.ignore_case = true,
        }
        Ok(())
    })?;
    Ok(found)
}

impl Options {
    fn fnmatch_flags(&self) -> i32 {
        bits(&[
            (!self.extended, posix::FNM_NOESCAPE),
            (self.ignore_case, posix::FNM_PERIOD),
            (self.captures, posix::FNM_PATHNAME),
        ])
    }

    fn regex_flags(&self) -> i32 {
        bits(&[
            (self.extended, posix::REG_EXTENDED),
            (self.ignore_case, posix::REG_ICASE),
            (!self.captures, posix::REG_NOSUB),
        ])
    }
}

fn bits(flags: &[(bool, i32)]) -> i32 {
    flags.iter().filter(|(on, _)| *on).fold(0, |all, (_, bit)| all | bit)
}

fn examine(words: &[Arg], refuse: &mut Refuse) {
    let mut argv = Argv::new(words.to_vec());
    let Some(how) = take(&mut argv).ok().filter(|how| !how.shell) else { return };
    argv.next_word();
    let mut cases = arg::block(&mut argv).unwrap_or_default();
    while let Some(pattern) = cases.next_word() {
        options::refuse_if(compiled(&how, pattern).map(drop), pattern, refuse);
        arg::block(&mut cases);
    }
}

fn compiled(options: &Options, pattern: Arg) -> Result<Regex, Fail> {
    Regex::with(anchored(pattern), options.regex_flags())
        .map_err(|bad| bad_pattern("compile", pattern, bad))
}

fn bad_pattern(verb: &str, pattern: Arg, BadPattern(reason, no_memory): BadPattern) -> Fail {
    let what = format!(
        "unable to {verb} the pattern {}: {}\nhelp: \\\\ in front takes a character's meaning away; \
         the option -s is for shell patterns",
        shown(pattern.to_bytes()),
        shown(&reason)
    );
    Fail::with_code(if no_memory { 111 } else { 100 }, what)
}

fn anchored(pattern: Arg) -> Arg {
    leak([b"^", pattern.to_bytes(), b"$"].concat())
}

/// Where the subexpressions stand in the value, if the expression between `^` and `$` matches.
/// Where it has alternatives, the anchors belong to the first and the last of them only.
fn matched(options: &Options, pattern: Arg, value: Arg) -> Result<Option<Vec<Span>>, Fail> {
    let regex = compiled(options, pattern)?;
    let groups = if options.captures { regex.groups() } else { 0 };
    let spans = regex.find(value, groups).map_err(|bad| bad_pattern("match", pattern, bad))?;
    Ok(spans.map(|all| all.into_iter().skip(1).collect()))
}

/// Leaves the pattern and what its subexpressions matched as positional parameters.
fn export(image: &mut Image, pattern: Arg, value: Arg, spans: &[Span]) {
    image.env.set(b"#", &Decimal::new(spans.len() as u64));
    image.env.set(b"0", pattern.to_bytes());
    for (number, span) in (1..).zip(spans) {
        let part = span.clone().and_then(|span| value.to_bytes().get(span)).unwrap_or_default();
        image.env.set(&Decimal::new(number), part);
    }
}

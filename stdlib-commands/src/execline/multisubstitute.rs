//! `multisubstitute`: several substitutions at once, so that none finds a key in the value of
//! another.

use super::substitution::{
    Defined, Directive, Problem, define, elglob, importas, multidefine, positionals,
};
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "multisubstitute",
    usage: "multisubstitute { [ define ... | importas ... | elglob ... | elgetpositionals ... | \
            multidefine ... ]... } prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

const DIRECTIVES: &[(&str, Directive)] = &[
    ("define", define::read),
    ("importas", importas::read),
    ("import", importas::read_import),
    ("elglob", elglob::read),
    ("elgetpositionals", positionals::read),
    ("multidefine", multidefine::read),
];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let mut block = image.need_block(&mut argv)?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let mut defined = Defined::default();
    while let Some(word) = block.next_word() {
        let known = DIRECTIVES.iter().find(|(name, _)| name.as_bytes() == word.to_bytes());
        let &(name, read) = known.ok_or_else(|| {
            let names: Vec<&str> = DIRECTIVES.iter().map(|d| d.0).collect();
            Fail::bad(format!(
                "syntax error: unrecognized directive {}: it is none of {}",
                shown(word.to_bytes()),
                names.join(", ")
            ))
        })?;
        read(image, &mut block, &mut defined).map_err(|problem| fail(name, problem))?;
    }
    defined.run_rest(image, argv)
}

fn fail(directive: &str, problem: Problem) -> Fail {
    match problem {
        Problem::Usage(_) => Fail::bad(format!(
            "syntax error at directive {directive}: see what the command {directive} takes"
        )),
        Problem::Key(why) => Fail::bad(format!("wrong key for directive {directive}: {why}")),
        Problem::EmptyBlock => Fail::with_code(
            111,
            format!("empty block for directive {directive}: it wants the names of keys"),
        ),
        Problem::Unable { what, reason } => {
            Fail::with_code(111, format!("unable to run directive {directive}: {what}: {reason}"))
        }
        Problem::Final(fail) => fail,
    }
}

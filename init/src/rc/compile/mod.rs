//! `s6-rc-compile`: definitions in, a database out.

mod write;

use super::source::{self, Fault, Talk};
use interpreter::arg::Argv;
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 0 compiled, 1 something is wrong with the definitions, 100 wrong usage, 111 the
/// system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-compile",
    usage: "s6-rc-compile [ -v verbosity ] [ -h fdholder_user ] [ -b ] destdir sources...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// It changes nothing, as in the original, which says that it may be ignored.
const FLAGS: [Flag; 1] = [Flag { short: b'b', long: "block", clear: 0, set: 1 }];
const VALUED: [Valued; 2] = [
    Valued { short: b'v', long: "verbosity", slot: 0 },
    // No process holds pipelines' pipes, so nobody's user it is.
    Valued { short: b'h', long: "fdholder-user", slot: 1 },
];

/// Compiles the definitions in `sources` into a new database at `to`. All faults, warnings among
/// them; it was made if [`source::code`] finds none that is more.
/// `bundles`: names of bundles that need no definition.
pub fn compile(sources: &[&[u8]], bundles: &[&[u8]], to: &[u8], talk: Talk) -> Vec<Fault> {
    let mut faults = Vec::new();
    let sources = source::read_with(sources, bundles, talk, &mut faults);
    for step in
        ["making bundles for pipelines", "resolving bundle names", "resolving service names"]
    {
        talk.info(2, || step.into());
    }
    if let Some(set) = source::link(&sources, &mut faults) {
        talk.info(2, || {
            format!("writing compiled information to {}", interpreter::diagnose::shown(to))
        });
        if let Err(fault) = write::write(&sources, &set, to) {
            faults.push(fault);
        }
    }
    faults
}

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let Found { values: [verbosity, _], used, .. } = long::scan::<2>(&argv, &FLAGS, &VALUED)?;
    argv.advance(used);
    let verbosity = verbosity.map_or(Ok(1), |word| {
        options::number(word).map_err(|_| Fail::bad("verbosity must be an unsigned integer"))
    })?;
    let [to, sources @ ..] = &argv[..] else { return Err(Fail::usage()) };
    if sources.is_empty() {
        return Err(Fail::usage());
    }
    let talk = Talk { who: COMMAND.name, verbosity };
    let sources: Vec<&[u8]> = sources.iter().map(|source| source.to_bytes()).collect();
    let faults = compile(&sources, &[], to.to_bytes(), talk);
    tell(&faults, talk);
    Ok(Next::Exit(source::code(&faults).unwrap_or(0)))
}

/// Says what is wrong, as far as it is to be said.
pub fn tell(faults: &[Fault], talk: Talk) {
    let said = faults.iter().filter(|fault| fault.flaw.loudness() <= talk.verbosity);
    let text: Vec<u8> = said.flat_map(|fault| fault.message(talk.who)).collect();
    let _ = sys::fd::write_all(2, &text);
}

//! `chainit …`: what a person types. clap is linked for this alone, and never runs on the path
//! of a chain.
//!
//! Exit codes: 0 success, 100 wrong usage, 111 the system said no; `chainit run` has its own.

mod check;
mod cli;
mod explain;
mod fault;
mod graph;
mod help;
mod inside;
mod install;
mod man;
pub mod manual;
mod resume;
mod root;
mod run;
mod script;
mod timeline;
mod trace;
mod tree;
mod upgrade;
mod usage;

use clap::ArgMatches;
use fault::Fault;
use interpreter::arg::{Arg, Argv};
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use root::Root;
pub use script::own::own_words;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use tree::Part;
pub use tree::{BINARY, INSTALLED, content, program};

/// The multicall file under its own name.
pub const COMMAND: Command = Command {
    name: "chainit",
    usage: "chainit command [ args... ]",
    run,
    kind: Kind::Daemon,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    if resume::is_meant(&argv) {
        return resume::run(image, &argv);
    }
    if argv.first().is_some_and(|word| is_word(image, word)) {
        // Exec'd rather than called: the word is to find itself under its own name.
        return Ok(Next::File { file: sys::spawn::SELF, argv });
    }
    let words = argv.iter().map(|w| OsString::from_vec(w.to_bytes().to_vec()));
    let matches = usage::command()
        .try_get_matches_from(std::iter::once(OsString::from("chainit")).chain(words));
    match matches {
        Ok(matches) => obey(image, &matches),
        Err(error) => {
            Ok(Next::Exit(tell(&error, argv.first().map_or(b"", |word| word.to_bytes()))))
        }
    }
}

/// A command of the binary that is no verb of the operator's.
fn is_word(image: &Image, word: Arg) -> bool {
    let name = word.to_bytes();
    let verb = |c: &clap::Command| c.get_name().as_bytes() == name;
    name != COMMAND.name.as_bytes()
        && image.find(name).is_some()
        && !cli::command().get_subcommands().any(verb)
}

/// Shows help, the version, or what is wrong with the command line. The exit code.
fn tell(error: &clap::Error, first: &[u8]) -> i32 {
    let mut text = error.render().to_string();
    if !error.use_stderr() {
        return if sys::fd::write_all(1, text.as_bytes()).is_ok() { 0 } else { 111 };
    }
    let own = cli::command();
    let verb = own.get_subcommands().find(|verb| verb.get_name().as_bytes() == first);
    let meant = match verb {
        None => interpreter::diagnose::nearest(first, own.get_subcommands().map(name)),
        Some(_) => None,
    };
    if let Some(name) = meant {
        let name = String::from_utf8_lossy(name);
        text.push_str(&["help: did you mean ", &name, "?\n"].concat());
    }
    text.push_str(&["Usage: ", &usage::line(verb.unwrap_or(&own)), "\n"].concat());
    match sys::fd::write_all(2, text.as_bytes()) {
        Err(_) => 111,
        Ok(()) => 100,
    }
}

fn name(verb: &clap::Command) -> &[u8] {
    verb.get_name().as_bytes()
}

/// The exit code of a `chainit run` that could not boot a container, as Docker has it.
const NO_CONTAINER: i32 = 125;

fn obey(image: &mut Image, matches: &ArgMatches) -> Ran {
    if let Some(("trace", options)) = matches.subcommand() {
        return trace::run(image, options);
    }
    if let Some(("env", options)) = matches.subcommand() {
        return inside::env(image, options);
    }
    if let Some(("exec", options)) = matches.subcommand() {
        return inside::exec(image, options);
    }
    if let Some(("run", options)) = matches.subcommand() {
        let ran = run::run(options, &image.env).map(Next::Exit);
        return ran.map_err(|fault| failed_with(NO_CONTAINER, fault));
    }
    let reading = match matches.subcommand() {
        Some(("check", options)) => Some(check::run(options, &image.env)),
        Some(("explain", options)) => Some(explain::run(options, &image.env)),
        Some(("graph", options)) => Some(graph::run(options, &image.env)),
        _ => None,
    };
    if let Some(code) = reading {
        return code.map(Next::Exit).map_err(failed);
    }
    let done = match matches.subcommand() {
        Some(("install", options)) => install(options),
        Some(("upgrade", options)) => upgrade::run(options),
        Some(("timeline", options)) => timeline::run(options),
        Some(("commands", _)) => show(&commands()),
        Some(("man", options)) => {
            let dir = options.get_one::<OsString>("output").map_or(OsStr::new(""), |dir| dir);
            man::lay(Path::new(dir))
        }
        Some(("help", options)) => {
            help::text(options, &image.env).and_then(|text| show(text.as_bytes()))
        }
        _ => return Err(Fail::usage()),
    };
    done.map(|()| Next::Exit(0)).map_err(failed)
}

fn failed(fault: Fault) -> Fail {
    failed_with(111, fault)
}

fn failed_with(code: i32, fault: Fault) -> Fail {
    Fail::with_code(if fault.is_usage() { 100 } else { code }, fault.to_string())
}

fn show(text: &[u8]) -> Result<(), Fault> {
    sys::fd::write_all(1, text).map_err(|e| Fault::step("write to standard output", e, ""))
}

fn install(options: &ArgMatches) -> Result<(), Fault> {
    let mut parts: Vec<Part> = match options.get_many::<String>("part") {
        Some(names) => names.filter_map(|name| Part::named(name)).collect(),
        None => vec![Part::Noarch, Part::Arch],
    };
    if options.get_flag("symlinks") {
        parts.extend([Part::SymlinksNoarch, Part::SymlinksArch]);
    }
    if options.get_flag("list") {
        return show(&install::listing(&parts));
    }
    let root = options.get_one::<OsString>("root").map_or(OsStr::new(""), |dir| dir).as_bytes();
    match sys::fs::stat_bytes(root) {
        Ok(stat) if stat.is_dir() => {}
        Ok(_) => return Err(Fault::no_dir(root)),
        Err(errno) => return Err(Fault::at("find the root directory", root, errno)),
    }
    install::install(&Root::new(root), &parts)?;
    if parts.contains(&Part::Noarch) && manual::store::text().is_none() {
        warn(&manual::store::missing());
    }
    Ok(())
}

/// Says on standard error what is a pity, and no more.
fn warn(what: &Fault) {
    let line = ["chainit: warning: ", &what.to_string(), "\n"].concat();
    let _ = sys::fd::write_all(2, line.as_bytes());
}

/// Whether a terminal is behind the descriptor, and nobody has asked for plain text (`NO_COLOR`,
/// `TERM=dumb`).
pub fn is_styled(env: &Env, fd: i32) -> bool {
    let asked = env.get(b"NO_COLOR").is_none_or(<[u8]>::is_empty);
    asked && env.get(b"TERM").is_some_and(|term| term != b"dumb") && sys::fd::is_terminal(fd)
}

/// The names under which the binary is called, one a line.
fn commands() -> Vec<u8> {
    let mut out = Vec::new();
    for command in crate::tables().flatten() {
        out.extend_from_slice(command.name.as_bytes());
        out.push(b'\n');
    }
    out
}

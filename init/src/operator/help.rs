//! `chainit help`: its own commands', and the manual of any word or topic.

use super::cli;
use super::fault::Fault;
use super::manual::{self, terminal};
use super::usage;
use clap::ArgMatches;
use interpreter::env::Env;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// The width where nobody tells it, as in a file.
const WIDTH: usize = 80;

/// The text that was asked for. A word that has none is wrong usage.
pub fn text(options: &ArgMatches, env: &Env) -> Result<String, Fault> {
    let styled = sys::fd::is_terminal(1);
    let own = cli::command();
    let Some(word) = options.get_one::<OsString>("word") else {
        return Ok(usage::help(&own) + &topics());
    };
    let name = word.to_string_lossy();
    if let Some(command) = own.find_subcommand(&*name) {
        return Ok(usage::help(command));
    }
    if name == own.get_name() {
        return Ok(usage::help(&own));
    }
    if let Some(manual) = manual::topic(&name) {
        return Ok(terminal::render(&manual, terminal::Look { width: width(env), styled }));
    }
    if manual::store::text().is_some() {
        return Err(Fault::usage(unknown(word.as_bytes(), &own)));
    }
    // What the program knows by itself.
    let missing = manual::store::missing();
    match crate::tables().flatten().find(|command| command.name == name) {
        Some(command) => {
            Ok(["usage: ", command.usage, "\n\n", &missing.to_string(), "\n"].concat())
        }
        None => Err(missing),
    }
}

/// The topics that are no commands, for the end of the general help.
fn topics() -> String {
    if manual::store::text().is_none() {
        return ["\n", &manual::store::missing().to_string(), "\n"].concat();
    }
    let mut out = String::from("\nTopics of the language:\n");
    for topic in manual::all().filter(|m| m.section == "7") {
        out.push_str(&format!(
            "  {:<13} {}\n",
            topic.name,
            terminal::plain_end(topic.summary).replace('`', "")
        ));
    }
    out
}

fn unknown(word: &[u8], own: &clap::Command) -> String {
    let verbs = own.get_subcommands().map(|c| c.get_name().as_bytes());
    let names = manual::all().map(|m| m.name.as_bytes()).chain(verbs);
    let meant = match interpreter::diagnose::nearest(word, names) {
        Some(name) => format!("did you mean {}?", String::from_utf8_lossy(name)),
        None => "chainit commands lists the commands, chainit help the topics".to_owned(),
    };
    format!("there is no manual of {}\nhelp: {meant}", String::from_utf8_lossy(word))
}

/// The terminal's, or what `COLUMNS` says.
fn width(env: &Env) -> usize {
    let told = || std::str::from_utf8(env.get(b"COLUMNS")?).ok()?.parse().ok();
    let window = || sys::space::window(1).ok().map(|(_, columns)| usize::from(columns));
    window().filter(|&columns| columns > 0).or_else(told).unwrap_or(WIDTH)
}

//! How a verb of `chainit` is shown: its usage line and its help. clap could do both, for a
//! twentieth of the program; what there is to say is in its declarations ([`super::cli`]).

use clap::{Arg, Command};

/// The whole command line, each verb with its help.
pub fn command() -> Command {
    let whole = super::cli::command().mut_subcommands(|verb| {
        let text = help(&verb);
        verb.override_help(text)
    });
    let text = help(&whole);
    whole.override_help(text)
}

/// What has to be typed: `chainit run [OPTIONS] <TREE> [-- [CMD]...]`.
pub fn line(command: &Command) -> String {
    let mut out = String::from("chainit");
    if command.has_subcommands() {
        return out + " <COMMAND>";
    }
    out.push(' ');
    out.push_str(command.get_name());
    let (needed, free): (Vec<&Arg>, Vec<&Arg>) =
        command.get_opts().partition(|option| option.is_required_set());
    if !free.is_empty() || command.get_arguments().any(is_flag) {
        out.push_str(" [OPTIONS]");
    }
    for option in needed {
        out.push(' ');
        out.push_str(&typed(option));
    }
    for word in command.get_positionals() {
        out.push_str(if word.is_last_set() { " [-- " } else { " " });
        out.push_str(&typed(word));
        out.push_str(if word.is_last_set() { "]" } else { "" });
    }
    out
}

/// The help of a verb, or of all.
pub fn help(command: &Command) -> String {
    let about = command.get_long_about().or(command.get_about());
    let mut out = about.map(ToString::to_string).unwrap_or_default();
    out.push_str("\n\nUsage: ");
    out.push_str(&line(command));
    out.push('\n');
    rows(
        &mut out,
        "Commands",
        command.get_subcommands().map(|verb| {
            let about = verb.get_about().map(ToString::to_string);
            (verb.get_name().to_owned(), about.unwrap_or_default())
        }),
    );
    rows(&mut out, "Arguments", command.get_positionals().map(row));
    let own = command.get_arguments().filter(|a| !a.is_positional()).map(row);
    let version = command.has_subcommands().then(|| both("-V, --version", "Print version"));
    rows(&mut out, "Options", own.chain([both("-h, --help", "Print help")]).chain(version));
    if let Some(after) = command.get_after_help() {
        out.push('\n');
        out.push_str(&after.to_string());
        out.push('\n');
    }
    out
}

fn both(typed: &str, said: &str) -> (String, String) {
    (typed.to_owned(), said.to_owned())
}

fn is_flag(argument: &Arg) -> bool {
    !argument.is_positional() && !argument.get_action().takes_values()
}

/// How an argument is typed, and what it is for.
fn row(argument: &Arg) -> (String, String) {
    let mut said = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let values = argument.get_possible_values();
    if !values.is_empty() && !is_flag(argument) {
        let names: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
        said.push_str(&[" (", &names.join(", "), ")"].concat());
    }
    let short = match argument.get_short() {
        Some(letter) => ["-", letter.encode_utf8(&mut [0; 4]), ", "].concat(),
        None if argument.is_positional() => String::new(),
        None => "    ".to_owned(),
    };
    (short + &typed(argument), said)
}

/// `--format <FORMAT>`, `<TREE>`, `[CMD]...`.
pub fn typed(argument: &Arg) -> String {
    let name = argument.get_value_names().and_then(|names| names.first());
    let name = name.map_or(argument.get_id().as_str(), |name| name.as_str());
    let long = argument.get_long().map(|long| ["--", long].concat());
    match long {
        Some(long) if is_flag(argument) => long,
        Some(long) => [&long, " <", name, ">"].concat(),
        None => {
            let many = argument.get_num_args().is_some_and(|range| range.max_values() > 1);
            let (open, close) = if argument.is_required_set() { ("<", ">") } else { ("[", "]") };
            [open, name, close, if many { "..." } else { "" }].concat()
        }
    }
}

/// A heading and its rows in two columns, unless there are none.
fn rows(out: &mut String, heading: &str, rows: impl Iterator<Item = (String, String)>) {
    let rows: Vec<(String, String)> = rows.collect();
    let Some(wide) = rows.iter().map(|(typed, _)| typed.chars().count()).max() else { return };
    out.push_str(&["\n", heading, ":\n"].concat());
    for (typed, said) in rows {
        let blanks = " ".repeat(wide - typed.chars().count() + 2);
        out.push_str(&["  ", &typed, &blanks, &said, "\n"].concat());
    }
}

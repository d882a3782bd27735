//! `chainit explain FILE`: what each word of a script does with its arguments and blocks, in plain
//! words. The commands' usage lines tell which words are which, their manuals what they are for.
//!
//! Exit codes: 0, 100 a script that does not parse or wrong usage, 111 a file can't be read.

mod show;
mod tree;

use super::fault::Fault;
use super::manual::store;
use super::script::file::{self, Role, Runner};
use super::script::tokens;
use clap::ArgMatches;
use interpreter::diagnose::{shown, syntax_message};
use interpreter::env::Env;
use interpreter::launch;
use interpreter::word::Command;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// Explains the file that the options name. The exit code.
pub fn run(options: &ArgMatches, env: &Env) -> Result<i32, Fault> {
    let path = options.get_one::<OsString>("file").map_or(&b""[..], |path| path.as_bytes());
    let source = match sys::fd::read_file_bytes(path) {
        Ok(source) => source,
        Err(sys::Errno::EISDIR) => {
            let what = format!("unable to read {}: it is a directory", shown(path));
            return Err(Fault::said(what, "name a file in it"));
        }
        Err(errno) => return Err(Fault::at("read", path, errno)),
    };
    let tokens = match tokens::read(&source) {
        Ok(tokens) => tokens,
        Err(_) if other(path, &source).is_some() => Vec::new(),
        Err(error) => {
            let message = syntax_message("chainit", Some(path), path, &source, &error);
            let _ = sys::fd::write_all(2, &message);
            return Ok(100);
        }
    };
    let styled = super::is_styled(env, 1);
    let text = match other(path, &source) {
        Some(name) => format!("{} is a script for {name}, and not execline\n", shown(path)),
        None => {
            let nodes = tree::chain(&source, &tokens, 0..tokens.len(), 0);
            show::text(launched(&source).as_ref(), &nodes, styled)
        }
    };
    sys::fd::write_all(1, text.as_bytes())
        .map_err(|errno| Fault::step("write to standard output", errno, ""))?;
    if store::text().is_none() {
        super::warn(&store::missing());
    }
    Ok(0)
}

/// The interpreter of a script that is none of execline.
fn other(path: &[u8], source: &[u8]) -> Option<String> {
    let line = file::first_line(source).filter(|_| file::role(path, None) != Role::Oneshot)?;
    match file::runner(&line) {
        Runner::Other(name) => Some(shown(&name)),
        Runner::Execline(..) => None,
    }
}

/// The first line's `execlineb`, and what its options do.
fn launched(source: &[u8]) -> Option<tree::Node> {
    const LAUNCHER: &Command = &launch::COMMAND;
    let line = file::first_line(source)?;
    let argument = line.argument.unwrap_or_default();
    let start = argument.iter().position(|&b| b == b'-');
    let words: Vec<u8> = start.map(|at| argument[at..].to_vec()).unwrap_or_default();
    let tokens = tokens::read(&words).ok()?;
    let mut node = tree::command(&words, &tokens, 0..tokens.len(), LAUNCHER, 0);
    node.line = 1;
    node.head = shown(&source[line.at]);
    node.notes.retain(|note| !matches!(note, tree::Note::Trouble(_)));
    Some(node)
}

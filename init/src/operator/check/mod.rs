//! `chainit check PATH…`: says before it runs what a script will do wrong, or a tree of services.
//!
//! What a command takes is read out of its usage line; what a variable is, from the commands that
//! set it. A word that is no command of ours is looked up in the image (`--root`), or, where that is
//! not known, taken for a program that the image will have.
//!
//! Exit codes: 0 nothing is wrong, 1 something is, 100 wrong usage, 111 a file can't be read.

mod command;
mod exact;
mod finding;
mod first_line;
mod foreign;
mod report;
mod scope;
mod setters;
mod tree;
mod variables;
mod walk;
mod words;
mod world;

use super::fault::Fault;
use super::script::file::{Positional, Role, Runner};
use super::script::{file, tokens};
use clap::ArgMatches;
use finding::{CRLF, Finding, Level, NO_FINAL_NEWLINE, NUL_BYTE, SYNTAX};
use interpreter::diagnose::{Remark, syntax_remark};
use interpreter::env::Env;
use report::Checked;
pub use report::string;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
pub use tree::definitions;
use walk::{Text, Walk};
use world::World;

/// Checks the files that the options name, and prints what was found. The exit code.
pub fn run(options: &ArgMatches, env: &Env) -> Result<i32, Fault> {
    let bytes = |name: &str| options.get_one::<OsString>(name).map(|w| w.as_bytes());
    let given = Given { root: bytes("root"), path: bytes("path"), own: env.get(b"PATH") };
    let world = given.world(None);
    let files = options.get_many::<OsString>("file").unwrap_or_default();
    let checked: Vec<Checked> = files
        .map(|path| path.as_bytes())
        .flat_map(|path| tree::check(path, &given).unwrap_or_else(|| vec![check(path, &world)]))
        .collect();
    let format = options.get_one::<String>("format").map_or("human", String::as_str);
    report::print(format, &checked, env)?;
    let found = |f: &Finding| f.rule.level > Level::Note;
    Ok(match () {
        () if checked.iter().any(|c| c.unreadable.is_some()) => 111,
        () if checked.iter().any(|c| c.findings.iter().any(found)) => 1,
        () => 0,
    })
}

/// What the command line says of the image that everything is for.
struct Given<'a> {
    root: Option<&'a [u8]>,
    path: Option<&'a [u8]>,
    own: Option<&'a [u8]>,
}

impl<'a> Given<'a> {
    /// The image; its root is `root` if nothing else was said.
    fn world(&self, root: Option<&'a [u8]>) -> World<'a> {
        World::new(self.root.or(root), self.path, self.own)
    }
}

fn check(path: &[u8], world: &World) -> Checked {
    let whole = path.to_vec();
    match sys::fd::read_file_bytes(path) {
        Ok(source) => {
            let dir = path.iter().rposition(|&b| b == b'/').map_or(&b"."[..], |at| &path[..at]);
            let kind = sys::fd::read_file_bytes(&[dir, b"/type"].concat()).ok();
            let role = file::role(path, kind.as_deref());
            let findings = examine(&source, role, world);
            Checked { path: whole, source, findings, unreadable: None }
        }
        Err(errno) => {
            let (source, findings) = Default::default();
            Checked { path: whole, source, findings, unreadable: Some(errno) }
        }
    }
}

/// What is wrong with a file, in the order of the places.
fn examine(source: &[u8], role: Role, world: &World) -> Vec<Finding> {
    let names: Vec<&[u8]> = crate::tables().flatten().map(|c| c.name.as_bytes()).collect();
    let mut walk = Walk::new(source, world, names);
    let runner = first_line::examine(&mut walk, role);
    if let Runner::Execline(positional, _) = runner {
        bytes(&mut walk, role);
        match tokens::read(source) {
            Ok(tokens) => {
                if positional == Positional::Substituted {
                    walk.scope.set_positional();
                }
                walk.chain(&Text { tokens: &tokens, inside: None }, 0..tokens.len());
                walk.settle(source);
            }
            Err(error) => {
                let remark = syntax_remark(source, &error);
                walk.find(&SYNTAX, error.place, remark);
            }
        }
    }
    let mut findings = walk.findings;
    sys::order::by_key(&mut findings, |f| (f.at.start, f.rule.name));
    findings.dedup_by_key(|f| (f.at.clone(), f.rule.name));
    findings
}

/// What is wrong with the file's bytes, whatever its words are.
fn bytes(walk: &mut Walk, role: Role) {
    let source = walk.source;
    if let Some(at) = source.iter().position(|&b| b == 0) {
        let remark = Remark::new("a null byte: the script ends here")
            .help("remove it with: tr -d '\\000' < FILE, if this is a text at all");
        walk.find(&NUL_BYTE, at..at + 1, remark);
    }
    if let Some(at) = source.windows(2).position(|w| w == b"\r\n") {
        let remark = Remark::new("the file has CRLF line ends")
            .help("convert it with: sed -i 's/\\r$//' FILE");
        walk.find(&CRLF, at..at + 1, remark);
    }
    // A oneshot's file is mostly a path.
    if !source.is_empty() && !source.ends_with(b"\n") && role != Role::Oneshot {
        let remark = Remark::new("the last line has no end")
            .help("end it with a newline: what is appended to the file would join its last word");
        walk.find(&NO_FINAL_NEWLINE, source.len()..source.len(), remark);
    }
}

#[cfg(test)]
mod tests;

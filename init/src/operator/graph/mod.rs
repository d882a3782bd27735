//! `chainit graph`: services and what they need, drawn, from definitions, a compiled database or a
//! live state.
//!
//! Exit codes: 0, 1 the definitions are at fault, 100 wrong usage, 111 the system said no.

mod dot;
mod layout;
mod svg;
mod text;
mod view;

use super::fault::Fault;
use crate::rc::LIVE;
use clap::ArgMatches;
use interpreter::env::Env;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use view::Choice;

/// Draws what the options ask for. The exit code.
pub fn run(options: &ArgMatches, env: &Env) -> Result<i32, Fault> {
    let words = |id: &str| -> Vec<&[u8]> {
        let words = options.get_many::<OsString>(id).unwrap_or_default();
        words.map(|word| word.as_bytes()).collect()
    };
    let mut paths = words("dir");
    if paths.is_empty() {
        paths.push(LIVE);
    }
    let dependents = options.get_flag("dependents");
    let view = view::open(&paths, &Choice { names: &words("only"), dependents })?;
    let Some(view) = view else { return Ok(1) };
    let text = match options.get_one::<String>("format").map_or("text", String::as_str) {
        "dot" => dot::dot(&view),
        "mermaid" => dot::mermaid(&view),
        "svg" => svg::drawing(&view),
        _ => text::tree(&view, dependents, super::is_styled(env, 1)),
    };
    super::show(text.as_bytes()).map(|()| 0)
}

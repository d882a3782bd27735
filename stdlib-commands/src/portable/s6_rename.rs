//! `s6-rename`: gives a file another name.

use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command =
    Command { name: "s6-rename", usage: "s6-rename old new", run, kind: Kind::Link, examine: None };

/// 111: the kernel says no.
fn run(_image: &mut Image, argv: Argv) -> Ran {
    let [old, new, ..] = *argv else { return Err(Fail::usage()) };
    let (old, new) = (old.to_bytes(), new.to_bytes());
    sys::fs::rename(old, new)
        .map_err(|errno| Fail::sys(format!("rename {} to {}", shown(old), shown(new)), errno))?;
    Ok(Next::Exit(0))
}

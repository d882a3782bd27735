//! `chainit man`: the manuals as man pages, laid down in a directory.

use super::cli;
use super::fault::Fault;
use super::install::file;
use super::manual::{self, roff};
use super::usage;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Writes all pages to `man1`, `man7` and `man8` of the directory, which are made if need be.
pub fn lay(dir: &Path) -> Result<(), Fault> {
    if manual::store::text().is_none() {
        return Err(manual::store::missing());
    }
    for section in ["1", "7", "8"] {
        let dir = dir.join(format!("man{section}"));
        std::fs::create_dir_all(&dir).map_err(|e| {
            let errno = e.raw_os_error().map_or(sys::Errno::EIO, sys::Errno::from_raw);
            Fault::at("make directory", dir.as_os_str().as_bytes(), errno)
        })?;
    }
    page(dir, "chainit", "1", &own())?;
    manual::all().try_for_each(|m| page(dir, &roff::name(&m), m.section, &roff::render(&m)))
}

fn page(dir: &Path, name: &str, section: &str, text: &str) -> Result<(), Fault> {
    let path = dir.join(format!("man{section}/{name}.{section}"));
    file(text.as_bytes(), 0o644, path.as_os_str().as_bytes())
}

/// The page of chainit itself, from the declarations that make its command line.
fn own() -> String {
    let own = cli::command();
    let about = own.get_about().map(ToString::to_string).unwrap_or_default();
    let mut out = roff::head("chainit", "1", &about);
    let synopsis = roff::code("chainit COMMAND [ args... ]");
    let _ = write!(out, ".SH SYNOPSIS\n{synopsis}\n.SH DESCRIPTION\n");
    paragraphs(&mut out, &own.get_after_help().map(ToString::to_string).unwrap_or_default());
    for command in own.get_subcommands() {
        let usage = usage::line(command);
        let _ = writeln!(out, ".SH {}", roff::inline(&usage).replace('-', "\\-"));
        let about = command.get_long_about().or(command.get_about());
        paragraphs(&mut out, &about.map(ToString::to_string).unwrap_or_default());
        for argument in command.get_arguments() {
            out.push_str(".TP\n");
            roff::line(&mut out, &format!("\\fB{}\\fR", roff::code(&usage::typed(argument))));
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            roff::line(&mut out, &roff::inline(&help));
        }
    }
    out.push_str(".SH SEE ALSO\n.BR execline (7),\n.BR init (8)\n");
    out
}

fn paragraphs(out: &mut String, text: &str) {
    for (nth, paragraph) in text.split("\n\n").enumerate() {
        if nth > 0 {
            out.push_str(".PP\n");
        }
        roff::line(out, &roff::inline(&paragraph.replace('\n', " ")));
    }
}

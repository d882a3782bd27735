//! Commands of s6-portable-utils.

mod names;
mod quoting;
mod s6_basename;
mod s6_cat;
mod s6_chmod;
mod s6_chown;
mod s6_clock;
mod s6_cut;
mod s6_dirname;
mod s6_dumpenv;
mod s6_echo;
mod s6_env;
mod s6_expr;
mod s6_false;
mod s6_format_filter;
mod s6_grep;
mod s6_head;
mod s6_hiercopy;
mod s6_linkname;
mod s6_ln;
mod s6_ls;
pub mod s6_maximumtime;
mod s6_mkdir;
mod s6_mkfifo;
mod s6_nice;
mod s6_nuke;
mod s6_pause;
mod s6_printenv;
mod s6_quote;
mod s6_quote_filter;
mod s6_rename;
mod s6_rmrf;
mod s6_seq;
mod s6_sleep;
mod s6_sort;
mod s6_sync;
mod s6_tai64ndiff;
mod s6_tail;
mod s6_test;
mod s6_touch;
mod s6_true;
mod s6_uniquename;
mod s6_unquote;
mod s6_unquote_filter;
mod s6_update_symlinks;
mod seekablepipe;

pub use quoting::quote;
pub(crate) use s6_echo::COMMAND as ECHO;

use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::word::{Command, Fail, Next, Ran};

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    s6_basename::COMMAND,
    s6_cat::COMMAND,
    s6_chmod::COMMAND,
    s6_chown::COMMAND,
    s6_clock::COMMAND,
    s6_cut::COMMAND,
    s6_dirname::COMMAND,
    s6_dumpenv::COMMAND,
    s6_echo::COMMAND,
    s6_env::COMMAND,
    s6_expr::COMMAND,
    s6_false::COMMAND,
    s6_format_filter::COMMAND,
    s6_grep::COMMAND,
    s6_head::COMMAND,
    s6_hiercopy::COMMAND,
    s6_linkname::COMMAND,
    s6_ln::COMMAND,
    s6_ls::COMMAND,
    s6_maximumtime::COMMAND,
    s6_mkdir::COMMAND,
    s6_mkfifo::COMMAND,
    s6_nice::COMMAND,
    s6_nuke::COMMAND,
    s6_pause::COMMAND,
    s6_printenv::COMMAND,
    s6_quote::COMMAND,
    s6_quote_filter::COMMAND,
    s6_rename::COMMAND,
    s6_rmrf::COMMAND,
    s6_seq::COMMAND,
    s6_sleep::COMMAND,
    s6_sort::COMMAND,
    s6_sync::COMMAND,
    s6_tai64ndiff::COMMAND,
    s6_tail::COMMAND,
    s6_test::COMMAND,
    s6_touch::COMMAND,
    s6_true::COMMAND,
    s6_uniquename::COMMAND,
    s6_unquote::COMMAND,
    s6_unquote_filter::COMMAND,
    s6_update_symlinks::COMMAND,
    seekablepipe::COMMAND,
];

/// Does it to each of the files, of which there has to be one, until one fails.
fn each(argv: Argv, what: &str, act: fn(&[u8]) -> sys::Result<()>) -> Ran {
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    for file in argv.iter().map(|file| file.to_bytes()) {
        act(file).map_err(|errno| Fail::sys_at(what, file, errno))?;
    }
    Ok(Next::Exit(0))
}

/// Writes a line, with its end or without, and ends with 0.
fn line(text: &[u8], newline: bool) -> Ran {
    let end: &[u8] = if newline { b"\n" } else { b"" };
    crate::output::write_and_end(&[text, end].concat())
}

/// Opens a file for reading; `-` is standard input.
fn open(file: &[u8]) -> Result<i32, Fail> {
    match file {
        b"-" => Ok(0),
        _ => sys::fd::open_bytes(file, sys::fd::O_RDONLY | sys::fd::O_CLOEXEC, 0)
            .map_err(|errno| Fail::sys_at("open for reading", file, errno)),
    }
}

/// The number that a word begins with, which may have a sign.
fn signed(word: &[u8]) -> Option<i64> {
    let (minus, digits) = match word {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    match number::uint64_prefix(digits) {
        (_, 0) => None,
        (n, _) if minus => 0i64.checked_sub_unsigned(n),
        (n, _) => i64::try_from(n).ok(),
    }
}

//! `fix-attrs.d`: owners and permissions of files, before anything else.

mod line;
mod walk;

use super::{Failed, Stage2};
use crate::stages::script;
use interpreter::arg::leak;
use interpreter::word::Fail;
use line::Line;
use stdlib_commands::s6::s6_envuidgid::{Ids, Query, defaults};
use sys::posix::{GlobFlags, glob};
use walk::Walk;

/// Applies all files by their names. Failures count only where `S6_BEHAVIOUR_IF_STAGE2_FAILS` says
/// so; none keeps another line from being applied.
pub fn run(stage: &mut Stage2) -> Result<(), Failed> {
    let dir = [&stage.contenv.etc()[..], b"/fix-attrs.d"].concat();
    let names = script::names(&dir);
    if names.is_empty() {
        return Ok(());
    }
    stage.leave()?;
    let hidden = stage.contenv.number_or(b"S6_FIX_ATTRS_HIDDEN", 0) > 0;
    let mut failures = false;
    for name in names {
        let path = [&dir[..], b"/", &name].concat();
        stage.say.info(&[b"fix-attrs: info: applying ", &path]);
        stage.say.flush();
        failures |= !apply(stage, &path, hidden)?;
    }
    stage.say.warn(&[
        b"fix-attrs: warning: fix-attrs is deprecated, please fix volume permissions in your \
          container manager instead",
    ]);
    match stage.behaviour() {
        behaviour if failures && behaviour > 0 => {
            stage.say.warn(&[b"fix-attrs: warning: some fix files failed to apply"]);
            if behaviour >= 2 { Err(Failed::Stage("fix-attrs", 1)) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// Applies a file. Could all of it be done?
fn apply(stage: &mut Stage2, file: &[u8], hidden: bool) -> Result<bool, Failed> {
    let text = match sys::fd::read_file_bytes(file) {
        Ok(text) => text,
        Err(errno) => {
            let reason = sys::reason(errno);
            complain(stage, file, &[b"unable to read it: ", reason.as_bytes()]);
            return Ok(false);
        }
    };
    let mut fine = true;
    for (number, words) in line::split(&text) {
        let place = [file, b":", number.to_string().as_bytes()].concat();
        if let Some(word) =
            words.get(1).filter(|word| ![&b"true"[..], b"false"].contains(&&word[..]))
        {
            let what = b" is neither true nor false, and counts as false";
            stage.say.warn(&[b"fix-attrs: warning: ", &place, b": ", word, what]);
        }
        let todo = Line::read(&words).and_then(|line| {
            let ids = ids(&line).map_err(|fail| fail.to_string())?;
            Ok((line, ids))
        });
        let (line, ids) = match todo {
            Ok(todo) => todo,
            Err(why) => {
                complain(stage, &place, &[why.as_bytes()]);
                fine = false;
                continue;
            }
        };
        for path in paths(&line.path) {
            stage.left()?;
            let mut walk = Walk::new(&line, &ids, hidden);
            walk.begin(&path);
            if let Some(trouble) = walk.trouble() {
                complain(stage, &place, &[&trouble]);
                fine = false;
            }
        }
    }
    Ok(fine)
}

fn complain(stage: &mut Stage2, place: &[u8], what: &[&[u8]]) {
    stage.say.error(&[b"fix-attrs: warning: ", place, b": ", &what.concat()]);
}

/// What the account and its fallback stand for.
fn ids(line: &Line) -> Result<Ids, Fail> {
    let default = match &line.fallback {
        Some(text) => Some(defaults(text).ok_or_else(|| {
            let text = String::from_utf8_lossy(text);
            Fail::bad(format!("{text} is no fallback: it is uid:gid, in numbers"))
        })?),
        None => None,
    };
    let query = match line.account.contains(&b':') {
        true => Query::both(default),
        false => Query::whole(default),
    };
    query.answer(&line.account)
}

/// The paths that a pattern stands for. One that matches nothing is a path itself, which then is
/// missing.
fn paths(pattern: &[u8]) -> Vec<Vec<u8>> {
    let found = glob(leak(pattern.to_vec()), GlobFlags::default()).paths;
    found.unwrap_or_else(|_| vec![line::literal(pattern)])
}

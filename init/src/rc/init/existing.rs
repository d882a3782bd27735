//! A live state that is there already.

use super::{Made, Plan, longruns, put_in_place, supervise};
use crate::control::client;
use crate::rc::compiled::Db;
use crate::scan::request::SOCKET;
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use sys::Errno;
use sys::time::Time;

/// The live state that the plan describes, if it is there: at its place, or, where the link is
/// gone, beside it. Exit code 102: it is another one.
pub(super) fn find(
    plan: &Plan,
    deadline: Option<Time>,
    warn: &mut dyn FnMut(&str),
) -> Result<Option<Made>, Fail> {
    match sys::fs::realpath(plan.live) {
        Ok(dir) => Ok(match check(plan, &dir, warn)? {
            Found::Dead => None,
            Found::Whole => Some(Made::Old(dir)),
            Found::Part(missing) => Some(complete(plan, dir, &missing, deadline)?),
        }),
        Err(_) => beside(plan, deadline, warn),
    }
}

fn complete(
    plan: &Plan,
    dir: Vec<u8>,
    missing: &[Vec<u8>],
    deadline: Option<Time>,
) -> Result<Made, Fail> {
    let db = super::db::open(plan.compiled)?;
    let missing: Vec<&[u8]> = missing.iter().map(|name| &name[..]).collect();
    supervise::begin(plan, &dir, &db, &missing, deadline)?;
    Ok(Made::Mended(dir))
}

fn beside(
    plan: &Plan,
    deadline: Option<Time>,
    warn: &mut dyn FnMut(&str),
) -> Result<Option<Made>, Fail> {
    let live = sys::moved::real(plan.live);
    let slash = live.iter().rposition(|&b| b == b'/').unwrap_or(0);
    let (parent, name) = (&live[..slash.max(1)], &live[slash + 1..]);
    if slash == 0 {
        let what = format!("invalid existing livedir: {}", shown(plan.live));
        return Err(Fail::with_code(102, what));
    }
    let names = sys::fs::list(parent).map_err(|errno| Fail::sys_at("opendir", parent, errno))?;
    let prefix = [name, b":s6-rc-"].concat();
    for name in names.iter().filter(|name| name.starts_with(&prefix)) {
        let dir = [parent, b"/", name].concat();
        let missing = match check(plan, &dir, warn)? {
            Found::Dead => continue,
            Found::Whole => Vec::new(),
            Found::Part(missing) => missing,
        };
        put_in_place(&dir, plan.live)?;
        return complete(plan, dir, &missing, deadline).map(Some);
    }
    Ok(None)
}

enum Found {
    /// None of its services is supervised: what an earlier tree has left.
    Dead,
    /// All of them are.
    Whole,
    /// These are not.
    Part(Vec<Vec<u8>>),
}

fn check(plan: &Plan, dir: &[u8], warn: &mut dyn FnMut(&str)) -> Result<Found, Fail> {
    let found = supervised(plan, dir)?;
    if matches!(found, Found::Dead) {
        let dir = shown(dir);
        warn(&format!(
            "directory {dir} looks like a live directory but has no supervisors running"
        ));
        return Ok(found);
    }
    let differs = |what: String| Err(Fail::with_code(102, what));
    let livedir = shown(dir);
    let link = |name: &str| {
        let path = [dir, b"/", name.as_bytes()].concat();
        sys::fs::readlink(&path).map_err(|errno| Fail::sys_at("readlink", &path, errno))
    };
    let told = |what, there: &[u8], wanted: &[u8]| {
        let (there, wanted) = (shown(there), shown(wanted));
        differs(format!(
            "existing livedir at {livedir} uses {what} at {there} rather than {wanted}"
        ))
    };
    let scandir = link("scandir")?;
    if scandir != plan.scandir {
        return told("scandir", &scandir, plan.scandir);
    }
    let path = [dir, b"/prefix"].concat();
    let prefix =
        sys::fd::read_file_bytes(&path).map_err(|errno| Fail::sys_at("read", &path, errno))?;
    if prefix != plan.prefix {
        return differs(format!("prefix mismatch with the existing livedir at {livedir}"));
    }
    let compiled = link("compiled")?;
    if compiled != plan.compiled {
        return told("bootdb", &compiled, plan.compiled);
    }
    Ok(found)
}

fn supervised(plan: &Plan, dir: &[u8]) -> Result<Found, Fail> {
    let compiled = [dir, b"/compiled"].concat();
    let Ok(db) = Db::open(&compiled) else { return Ok(Found::Dead) };
    let (mut missing, mut count) = (Vec::new(), 0);
    for service in longruns(&db) {
        let name = service.name().to_bytes();
        let path = [dir, b"/servicedirs/", name].concat();
        count += 1;
        match client::is_supervised(&path) {
            Ok(true) => {}
            Ok(false) | Err(Errno::ENOENT) => missing.push(name.to_vec()),
            Err(errno) => return Err(Fail::sys_at("check", &path, errno)),
        }
    }
    let dead = match count {
        0 => is_older(plan.scandir, dir),
        count => missing.len() == count,
    };
    Ok(if dead {
        Found::Dead
    } else if missing.is_empty() {
        Found::Whole
    } else {
        Found::Part(missing)
    })
}

/// Was the live state made under another tree? That is how it is told where nothing is supervised.
fn is_older(scandir: &[u8], dir: &[u8]) -> bool {
    let mark = sys::fd::read_file_bytes(&[dir, b"/", MARK].concat()).unwrap_or_default();
    mark != self::mark(scandir)
}

/// The name of the file with the tree's [`mark`] in a live directory without longruns.
pub(super) const MARK: &[u8] = b"tree";

/// What tells a tree from others that were there before it: its socket.
pub(super) fn mark(scandir: &[u8]) -> Vec<u8> {
    let path = [scandir, b"/", SOCKET.to_bytes()].concat();
    let stat = sys::fs::stat_bytes(&path);
    let mark = stat.map(|stat| format!("{} {} {}\n", stat.ino, stat.mtime, stat.mtime_nsec));
    mark.unwrap_or_default().into_bytes()
}

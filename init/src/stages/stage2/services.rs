//! `services.d`: copied to `/run`, put into the scan directory, and waited for if wanted.

use super::{Failed, Stage2};
use crate::control::client::{Goal, wait_for};
use crate::stages::copy::{Bad, Copy};
use crate::stages::preinit::SCANDIR;
use crate::stages::{results, script, wipe};
use crate::supervise::why::not_startable;
use sys::Errno;

/// The copies that are supervised.
pub const COPIES: &[u8] = b"/run/s6/legacy-services";

/// A service directory that was copied.
struct Service {
    name: Vec<u8>,
    dir: Vec<u8>,
    notifies: bool,
}

/// Starts them, and waits where `S6_CMD_WAIT_FOR_SERVICES` says so.
pub fn run(stage: &mut Stage2) -> Result<(), Failed> {
    let source = [&stage.contenv.etc()[..], b"/services.d"].concat();
    let names = script::names(&source);
    let mut services = Vec::new();
    let mut bad = false;
    // Also where there is nothing to copy: scripts look for it.
    let _ = sys::fs::mkdir_all(COPIES, 0o755);
    if !names.is_empty() {
        stage.leave()?;
        copy_all(stage, &source, names, &mut services, &mut bad);
    }
    // A script of the image may have put services of its own into the scan directory.
    if !services.is_empty() || stage.contenv.is_touched() {
        stage.say.flush();
        if let Err(errno) = crate::scan::request::scan(stage.socket, None) {
            let reason = sys::reason(errno);
            let what = b"services-up: warning: unable to have /run/service scanned: ";
            stage.say.warn(&[what, reason.as_bytes()]);
            bad = true;
        }
    }
    if bad {
        return Err(Failed::Stage("legacy-services", 111));
    }
    if stage.contenv.number_or(b"S6_CMD_WAIT_FOR_SERVICES", 0) > 0 {
        return await_all(stage, &services);
    }
    Ok(())
}

fn copy_all(
    stage: &mut Stage2,
    source: &[u8],
    names: Vec<Vec<u8>>,
    services: &mut Vec<Service>,
    bad: &mut bool,
) {
    let noexec = sys::fs::is_noexec(SCANDIR).unwrap_or(false);
    let copy = Copy { link_programs: noexec };
    // No script of the image runs meanwhile.
    let umask = sys::fs::umask(0);
    for name in names {
        let from = [source, b"/", &name].concat();
        let dir = [COPIES, b"/", &name].concat();
        match one(&copy, &from, &dir, &name) {
            Ok(false) => {}
            Ok(true) => {
                let notification = [&dir[..], b"/notification-fd"].concat();
                let notifies = sys::fs::eaccess(&notification, sys::fs::R_OK).is_ok();
                let note: &[u8] = if notifies { b"" } else { b" (no readiness notification)" };
                stage.say.info(&[b"services-up: info: copying legacy longrun ", &name, note]);
                services.push(Service { name, dir, notifies });
            }
            Err(Bad { path, errno }) => {
                let reason = sys::reason(errno);
                let what = [
                    b"unable to copy ",
                    &from[..],
                    b" to ",
                    COPIES,
                    b": ",
                    &path,
                    b": ",
                    reason.as_bytes(),
                ];
                let what = what.concat();
                results::blame(&what);
                stage.say.error(&[b"services-up: fatal: ", &what]);
                *bad = true;
            }
        }
    }
    sys::fs::umask(umask);
}

/// Copies one and links it into the scan directory, if it is a directory or a link to one elsewhere.
fn one(copy: &Copy, from: &[u8], dir: &[u8], name: &[u8]) -> Result<bool, Bad> {
    match copy.directory(from, dir, false, None) {
        Ok(()) => {}
        Err(_) if !sys::fs::stat_bytes(from).is_ok_and(|s| s.is_dir()) => return Ok(false),
        // The copy of an earlier life.
        Err(Bad { errno: Errno::EEXIST, .. }) => copy.tree(&[from, b"/."].concat(), dir)?,
        Err(bad) => return Err(bad),
    }
    let link = [SCANDIR, b"/", name].concat();
    let linked = match sys::fs::symlink(dir, &link) {
        Err(Errno::EEXIST) => wipe::remove(&link).and_then(|()| sys::fs::symlink(dir, &link)),
        other => other,
    };
    linked.map(|()| true).map_err(|errno| Bad { path: link, errno })
}

/// Waits for readiness where it is told, and for the process where it is not.
fn await_all(stage: &mut Stage2, services: &[Service]) -> Result<(), Failed> {
    let mut failures = false;
    for (notifies, goal) in [(false, Goal::Up), (true, Goal::Ready)] {
        let some: Vec<&Service> = services.iter().filter(|s| s.notifies == notifies).collect();
        if some.is_empty() {
            continue;
        }
        stage.say.flush();
        let dirs: Vec<&[u8]> = some.iter().map(|s| &s.dir[..]).collect();
        let left = stage.left()?;
        let late = wait_for(&dirs, goal, left).map_err(|errno| {
            let reason = sys::reason(errno);
            let what = b"services-up: fatal: unable to wait for services: ";
            stage.say.error(&[what, reason.as_bytes()]);
            Failed::Stage("legacy-services", 111)
        })?;
        if late.is_empty() {
            continue;
        }
        let over = stage.left().is_err();
        for index in &late {
            name_late(stage, some[*index], over);
        }
        if over {
            return Err(Failed::TimedOut);
        }
        failures = true;
    }
    match stage.behaviour() {
        behaviour if failures && behaviour > 0 => {
            stage.say.warn(&[b"services-up: warning: some legacy longruns failed to start"]);
            if behaviour >= 2 { Err(Failed::Stage("legacy-services", 1)) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// Says which service is not there, and what it was waited for.
fn name_late(stage: &mut Stage2, service: &Service, over: bool) {
    let limit = stage.deadline.map_or(0, |(_, limit)| limit);
    let when = match over {
        true => format!(" after {limit} ms (S6_CMD_WAIT_FOR_SERVICES_MAXTIME)"),
        false => String::from(" and will not be: its supervisor gave it up"),
    };
    let what: &[u8] = if service.notifies { b" is not ready" } else { b" is not up" };
    let fd = match service.notifies {
        true => sys::fd::read_file_bytes(&[&service.dir[..], b"/notification-fd"].concat()),
        false => Ok(Vec::new()),
    };
    let why = not_startable(&service.dir);
    let help = match fd {
        _ if !why.is_empty() => why.into_bytes(),
        Ok(fd) if !fd.is_empty() => {
            let wants = b"; it says so by a line end on its descriptor ";
            [&wants[..], fd.trim_ascii()].concat()
        }
        _ => Vec::new(),
    };
    let name = &service.name;
    results::blame(&[b"service ", &name[..], what, when.as_bytes(), &help].concat());
    stage.say.warn(&[b"services-up: warning: ", name, what, when.as_bytes(), &help]);
}

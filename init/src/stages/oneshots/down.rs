//! The ways down: `cont-finish.d`, and the services of `services.d`.

use super::super::stage2::{Failed, Stage2};
use super::super::{preinit::SCANDIR, script, stage2, wipe};
use crate::control::client::{Goal, scanctl, wait_for};
use sys::signal::{SIGKILL, kill};
use sys::time::monotonic;

/// Runs the scripts of `cont-finish.d` one after another, each no longer than
/// `S6_KILL_FINISH_MAXTIME`.
pub fn finish_scripts(stage: &mut Stage2) -> Result<(), Failed> {
    let dir = [&stage.contenv.etc()[..], b"/cont-finish.d"].concat();
    for name in script::names(&dir) {
        let path = [&dir[..], b"/", &name].concat();
        stage.say.info(&[b"cont-finish: info: running ", &path]);
        let limit = stage.contenv.number_or(b"S6_KILL_FINISH_MAXTIME", 0);
        stage.deadline = (limit > 0).then(|| (monotonic().plus_millis(limit), limit));
        let Ok(pid) = stage.start("cont-finish", &path) else { continue };
        if stage.wait(pid).is_err() {
            stage.say.warn(&[
                b"cont-finish: warning: ",
                &path,
                b" still ran after ",
                limit.to_string().as_bytes(),
                b" ms (S6_KILL_FINISH_MAXTIME) and is killed",
            ]);
            let _ = kill(pid, SIGKILL);
            let _ = sys::process::wait(pid);
        }
    }
    Ok(())
}

/// Takes the services of `services.d` out of the scan directory, and waits for them and their
/// loggers, no longer than `S6_SERVICES_GRACETIME`.
pub fn services(stage: &mut Stage2) -> Result<(), Failed> {
    let mut dirs = Vec::new();
    for name in script::names(stage2::services::COPIES) {
        let _ = wipe::remove(&[SCANDIR, b"/", &name].concat());
        let dir = [stage2::services::COPIES, b"/", &name].concat();
        let log = [&dir[..], b"/log"].concat();
        let logs = sys::fs::stat_bytes(&log).is_ok_and(|stat| stat.is_dir());
        dirs.extend([dir].into_iter().chain(logs.then_some(log)));
    }
    dirs.retain(|dir| crate::control::client::is_supervised(dir).unwrap_or(false));
    if dirs.is_empty() {
        return Ok(());
    }
    let _ = scanctl(SCANDIR, b"an");
    let grace = stage.contenv.number_or(b"S6_SERVICES_GRACETIME", 3000);
    let all: Vec<&[u8]> = dirs.iter().map(|dir| &dir[..]).collect();
    let late = wait_for(&all, Goal::ReallyDown, Some(grace)).unwrap_or_default();
    let late: Vec<&[u8]> = late
        .iter()
        .filter_map(|&i| dirs[i].strip_prefix(stage2::services::COPIES)?.strip_prefix(b"/"))
        .collect();
    if !late.is_empty() {
        stage.say.warn(&[
            b"services-down: warning: still running after ",
            grace.to_string().as_bytes(),
            b" ms (S6_SERVICES_GRACETIME): ",
            &late.join(&b", "[..]),
        ]);
    }
    Ok(())
}

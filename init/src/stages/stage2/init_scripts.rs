//! `cont-init.d`: scripts that run one after another before any service.

use super::{Failed, Stage2};
use crate::stages::{results, script};

/// Runs them all. Failures count only where `S6_BEHAVIOUR_IF_STAGE2_FAILS` says so.
pub fn run(stage: &mut Stage2) -> Result<(), Failed> {
    let dir = [&stage.contenv.etc()[..], b"/cont-init.d"].concat();
    let mut failures = false;
    let names = script::names(&dir);
    if !names.is_empty() {
        stage.leave()?;
    }
    for (i, name) in names.iter().enumerate() {
        let path = [&dir[..], b"/", name].concat();
        stage.say.info(&[b"cont-init: info: running ", &path]);
        let code = match stage.start("cont-init", &path) {
            Ok(pid) => match stage.wait(pid) {
                Ok(status) => status.shell_code(),
                Err(Failed::TimedOut) => return Err(late(stage, &path, &names[i + 1..])),
                Err(other) => return Err(other),
            },
            Err(not) => not.code,
        };
        let number = code.to_string();
        stage.say.info(&[b"cont-init: info: ", &path, b" exited ", number.as_bytes()]);
        if code != 0 {
            results::blame(&[&path[..], b" exited ", number.as_bytes()].concat());
            failures = true;
        }
    }
    match stage.behaviour() {
        _ if !failures => Ok(()),
        0 => Ok(()),
        behaviour => {
            stage.say.warn(&[b"cont-init: warning: some scripts exited nonzero"]);
            if behaviour >= 2 { Err(Failed::Stage("legacy-cont-init", 1)) } else { Ok(()) }
        }
    }
}

/// Names the script that takes too long, and those that now don't run.
fn late(stage: &mut Stage2, path: &[u8], rest: &[Vec<u8>]) -> Failed {
    let limit = stage.deadline.map_or(0, |(_, limit)| limit).to_string();
    let left = match rest {
        [] => Vec::new(),
        names => [&b"; not run: "[..], &names.join(&b", "[..])].concat(),
    };
    let when =
        [path, b" still runs after ", limit.as_bytes(), b" ms (S6_CMD_WAIT_FOR_SERVICES_MAXTIME)"];
    let when = when.concat();
    results::blame(&when);
    stage.say.error(&[b"cont-init: warning: ", &when, b" and is left running", &left]);
    Failed::TimedOut
}

//! A oneshot's script, run by the tree.

use super::longrun::Step;
use crate::rc::compiled::{Script, Service};
use crate::rc::live::Live;
use crate::rc::oneshot::{Answer, Running};
use crate::supervise::why::describe_exec_failure;
use interpreter::diagnose::shown;
use sys::Errno;

/// Asks the tree to run one of a oneshot's scripts. `Err`: nothing has to be waited for; a script
/// that is not there has done its work.
pub fn start(live: &Live, service: Service, which: Script) -> Result<Running, Step> {
    let words = service.script(which);
    if words.is_empty() {
        return Err(Step::Reached);
    }
    let scandir = live.scandir();
    Running::start(&scandir, service.name().to_bytes(), &words).map_err(|errno| {
        let why = sys::reason(errno);
        let what = format!(
            "no supervision tree of chainit's can be asked on {}: {why}\n\
             help: s6-svscan has to run there, and only root and its own user may ask it",
            shown(&scandir)
        );
        Step::Lost(111, what)
    })
}

/// What an answer about a script amounts to.
pub fn answered(script: &[u8], answer: sys::Result<Option<Answer>>) -> Step {
    match answer {
        Ok(None | Some(Answer::Behind(_) | Answer::Started(_))) => Step::Waits,
        Ok(Some(Answer::NotStarted(Errno::ESHUTDOWN))) => {
            Step::Lost(111, "the supervision tree is being stopped".into())
        }
        Ok(Some(Answer::NotStarted(errno))) => {
            let why = match script.contains(&b'/') {
                true => describe_exec_failure(script, errno),
                false => sys::reason(errno),
            };
            let code = if errno == Errno::ENOENT { 127 } else { 126 };
            Step::Lost(code, format!("unable to exec {}: {why}", shown(script)))
        }
        Ok(Some(Answer::Ended(status))) => match (status.signal(), status.shell_code()) {
            (Some(signal), code) => {
                Step::Lost(code, format!("its script was ended by signal {signal}"))
            }
            (None, 0) => Step::Reached,
            (None, code) => Step::Lost(code, String::new()),
        },
        Err(errno) => {
            let why = sys::reason(errno);
            Step::Lost(111, format!("the supervision tree does not answer: {why}"))
        }
    }
}

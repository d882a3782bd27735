//! `S6_STAGE2_HOOK`: a command before everything else. It may change settings and definitions.

use super::{Failed, PROG, Stage2, words};
use interpreter::arg::Argv;
use interpreter::image::Image;
use sys::spawn::Action;

/// Runs the hook, if there is one. A failure stops the container only where
/// `S6_BEHAVIOUR_IF_STAGE2_FAILS` is 2 or more, with the hook's code.
pub fn run(stage: &mut Stage2, image: &Image) -> Result<(), Failed> {
    let Some(hook) = stage.contenv.get(b"S6_STAGE2_HOOK").filter(|hook| !hook.is_empty()) else {
        return Ok(());
    };
    let argv = Argv::new(words(&hook));
    if argv.is_empty() {
        return Ok(());
    }
    stage.say.flush();
    stage.leave()?;
    stage.contenv.touch();
    let code = match image.spawn(&argv, None, &[Action::Setsid]) {
        Ok(pid) => sys::process::wait(pid).map_err(|_| Failed::Stop(111))?.shell_code(),
        Err(failed) => {
            image.warn_spawn(&argv, failed);
            crate::stages::script::code(failed.errno)
        }
    };
    stage.say.set_verbosity(stage.contenv.verbosity());
    let number = code.to_string();
    let tail = [&b"hook "[..], &hook, b" exited ", number.as_bytes()].concat();
    match code {
        0 => stage.say.info(&[PROG, b"info: ", &tail]),
        _ if stage.behaviour() >= 2 => {
            crate::stages::results::blame(&tail);
            stage.say.error(&[PROG, b"fatal: ", &tail]);
            return Err(Failed::Stop(code));
        }
        _ => stage.say.warn(&[PROG, b"warning: ", &tail]),
    }
    Ok(())
}

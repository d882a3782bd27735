//! `/run` for a user who may not write there, by the one program that may give it away: setuid, exec'd
//! by PID 1 only, and back to `/init` (`init/take-run`). Where the kernel does not let it (no new
//! privileges, no capabilities) nothing has changed, and the state is elsewhere.

use super::preinit::RUN;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::image::Image;

const PROGRAM: Arg = c"/package/admin/s6-overlay-3.2.3.2/libexec/take-run";
/// What `/init` is called when it comes back, and behind it what `/run` was.
const BACK: &[u8] = b"init-";

/// What `/run` was before.
#[derive(Clone, Copy)]
pub struct Was {
    pub uid: u32,
    pub gid: u32,
    pub mode: u32,
}

/// Comes back with what `/run` was, if it has been given away; or where nothing is to be done, or
/// can be.
pub fn take(image: &Image, cmd: &Argv) -> Option<Was> {
    let (_, uid, ..) = sys::process::first_ids();
    if uid == 0 || sys::process::getpid() != 1 {
        return None;
    }
    let run = sys::fs::stat_bytes(RUN).ok();
    let ours = run.is_some_and(|run| run.uid == uid);
    if let Some(was) = image.argv0.to_bytes().strip_prefix(BACK) {
        let mut numbers =
            was.split(|b| *b == b':').map_while(|n| str::from_utf8(n).ok()?.parse().ok());
        let mut next = || numbers.next();
        return Some(Was { uid: next()?, gid: next()?, mode: next()? }).filter(|_| ours);
    }
    if !ours {
        let (uid, gid, mode) = run.map_or((0, 0, 0o755), |run| (run.uid, run.gid, run.mode));
        let mut argv = vec![PROGRAM, leak(format!("init-{uid}:{gid}:{mode}").into_bytes())];
        argv.extend(cmd.iter());
        // An installation without it does what it can.
        let _ = sys::spawn::exec(&[PROGRAM], &argv, image.env.vars());
    }
    None
}

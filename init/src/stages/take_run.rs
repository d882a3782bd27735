//! `/run` for a user who may not write there, by the one program that may give it away: setuid, exec'd
//! by PID 1 only, and back to `/init` (`init/take-run`). Where the kernel does not let it (no new
//! privileges, no capabilities) nothing has changed, and the state is elsewhere.

use super::preinit::RUN;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::image::Image;

const PROGRAM: Arg = c"/package/admin/s6-overlay-3.2.3.2/libexec/take-run";
/// What `/init` is called when it comes back, and behind it whose `/run` was.
const BACK: &[u8] = b"init-";

/// Comes back with whose `/run` was, if it has been given away; or where nothing is to be done, or
/// can be.
pub fn take(image: &Image, cmd: &Argv) -> Option<Vec<u8>> {
    let (_, uid, ..) = sys::process::first_ids();
    if uid == 0 || sys::process::getpid() != 1 {
        return None;
    }
    let owner = sys::fs::stat_bytes(RUN).ok().map(|stat| stat.uid);
    if let Some(was) = image.argv0.to_bytes().strip_prefix(BACK) {
        return (owner == Some(uid)).then(|| was.to_vec());
    }
    if owner != Some(uid) {
        let name = [BACK, owner.unwrap_or(0).to_string().as_bytes()].concat();
        let mut argv = vec![PROGRAM, leak(name)];
        argv.extend(cmd.iter());
        // An installation without it does what it can.
        let _ = sys::spawn::exec(&[PROGRAM], &argv, image.env.vars());
    }
    None
}

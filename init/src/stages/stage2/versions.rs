//! Files that an image has put below another version's directory. Dockerfiles write
//! `COPY s6-overlay /package/admin/s6-overlay-${S6_OVERLAY_VERSION}/`, and that version is the one of
//! the tarballs they once had.

use super::{Failed, Stage2};
use crate::stages::copy::{Bad, Copy};
use crate::stages::{script, wipe};
use sys::Errno;

const ADMIN: &[u8] = b"/package/admin/";
const PREFIX: &[u8] = b"s6-overlay-";
/// Packages of their own.
const HELPERS: &[u8] = b"s6-overlay-helpers";
const OWN: &[u8] = b"s6-overlay-3.2.3.2";
const STAGES: &[u8] = b"/etc/s6-rc";

/// Takes other versions' definitions and scripts of the stages over into our directory, where their
/// files name each other and everybody looks for them.
pub fn take_in(stage: &mut Stage2) -> Result<(), Failed> {
    for name in script::names(ADMIN) {
        if !name.starts_with(PREFIX) || name == OWN || name.starts_with(HELPERS) {
            continue;
        }
        let from = [ADMIN, &name, STAGES].concat();
        if !sys::fs::stat_bytes(&from).is_ok_and(|stat| stat.is_dir()) {
            continue;
        }
        stage.leave()?;
        let to = [ADMIN, OWN, STAGES].concat();
        match merge(&from, &to) {
            Ok(()) => stage.say.info(&[b"init: info: ", &from, b" is taken over to ", &to]),
            Err(Bad { path, errno }) => {
                let reason = sys::reason(errno);
                stage.say.warn(&[
                    b"init: warning: ",
                    &from,
                    b" is not taken over: unable to write ",
                    &path,
                    b": ",
                    reason.as_bytes(),
                    b"\nhelp: copy it to ",
                    &to,
                    b" in the Dockerfile, where this s6-overlay looks for it",
                ]);
            }
        }
    }
    Ok(())
}

/// Directories are united; of everything else that is in both the image's remains.
fn merge(from: &[u8], to: &[u8]) -> Result<(), Bad> {
    let is_dir = |path| sys::fs::lstat_bytes(path).is_ok_and(|stat| stat.is_dir());
    if is_dir(from) && is_dir(to) {
        for name in sys::fs::list(from).unwrap_or_default() {
            merge(&[from, b"/", &name].concat(), &[to, b"/", &name].concat())?;
        }
        return Ok(());
    }
    match wipe::remove(to) {
        Ok(()) | Err(Errno::ENOENT) => Copy { link_programs: false }.tree(from, to),
        Err(errno) => Err(Bad { path: to.to_vec(), errno }),
    }
}

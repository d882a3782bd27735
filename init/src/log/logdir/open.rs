//! Taking a directory into use, and repairing what a crash left in it.

use super::archive::{Suffix, join, keep};
use super::*;
use sys::fd::{O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY};

/// Makes the directory if need be, locks it, archives what an s6-log that was killed has left
/// there, and opens `current`. `mode`: the permissions of files that are not complete.
pub fn open(spec: DirSpec, mode: u32, voice: Voice) -> Result<Logdir, Trouble> {
    let dir = spec.path.to_bytes();
    match sys::fs::mkdir(dir, 0o2700) {
        Ok(()) | Err(Errno::EEXIST) => {}
        Err(errno) => return Err(Trouble::of("mkdir", dir)(errno)),
    }
    let lock = lock(&join(dir, b"lock"))?;
    let path = join(dir, b"current");
    let written = match size_if_complete(&path)? {
        Some(size) => {
            recover_rotation(&spec, voice)?;
            size
        }
        None => {
            recover(&spec, voice)?;
            0
        }
    };
    let current = open_current(&path).map_err(Trouble::of("open", &path))?;
    sys::fs::fchmod(current, mode).map_err(Trouble::of("chmod", &path))?;
    Ok(Logdir {
        period_end: after_period(&spec, sys::time::monotonic()),
        spec,
        voice,
        mode,
        current,
        _lock: lock,
        written,
        out: Vec::new(),
        done: 0,
        rotation: None,
        is_full: false,
        blocked: None,
        retry: None,
        is_ending: false,
        processor: None,
        said: None,
    })
}

fn lock(path: &[u8]) -> Result<i32, Trouble> {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | sys::fd::O_NONBLOCK;
    let fd = sys::fd::open_bytes(path, flags, 0o666).map_err(Trouble::of("open", path))?;
    match sys::fd::lock_exclusive(fd, false) {
        Ok(true) => Ok(fd),
        Ok(false) => Err(Trouble::of("lock", path)(Errno::EBUSY)),
        Err(errno) => Err(Trouble::of("lock", path)(errno)),
    }
}

/// The size of a file that is marked as complete.
fn size_if_complete(path: &[u8]) -> Result<Option<u64>, Trouble> {
    match sys::fs::stat_bytes(path) {
        Ok(stat) if stat.mode & COMPLETE != 0 => Ok(Some(stat.size.max(0) as u64)),
        Ok(_) | Err(Errno::ENOENT) => Ok(None),
        Err(errno) => Err(Trouble::of("stat", path)(errno)),
    }
}

/// The last s6-log did not end in order: its state is lost, its files are archived.
fn recover(spec: &DirSpec, voice: Voice) -> Result<(), Trouble> {
    let dir = spec.path.to_bytes();
    let _ = sys::fs::unlink(&join(dir, b"state"));
    recover_rotation(spec, voice)?;
    keep(spec, b"current", Suffix::Unfinished, voice)?;
    let state = join(dir, b"state");
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    let fd = sys::fd::open_bytes(&state, flags, 0o666).map_err(Trouble::of("create", &state))?;
    let _ = sys::fd::close(fd);
    Ok(())
}

/// Archives what a rotation has left: the processor's output if it is complete, else its input.
fn recover_rotation(spec: &DirSpec, voice: Voice) -> Result<(), Trouble> {
    let dir = spec.path.to_bytes();
    let (processed, previous) = (join(dir, b"processed"), join(dir, b"previous"));
    let _ = sys::fs::unlink(&join(dir, b"newstate"));
    if size_if_complete(&processed)?.is_some() {
        let _ = sys::fs::unlink(&previous);
        keep(spec, b"processed", Suffix::Safe, voice)
    } else {
        let _ = sys::fs::unlink(&processed);
        keep(spec, b"previous", Suffix::Unfinished, voice)
    }
}

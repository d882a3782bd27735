//! What scripts and tools find under `/run` from the first moment on.

use super::contenv::{Contenv, DIR};
use super::preinit::{SCANDIR, sorry};
use super::say::Say;
use interpreter::arg::Arg;
use interpreter::word::Fail;
use std::ffi::CStr;
use sys::Errno;

/// The working directory that the image gave; the CMD's.
pub const WORKDIR: &[u8] = b"/run/s6/workdir";
/// The CMD's pid, where signals are passed to it.
pub const CMDPID: &[u8] = b"/run/s6/cmdpid";
/// What the container leaves behind.
const RESULTS: &[u8] = b"/run/s6-linux-init-container-results";

const BIN: &[u8] = b"/run/s6/basedir/bin";
/// With `S6_KEEP_ENV` the environment, for scripts that look for it there; else nothing is in it.
const KEPT: &[u8] = b"/run/s6/basedir/env";
/// Made here so that whoever is given the right to may tell the tree something.
const CONTROL: &[u8] = b"/run/service/.s6-svscan";
/// What stands in [`BIN`], by its own name.
const BINARIES: [&[u8]; 4] = [b"halt", b"poweroff", b"reboot", b"shutdown"];

const DIRS: [&[u8]; 6] = [b"/run/s6", SCANDIR, CONTROL, b"/run/s6/basedir", BIN, KEPT];

/// Makes the directories, the links in `basedir/bin`, and the files in `/run/s6`. The working
/// directory, with a line end.
pub fn lay(env: &Contenv, argv0: Arg, say: &mut Say) -> Result<Vec<u8>, Fail> {
    for dir in DIRS {
        sys::fs::mkdir(dir, 0o755).map_err(|errno| sorry("mkdir", dir, errno))?;
    }
    match sys::fs::mkdir(RESULTS, 0o755) {
        Ok(()) => {}
        Err(Errno::EEXIST) => super::results::forget_reason(),
        Err(errno) => return Err(sorry("mkdir", RESULTS, errno)),
    }
    links(argv0)?;
    // Images of version 2 stop themselves through this name.
    let _ = sys::fs::symlink(SCANDIR, b"/run/s6/services");
    super::results::start().map_err(|errno| sorry("write in", RESULTS, errno))?;
    let mut workdir = sys::fs::getcwd().unwrap_or_else(|_| b"/".to_vec());
    if !env.is_kept() {
        sys::fs::mkdir(DIR, 0o755).map_err(|errno| sorry("mkdir", DIR, errno))?;
    }
    let dir = if env.is_kept() { KEPT } else { DIR };
    dump(env, &workdir, dir, say)?;
    workdir.push(b'\n');
    super::results::write(WORKDIR, &workdir).map_err(|errno| sorry("write", WORKDIR, errno))?;
    Ok(workdir)
}

/// Links to the program itself and never a copy: `/run` may be mounted noexec.
fn links(argv0: Arg) -> Result<(), Fail> {
    let me = crate::operator::program(argv0);
    for name in BINARIES {
        let link = [BIN, b"/", name].concat();
        sys::fs::symlink(&me, &link).map_err(|errno| sorry("make the link", &link, errno))?;
    }
    Ok(())
}

/// Writes the environment, a file a variable: the value and a line end. `PWD` is in it, because
/// upstream's shell sets it.
fn dump(env: &Contenv, workdir: &[u8], path: &[u8], say: &mut Say) -> Result<(), Fail> {
    use sys::fd::{O_CLOEXEC, O_CREAT, O_DIRECTORY, O_RDONLY, O_TRUNC, O_WRONLY};
    let dir = sys::fd::open_bytes(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        .map_err(|errno| sorry("open", path, errno))?;
    let mut buffer = Vec::new();
    let mut env = env.given().clone();
    env.set(b"PWD", workdir);
    for var in env.vars() {
        let var = var.to_bytes();
        let Some(cut) = var.iter().position(|&b| b == b'=') else { continue };
        buffer.clear();
        buffer.extend_from_slice(&var[..cut]);
        buffer.push(0);
        buffer.extend_from_slice(&var[cut + 1..]);
        buffer.push(b'\n');
        let Ok(name) = CStr::from_bytes_until_nul(&buffer) else { continue };
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
        let written = match var[..cut].contains(&b'/') {
            true => Err(Errno::EINVAL),
            false => sys::fd::openat(dir, name, flags, 0o644).and_then(|fd| {
                let written = sys::fd::write_all(fd, &buffer[cut + 1..]);
                let closed = sys::fd::close(fd);
                written.and(closed)
            }),
        };
        match written {
            Ok(()) => {}
            Err(errno @ (Errno::ENOSPC | Errno::EDQUOT | Errno::EROFS)) => {
                return Err(sorry("dump the environment to", path, errno));
            }
            Err(errno) => {
                let reason = sys::reason(errno);
                say.warn(&[
                    b"init: warning: unable to dump the variable ",
                    &var[..cut],
                    b" to ",
                    path,
                    b": ",
                    reason.as_bytes(),
                    b"; with-contenv will not know it",
                ]);
            }
        }
    }
    let _ = sys::fd::close(dir);
    Ok(())
}

//! `chainit upgrade`: a supervisor becomes the program that is installed now.

use super::fault::Fault;
use crate::control::client::{Unheard, control};
use crate::control::fifodir::Listener;
use crate::scan::handover::{EVENT, NEWS, UPGRADE};
use clap::ArgMatches;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use sys::Errno;
use sys::event::{POLLIN, wait_one};

/// How long an answer may take, in milliseconds.
const PATIENCE: u64 = 10_000;

/// The scan directory of a container.
const CONTAINERS: &[u8] = b"/run/service";

fn scan_directory(options: &ArgMatches) -> Vec<u8> {
    if let Some(dir) = options.get_one::<OsString>("scandir") {
        return dir.as_bytes().to_vec();
    }
    let Some(pid) = options.get_one::<i32>("pid") else { return CONTAINERS.to_vec() };
    let process = format!("/proc/{pid}").into_bytes();
    // s6-svscan stands in its scan directory, a container's PID 1 in the root.
    let here = [&process[..], b"/cwd"].concat();
    match sys::fs::stat_bytes(&[&here[..], b"/.s6-svscan"].concat()) {
        Ok(_) => here,
        Err(_) => [&process[..], b"/root", CONTAINERS].concat(),
    }
}

/// Asks for it, and waits until it is done.
pub fn run(options: &ArgMatches) -> Result<(), Fault> {
    let dir = scan_directory(options);
    let failed = |errno| Fault::at("upgrade the supervisor of", &dir, errno);
    let nobody = || Fault::usage(format!("no supervisor listens in {}", dir.escape_ascii()));
    let listener = match Listener::new(&[&dir[..], b"/", EVENT.to_bytes()].concat()) {
        Err(Errno::ENOENT) => return Err(nobody()),
        other => other.map_err(failed)?,
    };
    control(&dir, b".s6-svscan", &[UPGRADE]).map_err(|unheard| match unheard {
        Unheard::NoSupervisor => nobody(),
        Unheard::BadDirectory(errno) | Unheard::Sys(errno) => failed(errno),
    })?;
    wait_one(listener.fd(), POLLIN, Some(PATIENCE)).map_err(failed)?;
    match listener.news().map_err(failed)?.first() {
        Some(&news) if news == NEWS[0] => Ok(()),
        Some(_) => Err(Fault::said(
            "the supervisor could not become the installed program, and goes on as before",
            "the reason is where it writes its messages",
        )),
        None => Err(Fault::said("the supervisor did not answer", "a real s6-svscan never does")),
    }
}

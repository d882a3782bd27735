//! Commands of s6-linux-utils.

mod fstab2s6rc;
pub(crate) mod mounts;
mod ps;
mod rngseed;
mod s6_chroot;
mod s6_freeramdisk;
mod s6_hostname;
mod s6_logwatch;
mod s6_mount;
mod s6_pivotchroot;
mod s6_swapoff;
mod s6_swapon;
mod s6_umount;

use interpreter::arg::{Arg, Argv};
use interpreter::args::long::{self, Flag};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Next, Ran};
use sys::Errno;

/// Sorted by name.
pub static COMMANDS: &[Command] = &[
    fstab2s6rc::COMMAND,
    rngseed::COMMAND,
    s6_chroot::COMMAND,
    s6_freeramdisk::COMMAND,
    s6_hostname::COMMAND,
    s6_logwatch::COMMAND,
    s6_mount::COMMAND,
    s6_pivotchroot::COMMAND,
    ps::COMMAND,
    s6_swapoff::COMMAND,
    s6_swapon::COMMAND,
    s6_umount::COMMAND,
];

/// The system said no to what takes privileges: says which, if that is the reason.
fn refused(what: &str, name: &[u8], capability: &str, errno: Errno) -> Fail {
    let what = if name.is_empty() { what.to_owned() } else { format!("{what} {}", shown(name)) };
    if errno != Errno::EPERM {
        return Fail::sys(what, errno);
    }
    let reason = sys::reason(errno);
    let what = format!(
        "unable to {what}: {reason}\nhelp: this takes root and the capability {capability}: \
         start the container with --cap-add={capability}"
    );
    Fail::with_code(111, what)
}

const ADMIN: &str = "SYS_ADMIN";

/// `-a`: all of what `list` gives, a warning for each that fails, whose number is the exit code.
/// Without it: one, which the command line names.
fn all_or_one(
    image: &Image,
    mut argv: Argv,
    what: &str,
    list: fn() -> Result<Vec<Vec<u8>>, Fail>,
    act: fn(&[u8]) -> sys::Result<()>,
) -> Ran {
    const FLAGS: &[Flag] = &[Flag { short: b'a', long: "all", clear: 0, set: 1 }];
    let found: long::Found<0> = long::scan(&argv, FLAGS, &[])?;
    argv.advance(found.used);
    let fail = |name: &[u8], errno| refused(what, name, ADMIN, errno);
    if found.bits == 0 {
        let name = argv.first().map(|word: &Arg| word.to_bytes()).ok_or_else(Fail::usage)?;
        return act(name).map(|()| Next::Exit(0)).map_err(|errno| fail(name, errno));
    }
    let mut failed = 0;
    for name in list()? {
        if let Err(errno) = act(&name) {
            image.warn(&fail(&name, errno).to_string());
            failed += 1;
        }
    }
    Ok(Next::Exit(failed))
}

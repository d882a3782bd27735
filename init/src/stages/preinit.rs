//! Before anything runs: is this the only `/init` here, and is `/run` fit to work in?
//!
//! All of it happens in this process. Exit codes as upstream's: 100 where the container is set
//! up wrongly, 111 where the system says no.

use super::alive::Scope;
use super::contenv::{Contenv, flag};
use super::run_dir::{Facts, Verdict, judge, name_of};
use super::say::Say;
use super::take_run::Was;
use interpreter::word::Fail;
use std::ffi::CStr;
use stdlib_commands::overlay::show_mode;
use sys::Errno;
use sys::mount::{MS_NODEV, MS_NOSUID, MS_REMOUNT, mount};

pub const RUN: &[u8] = b"/run";
/// The supervised tree.
pub const SCANDIR: &[u8] = b"/run/service";
/// Locked by a tree that lives.
const LOCK: &CStr = c"/run/service/.s6-svscan/lock";
/// The name under which upstream's checks speak.
pub const PROG: &[u8] = b"/package/admin/s6-overlay/libexec/preinit: ";

/// Waits for container managers that want it: a line on descriptor 3, and the end of what comes
/// through the descriptor that `S6_WAIT_FOR_CLOSING_FD` names.
pub fn wait_for_manager(env: &Contenv, say: &mut Say) {
    let mut byte = [0];
    while sys::fd::read(3, &mut byte) == Ok(1) {
        if byte[0] == b'\n' {
            let _ = sys::fd::close(3);
            break;
        }
    }
    let Some(fd) = env.number(b"S6_WAIT_FOR_CLOSING_FD").and_then(|n| i32::try_from(n).ok()) else {
        return;
    };
    if fd < 3 {
        return;
    }
    match sys::fd::read(fd, &mut byte) {
        Err(Errno::EBADF) => return,
        Ok(0) => {}
        Ok(_) => say.warn(&[b"s6-linux-init: warning: parent wrote to readiness fd!"]),
        Err(errno) => {
            let reason = sys::reason(errno);
            say.warn(&[b"init: warning: unable to read from readiness fd: ", reason.as_bytes()]);
        }
    }
    let _ = sys::fd::close(fd);
}

/// Refuses to start beside an instance that lives: its files would be wiped. Elsewhere than in
/// `/run` there is none that is older than PID 1.
pub fn alone(scope: Scope) -> Result<(), Fail> {
    let flags = sys::fd::O_RDONLY | sys::fd::O_CLOEXEC | sys::fd::O_NONBLOCK;
    let opened = match scope {
        Scope::Namespace => sys::fd::openat(sys::at::CURRENT, LOCK, flags, 0),
        Scope::Own => sys::fd::open(LOCK, flags, 0),
    };
    let Ok(fd) = opened else { return Ok(()) };
    let locked = sys::fd::is_locked(fd).unwrap_or(false);
    let _ = sys::fd::close(fd);
    if !locked {
        return Ok(());
    }
    Err(Fail::bad(
        "can only run once in a container: another /init supervises /run/service here\n\
         help: to stop this container, run /run/s6/basedir/bin/halt in it\n\
         help: to run a command in it, name the command without /init before it",
    ))
}

/// Makes `/run` usable, says in whose name, and removes what an earlier start left there. Where it
/// can't be used the state is elsewhere. `was`: what it has been until now.
pub fn prepare(env: &Contenv, was: Option<Was>, say: &mut Say) -> Result<(), Fail> {
    sys::moved::set(None);
    match usable(env, was, say) {
        Ok(()) => {
            sys::moved::settle();
            Ok(())
        }
        Err(why) => super::elsewhere::work(why, say),
    }
}

fn usable(env: &Contenv, was: Option<Was>, say: &mut Say) -> Result<(), Fail> {
    let mut access = access();
    if flag(env.given().get(b"S6_READ_ONLY_ROOT")) {
        read_only(say)?;
        access = self::access();
    } else if access == Err(Errno::ENOENT) {
        sys::fs::mkdir(RUN, 0o755).map_err(|errno| sorry("create", RUN, errno))?;
        access = self::access();
    }
    if access == Err(Errno::EROFS) {
        // Where `/run` belongs to a read-only root and nobody said so, a tmpfs is what is meant.
        mount_run()?;
        say.warn(&[PROG, b"warning: /run is read-only, mounting a tmpfs on it; S6_READ_ONLY_ROOT=1 says that this is meant"]);
        access = self::access();
    }
    if ownership(env, was, say)? {
        access = self::access();
    }
    access.map_err(|errno| sorry("write in", RUN, errno))?;
    var_run(say);
    super::wipe::leftovers(RUN).map_err(|(path, errno)| sorry("remove", &path, errno))
}

/// A failure in `/run`, with the ways out.
pub fn sorry(what: &str, path: &[u8], errno: Errno) -> Fail {
    let (_, uid, ..) = sys::process::ids();
    let own = format!(
        "help: /run has to be writable for the container's user: chown {uid} /run in the image, \
         or start the container with --tmpfs /run:exec,uid={uid},mode=0755"
    );
    let help = match errno {
        Errno::EROFS => {
            "help: /run has to be writable: start the container with --tmpfs /run:exec,mode=0755, \
             or with S6_READ_ONLY_ROOT=1 and the capability SYS_ADMIN"
        }
        Errno::ENOSPC | Errno::EDQUOT => {
            "help: /run is full: give it room, as --tmpfs /run:exec,mode=0755,size=16m does, or \
             remove what fills it"
        }
        Errno::EACCES | Errno::EPERM => &own,
        _ => "",
    };
    let name = String::from_utf8_lossy(path);
    let reason = sys::reason(errno);
    let what = format!("unable to {what} {name}: {reason}\n{help}");
    Fail::with_code(111, what.trim_end().to_owned())
}

fn access() -> sys::Result<()> {
    sys::fs::eaccess(RUN, sys::fs::W_OK | sys::fs::X_OK)
}

/// `S6_READ_ONLY_ROOT`.
fn read_only(say: &mut Say) -> Result<(), Fail> {
    say.info(&[PROG, b"info: read-only root"]);
    if !sys::fs::stat(c"/run").is_ok_and(|s| s.is_dir()) {
        let what = "/run is missing or not a directory\n\
                    help: a read-only image needs an empty directory /run in it";
        return Err(Fail::bad(what));
    }
    if sys::fs::eaccess(RUN, sys::fs::W_OK) == Err(Errno::EROFS) {
        say.info(&[PROG, b"info: creating a tmpfs on /run"]);
        return mount_run();
    }
    say.info(&[PROG, b"info: writable /run. Checking for executability."]);
    if sys::fs::is_noexec(RUN).unwrap_or(false)
        && mount(b"tmpfs", RUN, b"tmpfs", MS_REMOUNT, b"").is_err()
    {
        say.info(&[PROG, b"info: /run is mounted noexec: services run from where they come from"]);
    }
    Ok(())
}

fn mount_run() -> Result<(), Fail> {
    mount(b"tmpfs", RUN, b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=0755").map_err(|errno| {
        let reason = sys::reason(errno);
        let what = format!(
            "unable to mount a tmpfs on /run, which is read-only: {reason}\n\
             help: start the container with --tmpfs /run:exec,mode=0755, or give it the \
             capability SYS_ADMIN"
        );
        Fail::with_code(111, what)
    })
}

/// Whether it had to be changed.
fn ownership(env: &Contenv, was: Option<Was>, say: &mut Say) -> Result<bool, Fail> {
    let (uid, euid, gid, egid) = sys::process::first_ids();
    let stat = sys::fs::stat(c"/run").map_err(|errno| sorry("stat", RUN, errno))?;
    let found = was.unwrap_or(Was { uid: stat.uid, gid: stat.gid, mode: stat.mode });
    if say.verbosity() >= 2 {
        // Upstream, too, says what there was, and that it had the right to change that.
        let euid = if was.is_some() { 0 } else { euid };
        introduce((uid, euid, gid, egid), found, say);
    }
    let facts = Facts {
        uid: euid,
        gid: egid,
        run_uid: stat.uid,
        run_gid: stat.gid,
        mode: stat.mode,
        accept_open: flag(
            env.given().get(b"S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES"),
        ),
    };
    let whose = format!("/run belongs to uid {} instead of {uid}", found.uid);
    let warn = |say: &mut Say, what: &str| {
        say.warn(&[PROG, b"warning: ", whose.as_bytes(), what.as_bytes()]);
    };
    match judge(&facts) {
        Verdict::Fine if was.is_some() => {
            say.info(&[PROG, b"info: ", whose.as_bytes(), b" - fixing it"]);
        }
        Verdict::Fine => {}
        Verdict::Fix => {
            say.info(&[PROG, b"info: ", whose.as_bytes(), b" - fixing it"]);
            sys::fs::chown(RUN, Some(uid), Some(gid), true)
                .and_then(|()| sys::fs::chmod(RUN, 0o755))
                .map_err(|errno| sorry("take over", RUN, errno))?;
            return Ok(true);
        }
        Verdict::GroupZero => say.info(&[PROG, b"info: using /run with gid 0"]),
        Verdict::Sticky => warn(say, ", but we can still work in single-uid mapping."),
        Verdict::OpenToWorld => warn(
            say,
            ", IS WORLD WRITABLE, and we're lacking the privileges to fix it, but we have been \
             instructed to accept it.",
        ),
        Verdict::OpenToGroup => warn(
            say,
            ", is GROUP WRITABLE, and we're lacking the privileges to fix it, but we have been \
             instructed to accept it.",
        ),
        Verdict::BadGroupZero => {
            return Err(Fail::bad(format!(
                "wrong permissions on /run for a gid 0 setup\n\
                 help: it has mode {:04o} and needs 0770 or 0775: chmod 0775 /run in the image",
                stat.mode & 0o7777
            )));
        }
        Verdict::Unfit => {
            return Err(Fail::bad(format!(
                "{whose}, has insecure and/or unworkable permissions, and we're lacking the \
                 privileges to fix it.\n\
                 help: chown {uid} /run in the image, or start the container with \
                 --tmpfs /run:exec,uid={uid},mode=0755\n\
                 help: on Kubernetes, where /run is an emptyDir that anybody may write to, set \
                 S6_YES_I_WANT_A_WORLD_WRITABLE_RUN_BECAUSE_KUBERNETES=1"
            )));
        }
    }
    Ok(false)
}

fn introduce((uid, euid, gid, egid): (u32, u32, u32, u32), run: Was, say: &mut Say) {
    let users = sys::fd::read_file(c"/etc/passwd").unwrap_or_default();
    let groups = sys::fd::read_file(c"/etc/group").unwrap_or_default();
    let user = |id| String::from_utf8_lossy(name_of(id, &users));
    let group = |id| String::from_utf8_lossy(name_of(id, &groups));
    let us = format!(
        "info: container permissions: uid={uid} ({}), euid={euid}, gid={gid} ({}), egid={egid}",
        user(uid),
        group(gid)
    );
    let it = format!(
        "info: /run permissions: uid={} ({}), gid={} ({}), perms={}",
        run.uid,
        user(run.uid),
        run.gid,
        group(run.gid),
        show_mode(run.mode)
    );
    say.info(&[PROG, us.as_bytes()]);
    say.info(&[PROG, it.as_bytes()]);
}

/// Makes `/var/run` a link to `/run`, for programs that write there. What they find otherwise is
/// their own loss, and no reason not to start.
fn var_run(say: &mut Say) {
    const LINK: &[u8] = b"/var/run";
    let leads = sys::fs::readlink(LINK);
    let fine = match &leads {
        Ok(target) if matches!(&target[..], b"/run" | b"../run" | b"/run/" | b"../run/") => true,
        Ok(_) => match (sys::fs::stat(c"/var/run"), sys::fs::stat(c"/run")) {
            (Ok(a), Ok(b)) => a.same(&b),
            _ => false,
        },
        Err(_) => false,
    };
    if fine {
        return;
    }
    say.warn(&[PROG, b"warning: /var/run is not a symlink to /run, fixing it"]);
    let fixed = super::wipe::remove(LINK)
        .and_then(|()| sys::fs::mkdir_all(b"/var", 0o755))
        .and_then(|()| sys::fs::symlink(RUN, LINK));
    if let Err(errno) = fixed {
        let reason = sys::reason(errno);
        say.warn(&[
            b"init: warning: unable to make /var/run a link to /run: ",
            reason.as_bytes(),
            b"\nhelp: make it one in the image: ln -s /run /var/run",
        ]);
    }
}

//! Where `/run` can't be worked in: a tmpfs over it in namespaces of our own, which everybody in
//! the container sees, or else a directory of our own, which this program finds ([`sys::moved`]).

use super::preinit::{PROG, RUN};
use super::say::Say;
use super::wipe;
use interpreter::word::Fail;
use sys::mount::{MS_BIND, MS_NODEV, MS_NOSUID, MS_REC, mount};
use sys::moved::{PARENTS, candidate};
use sys::process::Fork;
use sys::space::{CLONE_NEWNS, CLONE_NEWUSER};
use sys::{Errno, Result};

/// Finds another place, and says which and why.
pub fn work(why: Fail, say: &mut Say) -> core::result::Result<(), Fail> {
    let text = why.to_string();
    let (cause, help) = text.split_once('\n').unwrap_or((&text, ""));
    let cause = cause.trim_end_matches('.').as_bytes();
    if over_it() {
        let what =
            b", so it is a tmpfs in namespaces of our own, where setuid programs have no effect";
        say.warn(&[PROG, b"warning: ", cause, what, b"\n", help.as_bytes()]);
        return Ok(());
    }
    let tried = match directory() {
        Ok(place) => {
            let place = place.as_c().to_bytes();
            let rest = b"/run, but shell scripts do not\n";
            let what = b", so the state is in ";
            let who = b": the commands of this program find it as ";
            say.warn(&[PROG, b"warning: ", cause, what, place, who, rest, help.as_bytes()]);
            return Ok(());
        }
        Err(tried) => tried,
    };
    say.error(&[PROG, b"fatal: ", cause, &tried, b"\n", help.as_bytes()]);
    Err(Fail::silent(why.code()))
}

/// The directory goes with the container's last process.
pub fn leave() {
    if let Some(place) = sys::moved::place() {
        let _ = wipe::remove(place.as_c().to_bytes());
    }
}

/// Makes the directory, preferably where programs in it can be run. What has been tried, if there
/// is no place for it.
fn directory() -> core::result::Result<sys::moved::Short, Vec<u8>> {
    let mut tried = Vec::new();
    let mut second = None;
    for (number, parent) in PARENTS.iter().enumerate() {
        let Some(place) = candidate(number) else { continue };
        let path = place.as_c().to_bytes();
        match fresh(&place) {
            Ok(()) if sys::fs::is_noexec(path).unwrap_or(false) => second = second.or(Some(number)),
            Ok(()) => return Ok(settle(number, second, place)),
            Err(errno) => {
                let reason = sys::reason(errno);
                tried.extend([&b"; "[..], *parent, b": ", reason.as_bytes()].concat());
            }
        }
    }
    match second.and_then(|number| Some((number, candidate(number)?))) {
        Some((number, place)) => Ok(settle(number, None, place)),
        None => Err(tried),
    }
}

fn settle(number: usize, other: Option<usize>, place: sys::moved::Short) -> sys::moved::Short {
    if let Some(other) = other.and_then(candidate) {
        let _ = wipe::remove(other.as_c().to_bytes());
    }
    sys::moved::set(Some(number));
    place
}

/// An empty directory that nobody else may look into.
fn fresh(place: &sys::moved::Short) -> Result<()> {
    let path = place.as_c().to_bytes();
    match sys::fs::mkdir(path, 0o700) {
        Err(Errno::EEXIST) if sys::moved::is_private(place.as_c()) => {
            wipe::leftovers(path).map_err(|(_, errno)| errno)
        }
        other => other,
    }
}

/// A tmpfs over `/run`. A child tries it first, because there is no way back out of namespaces.
fn over_it() -> bool {
    if sys::process::ids().1 == 0 {
        // Root has nothing to gain: in a namespace of its own it has no power over other users.
        return false;
    }
    match sys::process::fork() {
        Ok(Fork::Child) => sys::process::exit(i32::from(enter().is_err())),
        Ok(Fork::Parent(pid)) => {
            sys::process::wait(pid).is_ok_and(|status| status.code() == Some(0)) && enter().is_ok()
        }
        Err(_) => false,
    }
}

fn enter() -> Result<()> {
    use sys::fd::{O_CLOEXEC, O_DIRECTORY, O_WRONLY};
    let (_, uid, _, gid) = sys::process::ids();
    sys::space::enter(CLONE_NEWUSER | CLONE_NEWNS)?;
    let old = sys::fd::open(c"/run", sys::fd::O_PATH | O_DIRECTORY | O_CLOEXEC, 0)?;
    let write = |path, content: &str| {
        let fd = sys::fd::open(path, O_WRONLY | O_CLOEXEC, 0)?;
        let written = sys::fd::write_all(fd, content.as_bytes());
        let _ = sys::fd::close(fd);
        written
    };
    // Kernels before 3.19 have no such file, and need none.
    let _ = write(c"/proc/self/setgroups", "deny");
    write(c"/proc/self/uid_map", &format!("{uid} {uid} 1"))?;
    write(c"/proc/self/gid_map", &format!("{gid} {gid} 1"))?;
    mount(b"tmpfs", RUN, b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=0755")?;
    let old_path = format!("/proc/self/fd/{old}").into_bytes();
    for name in sys::fs::entries(&old_path)? {
        // What nobody can see through us was of no use for us either.
        let _ = same(&[&old_path, &b"/"[..], &name].concat(), &[RUN, b"/", &name].concat());
    }
    let _ = sys::fd::close(old);
    sys::space::drop_all()
}

/// Puts what there was in `/run` (secrets, sockets that others share) in its place again.
fn same(from: &[u8], to: &[u8]) -> Result<()> {
    let stat = sys::fs::lstat_bytes(from)?;
    if stat.is_link() {
        return sys::fs::symlink(&sys::fs::readlink(from)?, to);
    }
    match stat.is_dir() {
        true => sys::fs::mkdir(to, 0o755)?,
        false => sys::fs::touch(to)?,
    }
    mount(from, to, b"", MS_BIND | MS_REC, b"")
}

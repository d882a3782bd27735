//! The container's first process: in namespaces of its own, with its ids mapped.

use super::super::fault::Fault;
use super::channel::{Channel, Word};
use interpreter::arg::leak;
use sys::Errno;
use sys::process::Fork;
use sys::space::{CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS};

/// What came out of [`enter`].
pub enum Side {
    /// In the container, as its process 1, before anything is mounted.
    Inside(Channel, Guest),
    /// On the machine, with the container's process.
    Outside(Channel, i32),
}

/// What the container's root user may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    /// It is root in a user namespace only: files of the machine's root are not its own.
    pub mapped: bool,
}

/// Forks into new namespaces; into a user namespace too where the caller may not do it without.
pub fn enter() -> Result<Side, Fault> {
    let spaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;
    let (outside, inside) =
        Channel::pair().map_err(|e| Fault::step("make a socket pair", e, ""))?;
    let root = sys::process::ids().1 == 0;
    let mut mapped = !root;
    let mut forked = if root { sys::space::fork_into(spaces) } else { Err(Errno::EPERM) };
    if forked.as_ref().is_err_and(|e| *e == Errno::EPERM) {
        mapped = true;
        forked = sys::space::fork_into(spaces | CLONE_NEWUSER);
    }
    match forked.map_err(|e| Fault::step("make namespaces for the container", e, help(e)))? {
        Fork::Child => {
            drop(outside);
            match inside.hear() {
                Ok(Word::Go) => Ok(Side::Inside(inside, Guest { mapped })),
                // The outside has failed, and has said why.
                _ => sys::process::exit(125),
            }
        }
        Fork::Parent(pid) => {
            drop(inside);
            if mapped {
                map(pid)?;
            }
            let _ = outside.say(&Word::Go);
            Ok(Side::Outside(outside, pid))
        }
    }
}

fn help(errno: Errno) -> &'static str {
    match errno {
        Errno::ENOSPC => "the limit is 0 or reached: sysctl user.max_user_namespaces",
        Errno::EINVAL => "the kernel lacks one of CONFIG_{PID,UTS,IPC,USER}_NS",
        _ => {
            "run it as root, or let users make namespaces: sysctl \
             kernel.unprivileged_userns_clone=1 or, on Ubuntu, \
             kernel.apparmor_restrict_unprivileged_userns=0; within a container it needs \
             `docker run --privileged`"
        }
    }
}

/// Maps the user's id to root, and what ids it has besides to the container's other users.
fn map(pid: i32) -> Result<(), Fault> {
    let (_, uid, _, gid) = sys::process::ids();
    if uid == 0 {
        return write_map(pid, "uid_map", "0 0 65536")
            .and_then(|()| write_map(pid, "gid_map", "0 0 65536"));
    }
    if helped(pid, uid, gid) {
        return Ok(());
    }
    write_map(pid, "setgroups", "deny")?;
    write_map(pid, "uid_map", &format!("0 {uid} 1"))?;
    write_map(pid, "gid_map", &format!("0 {gid} 1"))
}

fn write_map(pid: i32, name: &'static str, text: &str) -> Result<(), Fault> {
    let path = format!("/proc/{pid}/{name}").into_bytes();
    let wrote = sys::fd::open_bytes(&path, sys::fd::O_WRONLY | sys::fd::O_CLOEXEC, 0)
        .and_then(|fd| sys::fd::write(fd, text.as_bytes()).and(sys::fd::close(fd)));
    wrote.map_err(|errno| {
        let help = "user namespaces are there but restricted: run it as root, or on Ubuntu sysctl \
                    kernel.apparmor_restrict_unprivileged_userns=0";
        Fault::step(format!("map the container's users through /proc/{pid}/{name}"), errno, help)
    })
}

/// Has the setuid helpers map the user's subordinate ids. False where there are none: then
/// root is the container's only user.
fn helped(pid: i32, uid: u32, gid: u32) -> bool {
    let read = |path: &[u8]| sys::fd::read_file_bytes(path).unwrap_or_default();
    let name = login(&read(b"/etc/passwd"), uid).unwrap_or_default();
    let ranges = (
        subordinate(&read(b"/etc/subuid"), &name, uid),
        subordinate(&read(b"/etc/subgid"), &name, uid),
    );
    let (Some(uids), Some(gids)) = ranges else { return false };
    // Both or none: a map can be written once only, so the helpers are looked for beforehand.
    let helper = |name: &str| {
        let path = format!("/usr/bin/{name}").into_bytes();
        sys::fs::access(&path, sys::fs::X_OK).ok().map(|()| leak(path))
    };
    let (Some(newuid), Some(newgid)) = (helper("newuidmap"), helper("newgidmap")) else {
        return false;
    };
    let run = |helper, id: u32, (start, count): (u32, u32)| {
        let words = [pid as u32, 0, id, 1, 1, start, count];
        let mut argv = vec![helper];
        argv.extend(words.iter().map(|n| leak(n.to_string().into_bytes())));
        sys::spawn::spawn(&[helper], &argv, &[], &[])
            .is_ok_and(|child| sys::process::wait(child).is_ok_and(|s| s.code() == Some(0)))
    };
    run(newuid, uid, uids) && run(newgid, gid, gids)
}

/// A user's name, from the text of /etc/passwd.
fn login(passwd: &[u8], uid: u32) -> Option<Vec<u8>> {
    let uid = uid.to_string();
    passwd.split(|&b| b == b'\n').find_map(|line| {
        let mut fields = line.split(|&b| b == b':');
        let name = fields.next()?;
        (fields.nth(1)? == uid.as_bytes()).then(|| name.to_vec())
    })
}

/// The first range of ids that belongs to a user, from the text of /etc/subuid: start, count.
fn subordinate(text: &[u8], name: &[u8], uid: u32) -> Option<(u32, u32)> {
    let uid = uid.to_string();
    std::str::from_utf8(text).ok()?.lines().find_map(|line| {
        let (user, range) = line.split_once(':')?;
        if user.as_bytes() != name && user != uid {
            return None;
        }
        let (start, count) = range.split_once(':')?;
        Some((start.parse().ok()?, count.trim_end().parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subordinate_ids_are_found_by_name_or_number() {
        let text = b"other:1:2\nme:100000:65536\n1001:300000:10\n";
        assert_eq!(subordinate(text, b"me", 1000), Some((100_000, 65536)));
        assert_eq!(subordinate(text, b"", 1001), Some((300_000, 10)));
        assert_eq!(subordinate(text, b"nobody", 7), None);
        assert_eq!(login(b"root:x:0:0::/:\nme:x:1000:1000::/:", 1000), Some(b"me".to_vec()));
    }
}

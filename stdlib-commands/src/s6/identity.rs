//! Another user, group and supplementary groups for this process.

use interpreter::args::number;
use interpreter::image::Image;
use interpreter::word::Fail;
use sys::{Errno, process};

/// Who the process is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The user; 0 leaves it as it is.
    pub uid: u32,
    /// The group; 0 leaves it as it is.
    pub gid: u32,
    /// The supplementary groups; none leaves them as they are.
    pub groups: Option<Vec<u32>>,
}

impl Identity {
    /// Becomes it. Exit code 111 where the kernel says no. Who is it already may stay so without a
    /// right to anything, with the groups that he has.
    pub fn assume(&self, image: &mut Image) -> Result<(), Fail> {
        match self.become_it(image) {
            Err(Denied { errno: Errno::EPERM, .. }) if self.is_ours() => Ok(()),
            Err(Denied { what, errno }) => Err(self.denied(what, errno)),
            Ok(()) => Ok(()),
        }
    }

    fn is_ours(&self) -> bool {
        let (uid, euid, gid, egid) = process::ids();
        let same = |wanted, real, effective| wanted == 0 || (real == wanted && effective == wanted);
        self.uid != 0 && same(self.uid, uid, euid) && same(self.gid, gid, egid)
    }

    fn become_it(&self, image: &mut Image) -> Result<(), Denied> {
        let denied = |what| move |errno| Denied { what, errno };
        if let Some(groups) = &self.groups {
            let first = if self.gid == 0 { process::ids().3 } else { self.gid };
            process::setgroups(&led_by(first, groups))
                .map_err(denied("set supplementary group list"))?;
            image.changed_user = true;
        }
        if self.gid != 0 {
            process::setgid(self.gid).map_err(denied("setgid"))?;
            image.changed_user = true;
        }
        if self.uid != 0 {
            process::setuid(self.uid).map_err(denied("setuid"))?;
            image.changed_user = true;
        }
        Ok(())
    }

    fn denied(&self, what: &str, errno: Errno) -> Fail {
        let me = process::ids().1;
        let (cause, help) = match errno {
            Errno::EPERM if me != 0 => (
                format!("{}: uid {me} has no right to change users", self.name()),
                "start the chain as root, or leave this word out where it runs as the right user",
            ),
            Errno::EPERM => (
                format!("{}: this root may not change users", self.name()),
                "give the container the capabilities SETUID and SETGID",
            ),
            Errno::EINVAL => (
                format!("{}: the user namespace of this process does not have it", self.name()),
                "take an id that the namespace maps: see /proc/self/uid_map and gid_map",
            ),
            _ => return Fail::sys(what, errno),
        };
        let Some(service) = first_time() else { return Fail::silent(111) };
        let reason = sys::reason(errno);
        let what = format!("unable to {what}: {reason}\n{service}{cause}\nhelp: {help}");
        Fail::with_code(111, what)
    }

    fn name(&self) -> String {
        match (self.uid, self.gid) {
            (0, 0) => "supplementary groups".into(),
            (uid, 0) => format!("uid {uid}"),
            (0, gid) => format!("gid {gid}"),
            (uid, gid) => format!("uid {uid} gid {gid}"),
        }
    }
}

struct Denied {
    what: &'static str,
    errno: Errno,
}

/// A service that can't become its user is started every second, and says it once: what it has
/// said is marked beside its state. Elsewhere than in a service's directory nothing is marked.
/// What the message begins with, if there is to be one.
fn first_time() -> Option<String> {
    use sys::fd::{O_CLOEXEC, O_CREAT, O_EXCL, O_WRONLY};
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    match sys::fd::open(c"supervise/no-right-to-change-users", flags, 0o644) {
        Ok(fd) => {
            let _ = sys::fd::close(fd);
            let dir = sys::fs::getcwd().unwrap_or_default();
            let name = dir.rsplit(|&b| b == b'/').next().unwrap_or(b"");
            Some(format!("service {}, which says it once: ", String::from_utf8_lossy(name)))
        }
        Err(Errno::EEXIST) => None,
        Err(_) => Some(String::new()),
    }
}

/// The list with that group at its head, and not elsewhere.
fn led_by(first: u32, groups: &[u32]) -> Vec<u32> {
    match groups.iter().position(|&g| g == first) {
        Some(0) => groups.to_vec(),
        at => {
            let rest = groups.iter().enumerate().filter(|(i, _)| Some(*i) != at).map(|(_, &g)| g);
            std::iter::once(first).chain(rest).collect()
        }
    }
}

/// A list of ids: numbers with `, : ;` or blanks between them. What stands behind the last one
/// does not matter; a text that does not begin with a number is no list, the empty one is.
pub fn list(text: &[u8]) -> Option<Vec<u32>> {
    let mut ids = Vec::new();
    let mut rest = text;
    while let (id, digits @ 1..) = number::uint_prefix(rest) {
        ids.push(id);
        rest = &rest[digits..];
        let gap = rest.iter().take_while(|b| b",:; \t\r\n".contains(b)).count();
        rest = &rest[gap..];
    }
    (!ids.is_empty() || text.is_empty()).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        for (text, ids) in [
            (&b""[..], Some(&[][..])),
            (b"5", Some(&[5])),
            (b"5,6", Some(&[5, 6])),
            (b"5 : 6;\t7,", Some(&[5, 6, 7])),
            (b"5,x,7", Some(&[5])),
            (b"x", None),
            (b",5", None),
        ] {
            assert_eq!(list(text).as_deref(), ids, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn the_own_group_leads() {
        assert_eq!(led_by(5, &[]), [5]);
        assert_eq!(led_by(5, &[5, 6]), [5, 6]);
        assert_eq!(led_by(5, &[6, 5, 7]), [5, 6, 7]);
        assert_eq!(led_by(5, &[6, 7]), [5, 6, 7]);
    }
}

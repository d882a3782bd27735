//! Users and groups as `/etc/passwd` and `/etc/group` have them. libc's functions would want
//! plug-ins that a static program can't load.

use interpreter::args::number;
use sys::Result;

/// Where users are written down.
pub const PASSWD: &str = "/etc/passwd";
/// Where groups are.
pub const GROUP: &str = "/etc/group";

/// A user's ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's own.
    pub uid: u32,
    /// The primary group's.
    pub gid: u32,
}

/// The user of that name, if there is one.
pub fn find_user(name: &[u8]) -> Result<Option<User>> {
    read(PASSWD).map(|text| user(&text, name))
}

/// The home directory of the user of that name, if there is one.
pub fn find_home(name: &[u8]) -> Result<Option<Vec<u8>>> {
    read(PASSWD).map(|text| home(&text, name))
}

/// The group of that name, if there is one.
pub fn find_group(name: &[u8]) -> Result<Option<u32>> {
    read(GROUP).map(|text| group(&text, name))
}

/// The groups that list this user as a member, in the file's order.
pub fn find_groups_of(member: &[u8]) -> Result<Vec<u32>> {
    read(GROUP).map(|text| groups_of(&text, member))
}

/// The primary group of a user, if that user is known.
pub fn primary_group(uid: u32) -> Result<Option<u32>> {
    let text = read(PASSWD)?;
    Ok(lines(&text).find_map(|fields| match fields[..] {
        [_, _, id, gid, ..] if number::uint(id) == Some(uid) => number::uint(gid),
        _ => None,
    }))
}

/// The name of a user, if there is one.
pub fn user_name(uid: u32) -> Result<Option<Vec<u8>>> {
    name(PASSWD, uid)
}

/// The name of a group, if it has one.
pub fn group_name(gid: u32) -> Result<Option<Vec<u8>>> {
    name(GROUP, gid)
}

/// Both files have the number in the third field.
fn name(path: &str, id: u32) -> Result<Option<Vec<u8>>> {
    let text = read(path)?;
    Ok(lines(&text).find_map(|fields| match fields[..] {
        [name, _, number, ..] if number::uint(number) == Some(id) => Some(name.to_vec()),
        _ => None,
    }))
}

fn read(path: &str) -> Result<Vec<u8>> {
    sys::fd::read_file_bytes(path.as_bytes())
}

fn lines(text: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    text.split(|&b| b == b'\n').map(|line| line.split(|&b| b == b':').collect())
}

/// `name:password:uid:gid:…`
fn user(text: &[u8], name: &[u8]) -> Option<User> {
    lines(text).find_map(|fields| match fields[..] {
        [n, _, uid, gid, ..] if n == name => {
            Some(User { uid: number::uint(uid)?, gid: number::uint(gid)? })
        }
        _ => None,
    })
}

/// `name:password:uid:gid:comment:home:shell`
fn home(text: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    lines(text).find_map(|fields| match fields[..] {
        [n, _, uid, gid, _, home, _, ..] if n == name => {
            number::uint(uid).and(number::uint(gid)).map(|_| home.to_vec())
        }
        _ => None,
    })
}

/// `name:password:gid:member,member…`
fn group(text: &[u8], name: &[u8]) -> Option<u32> {
    lines(text).find_map(|fields| match fields[..] {
        [n, _, gid, ..] if n == name => number::uint(gid),
        _ => None,
    })
}

fn groups_of(text: &[u8], member: &[u8]) -> Vec<u32> {
    lines(text)
        .filter_map(|fields| match fields[..] {
            [_, _, gid, members, ..] if members.split(|&b| b == b',').any(|m| m == member) => {
                number::uint(gid)
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &[u8] = b"root:x:0:0:root:/root:/bin/sh\nbad:x:y:1::/:\nshort:x\n\
        www:x:33:34:w:/:/bin/false\nwww:x:1:1::/:\nlast:x:7:8::/:";

    #[test]
    fn users() {
        assert_eq!(user(USERS, b"root"), Some(User { uid: 0, gid: 0 }));
        assert_eq!(user(USERS, b"www"), Some(User { uid: 33, gid: 34 }));
        assert_eq!(user(USERS, b"last"), Some(User { uid: 7, gid: 8 }));
        for name in [&b"bad"[..], b"short", b"ww", b"", b"x"] {
            assert_eq!(user(USERS, name), None);
        }
    }

    #[test]
    fn homes() {
        assert_eq!(home(USERS, b"root").as_deref(), Some(&b"/root"[..]));
        assert_eq!(home(USERS, b"www").as_deref(), Some(&b"/"[..]));
        assert_eq!(home(USERS, b"last").as_deref(), Some(&b"/"[..]));
        for name in [&b"bad"[..], b"short", b"", b"x"] {
            assert_eq!(home(USERS, name), None);
        }
    }

    #[test]
    fn groups() {
        let text = b"root:x:0:\nadm:x:4:www,me\nempty:x:5\nw:x:9:wwww\nlog:x:6:www";
        assert_eq!(group(text, b"adm"), Some(4));
        assert_eq!(group(text, b"empty"), Some(5));
        assert_eq!(group(text, b"x"), None);
        assert_eq!(groups_of(text, b"www"), [4, 6]);
        assert_eq!(groups_of(text, b"nobody"), [0u32; 0]);
    }
}

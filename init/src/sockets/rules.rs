//! Access rules: who may connect, and what that changes for what is run for them. They stand in
//! a directory or in a constant database; its records are made of the same parts.

use super::cdb::{Cdb, Damaged};
use interpreter::arg::Arg;
use interpreter::args::number::Decimal;
use interpreter::diagnose::shown;
use interpreter::word::Fail;
use stdlib_commands::s6::s6_envdir::{self, Reading};
use sys::{Errno, fd};

/// How many bytes of changes, and of a command line, a record holds.
pub const MOST: usize = 4096;

/// What a rule that allows brings along.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// Changes to the environment, one a word: `NAME=value`, or `NAME` that goes.
    pub changes: Vec<Vec<u8>>,
    /// The script that runs instead of what was to run.
    pub exec: Option<Vec<u8>>,
}

/// What the rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Allow(Grant),
    /// No.
    Deny,
    /// Nothing about this key.
    Unknown,
}

/// Where rules stand.
pub enum Rules {
    /// In a directory, which is looked into each time.
    Dir(Arg),
    /// In a database, which is in memory.
    Cdb(Arg, Cdb),
}

impl Rules {
    /// Reads a database. Exit code 111.
    pub fn cdb(file: Arg) -> Result<Rules, Fail> {
        let bytes = fd::read_file(file).map_err(|e| Fail::sys_at("read", file.to_bytes(), e))?;
        Ok(Rules::Cdb(file, Cdb::new(bytes)))
    }

    /// What they say about a user with that primary group. The own user and group have names of
    /// their own, `self`, which come first. Exit code 111 where it can't be found out.
    pub fn check(&self, uid: u32, gid: u32) -> Result<Verdict, Fail> {
        let (_, own_uid, _, own_gid) = sys::process::ids();
        let key = |kind: &[u8], id: u32| [kind, &Decimal::new(id.into())].concat();
        let keys = [
            (uid == own_uid).then(|| b"uid/self".to_vec()),
            Some(key(b"uid/", uid)),
            (gid == own_gid).then(|| b"gid/self".to_vec()),
            Some(key(b"gid/", gid)),
            Some(b"uid/default".to_vec()),
        ];
        for key in keys.into_iter().flatten() {
            let verdict = match self {
                Rules::Dir(dir) => look_into(&[dir.to_bytes(), b"/", &key].concat()),
                Rules::Cdb(file, cdb) => look_up(cdb, &key).map_err(|Damaged| damaged(file)),
            }?;
            if verdict != Verdict::Unknown {
                return Ok(verdict);
            }
        }
        Ok(Verdict::Unknown)
    }
}

/// The failure of a database that is none.
pub fn damaged(file: Arg) -> Fail {
    let name = shown(file.to_bytes());
    let help = "make it anew with s6-accessrules-cdb-from-fs";
    Fail::with_code(111, format!("{name} holds no valid access rules\nhelp: {help}"))
}

/// What stands in a rule's directory.
fn look_into(rule: &[u8]) -> Result<Verdict, Fail> {
    let there = |file: &[u8]| {
        let path = [rule, file].concat();
        match sys::fs::access(&path, sys::fs::R_OK) {
            Ok(()) => Ok(true),
            Err(Errno::EACCES | Errno::ENOENT) => Ok(false),
            Err(errno) => Err(Fail::sys_at("access", &path, errno)),
        }
    };
    if there(b"/allow")? {
        let changes = changes(&[rule, b"/env"].concat())?;
        let exec = script(&[rule, b"/exec"].concat(), &[Errno::EACCES, Errno::ENOENT])?;
        return Ok(Verdict::Allow(Grant { changes, exec }));
    }
    Ok(if there(b"/deny")? { Verdict::Deny } else { Verdict::Unknown })
}

/// The changes of a rule's `env/`; none where it is missing.
pub fn changes(dir: &[u8]) -> Result<Vec<Vec<u8>>, Fail> {
    match s6_envdir::changes(dir, Reading::default()) {
        Err(fail) if fail.errno() == Some(Errno::ENOENT) => Ok(Vec::new()),
        other => other,
    }
}

/// The first [`MOST`] bytes of a rule's `exec`; none where it is empty, or missing for one of
/// these reasons.
pub fn script(path: &[u8], missing: &[Errno]) -> Result<Option<Vec<u8>>, Fail> {
    let read = || {
        let file = fd::open_bytes(path, fd::O_RDONLY | fd::O_CLOEXEC, 0)?;
        let text = fd::read_to_end(file);
        let _ = fd::close(file);
        text
    };
    match read() {
        Ok(mut text) => {
            text.truncate(MOST);
            Ok(Some(text).filter(|text| !text.is_empty()))
        }
        Err(errno) if missing.contains(&errno) => Ok(None),
        Err(errno) => Err(Fail::sys_at("read", path, errno)),
    }
}

fn look_up(cdb: &Cdb, key: &[u8]) -> Result<Verdict, Damaged> {
    match cdb.find(key)? {
        None => Ok(Verdict::Unknown),
        Some(record) => unpack(record),
    }
}

/// The record of a rule that allows; none where a part is too long.
pub fn pack(changes: &[Vec<u8>], exec: &[u8]) -> Option<Vec<u8>> {
    let mut record = vec![b'A', 0, 0];
    for change in changes {
        record.extend_from_slice(change);
        record.push(0);
    }
    let length = record.len() - 3;
    if length > MOST || exec.len() > MOST {
        return None;
    }
    record[1..3].copy_from_slice(&(length as u16).to_be_bytes());
    record.extend_from_slice(&(exec.len() as u16).to_be_bytes());
    record.extend_from_slice(exec);
    Some(record)
}

/// What a record says.
pub fn unpack(record: &[u8]) -> Result<Verdict, Damaged> {
    let parts = match record {
        [] => return Err(Damaged),
        [b'D', ..] => return Ok(Verdict::Deny),
        [b'A', parts @ ..] => parts,
        _ => return Ok(Verdict::Unknown),
    };
    let (changes, rest) = part(parts)?;
    let (exec, rest) = part(rest)?;
    if !rest.is_empty() {
        return Err(Damaged);
    }
    let changes = match changes.strip_suffix(b"\0") {
        Some(words) => words.split(|&b| b == 0).map(<[u8]>::to_vec).collect(),
        None if changes.is_empty() => Vec::new(),
        None => return Err(Damaged),
    };
    let exec = (!exec.is_empty()).then(|| exec.to_vec());
    Ok(Verdict::Allow(Grant { changes, exec }))
}

/// A part with its length before it, and what is behind it.
fn part(bytes: &[u8]) -> Result<(&[u8], &[u8]), Damaged> {
    let [high, low, rest @ ..] = bytes else { return Err(Damaged) };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    if length > MOST { Err(Damaged) } else { rest.split_at_checked(length).ok_or(Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(changes: &[&[u8]], exec: Option<&[u8]>) -> Verdict {
        let changes = changes.iter().map(|change| change.to_vec()).collect();
        Verdict::Allow(Grant { changes, exec: exec.map(<[u8]>::to_vec) })
    }

    #[test]
    fn records_there_and_back() {
        let changes = [b"A=1".to_vec(), b"B".to_vec()];
        let record = pack(&changes, b"echo hi").unwrap_or_default();
        assert_eq!(record, b"A\x00\x06A=1\0B\0\x00\x07echo hi");
        assert_eq!(unpack(&record), Ok(allow(&[b"A=1", b"B"], Some(b"echo hi"))));
        assert_eq!(pack(&[], b""), Some(b"A\0\0\0\0".to_vec()));
        assert_eq!(unpack(b"A\0\0\0\0"), Ok(allow(&[], None)));
        assert_eq!(pack(&[vec![b'x'; MOST]], b""), None);
        assert!(pack(&[vec![b'x'; MOST - 1]], b"").is_some());
    }

    #[test]
    fn other_records() {
        assert_eq!(unpack(b"D"), Ok(Verdict::Deny));
        assert_eq!(unpack(b"X"), Ok(Verdict::Unknown));
        for record in [&b""[..], b"A", b"A\0\0", b"A\0\x01\0\0", b"A\0\0\0\0x", b"A\0\x01x\0\0"] {
            assert_eq!(unpack(record), Err(Damaged), "{}", record.escape_ascii());
        }
    }
}

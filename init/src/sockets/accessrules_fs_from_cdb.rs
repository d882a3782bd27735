//! `s6-accessrules-fs-from-cdb`: makes a directory of access rules of a constant database.

use super::cdb::Cdb;
use super::rules::{self, Verdict};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::{Errno, fd};

/// Exit codes: 100 wrong usage, 111 the database is none, or the system said no.
pub const COMMAND: Command = Command {
    name: "s6-accessrules-fs-from-cdb",
    usage: "s6-accessrules-fs-from-cdb dir cdbfile",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What the directories may be: the set-group-id bit keeps the files in their group.
const MODE: u32 = 0o2755;

fn run(_image: &mut Image, argv: Argv) -> Ran {
    let [dir, file, ..] = *argv else { return Err(Fail::usage()) };
    let (dir, name) = (dir.to_bytes(), file.to_bytes());
    let bytes = fd::read_file(file).map_err(|errno| Fail::sys_at("read", name, errno))?;
    let cdb = Cdb::new(bytes);
    let records = cdb.records().map_err(|_| rules::damaged(file))?;
    let mask = sys::fs::umask(0);
    let made = sys::fs::mkdir(dir, MODE).map_err(|errno| Fail::sys_at("mkdir", dir, errno));
    sys::fs::umask(mask);
    made?;
    for (key, data) in records {
        let written = match rules::unpack(data) {
            Ok(verdict) if is_inside(key) => write(&[dir, b"/", key].concat(), &verdict, dir),
            _ => Err(rules::damaged(file)),
        };
        if let Err(fail) = written {
            let _ = crate::stages::wipe::remove(dir);
            return Err(fail);
        }
    }
    Ok(Next::Exit(0))
}

/// A key that leads out of the directory is nobody's rule.
fn is_inside(key: &[u8]) -> bool {
    !key.contains(&0) && key.split(|&b| b == b'/').all(|part| part != b".." && !part.is_empty())
}

fn write(rule: &[u8], verdict: &Verdict, top: &[u8]) -> Result<(), Fail> {
    let mask = sys::fs::umask(0);
    let made = directories(rule, top.len());
    sys::fs::umask(mask);
    made.map_err(|errno| Fail::sys_at("mkdir", rule, errno))?;
    let grant = match verdict {
        Verdict::Allow(grant) => grant,
        Verdict::Deny => return put(&[rule, b"/deny"].concat(), b""),
        Verdict::Unknown => return Ok(()),
    };
    put(&[rule, b"/allow"].concat(), b"")?;
    if !grant.changes.is_empty() {
        let env = [rule, b"/env"].concat();
        let mask = sys::fs::umask(0);
        let made = directory(&env);
        sys::fs::umask(mask);
        made.map_err(|errno| Fail::sys_at("mkdir", &env, errno))?;
        for change in &grant.changes {
            let end = change.iter().position(|&b| b == b'=');
            let name = &change[..end.unwrap_or(change.len())];
            let value = end.map(|end| [&change[end + 1..], b"\n"].concat());
            put(&[&env, &b"/"[..], name].concat(), &value.unwrap_or_default())?;
        }
    }
    match &grant.exec {
        Some(exec) => put(&[rule, b"/exec"].concat(), exec),
        None => Ok(()),
    }
}

/// Makes a rule's directory and those between it and the top, which is there.
fn directories(rule: &[u8], top: usize) -> sys::Result<()> {
    let slashes = rule.iter().enumerate().skip(top + 1).filter(|(_, b)| **b == b'/');
    for end in slashes.map(|(at, _)| at).chain([rule.len()]) {
        directory(&rule[..end])?;
    }
    Ok(())
}

fn directory(path: &[u8]) -> sys::Result<()> {
    match sys::fs::mkdir(path, MODE) {
        Err(Errno::EEXIST) => Ok(()),
        other => other,
    }
}

fn put(path: &[u8], content: &[u8]) -> Result<(), Fail> {
    let write = || {
        let flags = fd::O_WRONLY | fd::O_CREAT | fd::O_TRUNC | fd::O_CLOEXEC;
        let to = fd::open_bytes(path, flags, 0o666)?;
        let written = fd::write_all(to, content);
        let _ = fd::close(to);
        written
    };
    write().map_err(|errno| Fail::sys_at("write", path, errno))
}

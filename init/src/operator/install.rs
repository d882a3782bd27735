//! `chainit install`: lays the installation down in a root directory.

use super::fault::{Fault, show};
use super::manual::store;
use super::root::Root;
use super::tree::{Entry, Part, What};
use sys::Errno;

/// The installation that this program is.
pub fn tree() -> Vec<Entry> {
    let commands = crate::tables().flatten();
    super::tree::tree(commands.map(|command| (command, package(command.name.as_bytes()))))
}

/// The upstream package that a command belongs to.
fn package(name: &[u8]) -> Option<&'static str> {
    use interpreter::word::find;
    if name == b"execlineb" || find(stdlib_commands::execline::COMMANDS, name).is_some() {
        Some("execline")
    } else if find(stdlib_commands::portable::COMMANDS, name).is_some() {
        Some("s6-portable-utils")
    } else if find(stdlib_commands::linux::COMMANDS, name).is_some() {
        Some("s6-linux-utils")
    } else if name == b"s6-rc" || name.starts_with(b"s6-rc-") {
        Some("s6-rc")
    } else if name.starts_with(b"s6-overlay-") {
        Some("s6-overlay-helpers")
    } else if name.starts_with(b"s6-linux-init") {
        Some("s6-linux-init")
    } else if name.starts_with(b"s6-") {
        Some("s6")
    } else {
        None
    }
}

/// Lays the chosen parts down. What is there already is replaced, each file in one instant;
/// other files and the permissions of directories that exist stay as they are.
pub fn install(root: &Root, parts: &[Part]) -> Result<(), Fault> {
    for entry in tree().iter().filter(|entry| parts.contains(&entry.part)) {
        lay(root, entry)?;
    }
    Ok(())
}

fn lay(root: &Root, entry: &Entry) -> Result<(), Fault> {
    let path = entry.path.as_bytes();
    if entry.what == What::Dir {
        return root.dir(path).map(drop);
    }
    let at = root.place(path)?;
    if sys::fs::lstat_bytes(&at).is_ok_and(|s| s.is_dir()) {
        let what = format!("{} is a directory, and in the way", show(&at));
        return Err(Fault::said(what, "move it or remove it"));
    }
    match &entry.what {
        What::Dir => Ok(()),
        What::Link(target) => link(target.as_bytes(), &at),
        What::File(content) => file(content.as_bytes(), mode(content), &at),
        // A program that stands alone installs what it has.
        What::Manuals => store::text().map_or(Ok(()), |text| file(text.as_bytes(), 0o644, &at)),
        What::Binary => file(&program()?, 0o755, &at),
        // One that was moved away from it does without.
        What::Setuid => beside().map_or(Ok(()), |program| file(&program, 0o4755, &at)),
    }
}

fn mode(content: &str) -> u32 {
    if content.starts_with("#!") { 0o755 } else { 0o644 }
}

/// The bytes of the running program.
fn program() -> Result<Vec<u8>, Fault> {
    sys::fd::read_file(sys::spawn::SELF).map_err(|e| {
        Fault::step("read this program from /proc/self/exe", e, "it needs /proc to be mounted")
    })
}

/// The bytes of the setuid program: from where it is built, or from where it is installed.
fn beside() -> Option<Vec<u8>> {
    let own = sys::fs::readlink(sys::spawn::SELF.to_bytes()).ok()?;
    let dir = &own[..own.iter().rposition(|&b| b == b'/')?];
    [&b"/take-run"[..], b"/../libexec/take-run"]
        .iter()
        .find_map(|path| sys::fd::read_file_bytes(&[dir, path].concat()).ok())
}

fn link(target: &[u8], at: &[u8]) -> Result<(), Fault> {
    if sys::fs::readlink(at).is_ok_and(|there| there == target) {
        return Ok(());
    }
    replace(at, |temp| sys::fs::symlink(target, temp))
}

/// Puts a file in its place, in one instant.
pub fn file(content: &[u8], mode: u32, at: &[u8]) -> Result<(), Fault> {
    replace(at, |temp| {
        use sys::fd::{O_CLOEXEC, O_CREAT, O_EXCL, O_WRONLY};
        let fd = sys::fd::open_bytes(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)?;
        let written = sys::fd::write_all(fd, content).and_then(|()| sys::fs::fchmod(fd, mode));
        let closed = sys::fd::close(fd);
        written.and(closed)
    })
}

/// Makes something beside its place and renames it there.
fn replace(at: &[u8], make: impl Fn(&[u8]) -> Result<(), Errno>) -> Result<(), Fault> {
    let temp = [at, b".chainit-", sys::process::getpid().to_string().as_bytes()].concat();
    let made = match make(&temp) {
        // Left behind by one that was killed.
        Err(Errno::EEXIST) => sys::fs::unlink(&temp).and_then(|()| make(&temp)),
        other => other,
    };
    made.and_then(|()| sys::fs::rename(&temp, at)).map_err(|errno| {
        let _ = sys::fs::unlink(&temp);
        Fault::at("write", at, errno)
    })
}

/// The table, one entry a line: part, kind, path, and where a link leads.
pub fn listing(parts: &[Part]) -> Vec<u8> {
    let mut out = String::new();
    for entry in tree().iter().filter(|entry| parts.contains(&entry.part)) {
        let (kind, target) = match &entry.what {
            What::Dir => ("dir", ""),
            What::File(content) if mode(content) == 0o755 => ("script", ""),
            What::File(_) | What::Manuals => ("file", ""),
            What::Binary => ("binary", ""),
            What::Setuid => ("setuid", ""),
            What::Link(target) => ("link", target.as_str()),
        };
        let line = [entry.part.name(), kind, &entry.path, target].join("\t");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.into_bytes()
}

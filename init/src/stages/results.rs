//! The container's exit code, which anybody in it may set.

use sys::{Errno, Result};

/// Where it stands, in decimal.
pub const EXITCODE: &[u8] = b"/run/s6-linux-init-container-results/exitcode";
/// How the container was stopped: `h`, `p` or `r`.
const HALTCODE: &[u8] = b"/run/s6-linux-init-container-results/haltcode";

/// Why the container stops, if it is no way to end that everybody knows; told at the end.
const REASON: &[u8] = b"/run/s6-linux-init-container-results/reason";
/// What failed first while the container came up.
const FIRST: &[u8] = b"/run/s6/first-failure";

/// Writes a whole small file.
pub fn write(path: &[u8], content: &[u8]) -> Result<()> {
    use sys::fd::{O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY};
    let fd = sys::fd::open_bytes(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)?;
    let written = sys::fd::write_all(fd, content);
    let closed = sys::fd::close(fd);
    written.and(closed)
}

/// What an earlier start has left.
pub fn forget_reason() {
    let _ = sys::fs::unlink(REASON);
}

/// Sets the code that counts where nobody sets one.
pub fn start() -> Result<()> {
    write(EXITCODE, b"0\n")
}

/// Sets the container's code. Mostly it is there already, and cutting a file off is what costs the
/// kernel most.
pub fn set_exit_code(code: i32) -> Result<()> {
    let text = format!("{code}\n");
    match sys::fd::read_file_bytes(EXITCODE) {
        Ok(there) if there == text.as_bytes() => Ok(()),
        _ => write(EXITCODE, text.as_bytes()),
    }
}

/// Keeps in mind what failed, unless something has failed before. Whoever was told more than a
/// line's worth is told all of it again.
pub fn blame(what: &[u8]) {
    use sys::fd::{O_CLOEXEC, O_CREAT, O_EXCL, O_WRONLY};
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    if let Ok(fd) = sys::fd::open_bytes(FIRST, flags, 0o644) {
        let _ = sys::fd::write_all(fd, what.trim_ascii_end());
        let _ = sys::fd::close(fd);
    }
}

/// The container stops because of what failed first.
pub fn stop_for_it() {
    let _ = sys::fs::rename(FIRST, REASON);
}

/// The container stops because of this.
pub fn set_reason(what: &[u8]) {
    let _ = write(REASON, what);
}

/// Why it stops.
pub fn reason() -> Option<Vec<u8>> {
    sys::fd::read_file_bytes(REASON).ok().filter(|reason| !reason.is_empty())
}

/// Notes how the container was stopped.
pub fn set_halt_code(letter: u8) -> Result<()> {
    write(HALTCODE, &[letter, b'\n'])
}

/// The container's code, as the file says it now. Without a file, or with an empty one: 0.
pub fn exit_code() -> core::result::Result<i32, BadCode> {
    match sys::fd::read_file_bytes(EXITCODE) {
        Ok(content) => parse(&content),
        Err(Errno::ENOENT) => Ok(0),
        Err(errno) => Err(BadCode(sys::reason(errno).into_bytes())),
    }
}

/// What stands in the file and is no code; the container's code then is 100.
#[derive(Debug, PartialEq, Eq)]
pub struct BadCode(pub Vec<u8>);

/// The first line is the code, and of a number its lowest byte.
fn parse(content: &[u8]) -> core::result::Result<i32, BadCode> {
    let line = content.split(|&b| b == b'\n').next().unwrap_or(b"");
    let line = line.trim_ascii_end();
    if line.is_empty() {
        return Ok(0);
    }
    match super::contenv::number(line) {
        Some(code) if code <= u64::from(u32::MAX) => Ok((code & 0xff) as i32),
        _ => Err(BadCode(line.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_code() {
        assert_eq!(parse(b""), Ok(0));
        assert_eq!(parse(b"\n"), Ok(0));
        assert_eq!(parse(b"7\n"), Ok(7));
        assert_eq!(parse(b"7 \t\nother"), Ok(7));
        assert_eq!(parse(b"256"), Ok(0));
        assert_eq!(parse(b"257"), Ok(1));
        assert_eq!(parse(b"no"), Err(BadCode(b"no".to_vec())));
        assert_eq!(parse(b" 7"), Err(BadCode(b" 7".to_vec())));
    }
}

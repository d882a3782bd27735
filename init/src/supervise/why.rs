//! Why a program of a service could not be started.

use sys::Errno;

/// The reason for an exec of the file that failed, in words that lead to the remedy. No line's
/// end.
pub fn describe_exec_failure(path: &[u8], errno: Errno) -> String {
    let missing = errno == Errno::ENOENT && sys::fs::lstat_bytes(path).is_err();
    if missing && path.ends_with(b"/run") {
        let path = String::from_utf8_lossy(path);
        return format!("there is no {path}: a service directory needs an executable run");
    }
    sys::reason(errno)
}

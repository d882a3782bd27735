//! Why a program of a service could not be started.

use interpreter::why::exec_fault;
use sys::Errno;

/// The reason for an exec of the file that failed, and below it what is wrong with the file and
/// the way out, a line each. No line's end behind the last.
pub fn describe_exec_failure(path: &[u8], errno: Errno) -> String {
    let missing = errno == Errno::ENOENT && sys::fs::lstat_bytes(path).is_err();
    if missing && path.ends_with(b"/run") {
        let path = String::from_utf8_lossy(path);
        return format!("there is no {path}: a service directory needs an executable run");
    }
    // A service's file has a path, so no PATH is asked.
    let remark = interpreter::why::exec_remark(path, b"", errno).lines(None, path);
    let mut reason = sys::reason(errno).to_owned();
    reason.push('\n');
    reason.push_str(String::from_utf8_lossy(&remark).trim_end());
    reason
}

/// Why nothing can be started in a service directory, behind a semicolon; nothing where something
/// can.
pub fn not_startable(dir: &[u8]) -> String {
    let run = [dir, b"/run"].concat();
    let why = exec_fault(&run).map(|errno| describe_exec_failure(&run, errno));
    why.map_or_else(String::new, |why| format!("; its run can't be executed: {why}"))
}

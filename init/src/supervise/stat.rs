//! What the kernel tells of a process in `/proc/PID/stat`.

/// The text; `None`: there is no such process, or no `/proc`.
pub fn of(pid: i32) -> Option<Vec<u8>> {
    sys::fd::read_file_bytes(format!("/proc/{pid}/stat").as_bytes()).ok()
}

/// Its fields from the state on, which stands behind the name in its brackets.
pub fn fields(stat: &[u8]) -> Option<Vec<&[u8]>> {
    let at = stat.iter().rposition(|&byte| byte == b')')?;
    let fields = stat.get(at + 1..)?.split(|byte| b" \n".contains(byte));
    Some(fields.filter(|field| !field.is_empty()).collect())
}

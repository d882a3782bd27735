//! What the commands that print have in common.

use interpreter::word::{Fail, Next, Ran};

/// Writes to standard output, all of it. Exit code 111 where that can't be.
pub fn write(bytes: &[u8]) -> Result<(), Fail> {
    sys::fd::write_all(1, bytes).map_err(|errno| Fail::sys("write to stdout", errno))
}

/// Writes, and ends with 0.
pub fn write_and_end(bytes: &[u8]) -> Ran {
    write(bytes)?;
    Ok(Next::Exit(0))
}

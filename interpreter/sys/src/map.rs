//! Files that are read where they lie.

use crate::{Errno, Result};

/// The content of an open file, as memory that stays for as long as the process. The file must
/// not get shorter meanwhile: reading beyond its new end is SIGBUS. So it is for files that are
/// replaced by others and never written again. An empty file is an empty slice.
pub fn whole(fd: i32) -> Result<&'static [u8]> {
    let len = usize::try_from(crate::fs::fstat(fd)?.size).map_err(|_| Errno::EFBIG)?;
    if len == 0 {
        return Ok(&[]);
    }
    // SAFETY: a new mapping where the kernel likes, which is read only and never unmapped.
    let start = unsafe {
        libc::mmap(core::ptr::null_mut(), len, libc::PROT_READ, libc::MAP_PRIVATE, fd, 0)
    };
    if start == libc::MAP_FAILED {
        return Err(Errno::last());
    }
    // SAFETY: `len` readable bytes are there for ever, and nobody writes to them (see above).
    Ok(unsafe { core::slice::from_raw_parts(start.cast::<u8>(), len) })
}

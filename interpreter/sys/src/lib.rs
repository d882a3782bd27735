//! The kernel, as chainit sees it.
//!
//! Every unsafe line of the project is in this crate, each block with the reason why it holds.
//! What is here is thin: one function a call, bytes and descriptors in, [`Errno`] out, nothing
//! remembered but one thing ([`moved`]). Descriptors are plain numbers, because a chain-loading program hands numbers that
//! its user chose to programs that it does not know.

#[cfg(target_env = "musl")]
mod absent;
pub mod alloc;
mod alongside;
mod apart;
pub mod at;
pub mod both;
pub mod bytes;
pub mod crash;
pub mod event;
pub mod fd;
pub mod fs;
pub mod handover;
pub mod limit;
pub mod map;
pub mod mount;
pub mod moved;
pub mod net;
pub mod note;
pub mod order;
pub mod posix;
pub mod process;
pub mod resident;
pub mod share;
pub mod signal;
pub mod slots;
pub mod space;
pub mod spawn;
pub mod start;
pub mod tai;
pub mod time;
pub mod unix;
#[cfg(target_env = "musl")]
mod unwind;

pub use nix::errno::Errno;

/// What a call gives: a value, or the error number that the kernel gave.
pub type Result<T> = core::result::Result<T, Errno>;

/// A NUL-terminated word that lives as long as the process.
pub type Arg = &'static core::ffi::CStr;

/// Turns the -1 of a C call into the error number that it stands for.
fn check<T: PartialEq + From<i8>>(value: T) -> Result<T> {
    if value == T::from(-1) { Err(Errno::last()) } else { Ok(value) }
}

/// Repeats a call that a signal interrupted.
fn retry<T>(mut call: impl FnMut() -> Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            other => return other,
        }
    }
}

/// What an error number means, in libc's words, which are those that people know from other
/// programs and search for.
pub fn reason(errno: Errno) -> String {
    // SAFETY: this process has one thread, and the text is copied before anybody calls again.
    let text = unsafe { core::ffi::CStr::from_ptr(libc::strerror(errno as i32)) };
    text.to_string_lossy().into_owned()
}

/// The bytes as a word that stays for as long as the process; up to the first NUL in them.
pub fn lasting(mut bytes: Vec<u8>) -> Arg {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    bytes.push(0);
    // SAFETY: the only NUL is the last byte.
    unsafe { core::ffi::CStr::from_bytes_with_nul_unchecked(bytes.leak()) }
}

/// Gives `f` the path with a NUL behind it. A path with a NUL in it does not exist: `ENOENT`.
pub fn with_cstr<T>(path: &[u8], f: impl FnOnce(&core::ffi::CStr) -> Result<T>) -> Result<T> {
    const SHORT: usize = 256;
    if path.len() < SHORT {
        let mut buffer = [0u8; SHORT];
        buffer[..path.len()].copy_from_slice(path);
        let path = core::ffi::CStr::from_bytes_with_nul(&buffer[..=path.len()]);
        return path.map_or(Err(Errno::ENOENT), f);
    }
    std::ffi::CString::new(path).map_or(Err(Errno::ENOENT), |path| f(&path))
}

//! What musl's patterns (`regcomp`, `fnmatch`, `glob`) refer to, and what is more than they need here.
//!
//! This program never calls `setlocale`, so it runs in musl's C locale: a byte above 0x7f becomes a
//! character between 0xdf80 and 0xdfff, which is of no class and has no case. Unicode's tables
//! tell the same of all that can come. Nor is `glob` ever asked about somebody's `~`, for which it
//! has all of the C library's way to a user's home, buffered files and sockets included.

use core::ffi::{c_int, c_uint, c_void};

fn ascii(c: c_uint, is: fn(&u8) -> bool) -> c_int {
    u8::try_from(c).is_ok_and(|byte| is(&byte)).into()
}

/// Only ASCII has letters.
// SAFETY: musl's own, which has this name too, is not linked.
#[unsafe(no_mangle)]
extern "C" fn iswalpha(c: c_uint) -> c_int {
    ascii(c, u8::is_ascii_alphabetic)
}

/// Only ASCII has punctuation.
// SAFETY: musl's own, which has this name too, is not linked.
#[unsafe(no_mangle)]
extern "C" fn iswpunct(c: c_uint) -> c_int {
    ascii(c, u8::is_ascii_punctuation)
}

/// Besides ASCII those two whose other case is ASCII: a range may hold them, and then holds its
/// other case, too.
// SAFETY: musl's own, which has this name too, is not linked.
#[unsafe(no_mangle)]
extern "C" fn towlower(c: c_uint) -> c_uint {
    match c {
        0x130 => 'i'.into(),
        0x212a => 'k'.into(),
        _ => u8::try_from(c).map_or(c, |byte| byte.to_ascii_lowercase().into()),
    }
}

/// As [`towlower`].
// SAFETY: musl's own, which has this name too, is not linked.
#[unsafe(no_mangle)]
extern "C" fn towupper(c: c_uint) -> c_uint {
    match c {
        0x131 => 'I'.into(),
        0x17f => 'S'.into(),
        _ => u8::try_from(c).map_or(c, |byte| byte.to_ascii_uppercase().into()),
    }
}

macro_rules! nobody {
    ($($name:ident)*) => {$(
        /// Knows nobody, and is not asked.
        // SAFETY: musl's own, which has this name too, is not linked.
        #[unsafe(no_mangle)]
        extern "C" fn $name(
            _who: *const c_void,
            _entry: *mut c_void,
            _buffer: *mut c_void,
            _size: usize,
            _found: *mut *mut c_void,
        ) -> c_int {
            libc::ENOENT
        }
    )*};
}

nobody! { getpwnam_r getpwuid_r }

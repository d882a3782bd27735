//! No unwinding: what the linker would otherwise take from libunwind.
//!
//! A panic aborts here, so nothing walks the stack but the backtrace of Rust's own panic message,
//! which needs debug information that the shipped program does not have. Yet reading it (DWARF,
//! inflate, demangling) would be a quarter of the program. A walk that ends before its first
//! frame lets the link-time optimizer see that the rest is never called.
//!
//! The definitions stand for all of libunwind that std refers to; one that is missing would bring
//! the library in, and with it a second definition of each.

use core::ffi::{c_int, c_void};

/// `_URC_END_OF_STACK`.
const END_OF_STACK: c_int = 5;

macro_rules! absent {
    ($($name:ident)*) => {$(
        /// Never called: there is no frame that it could be asked about.
        // SAFETY: libunwind, which has this name too, is not linked.
        #[unsafe(no_mangle)]
        extern "C" fn $name() -> usize {
            std::process::abort()
        }
    )*};
}

/// Tells nobody about any frame.
// SAFETY: libunwind, which has this name too, is not linked.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Backtrace(_frame: *const c_void, _argument: *mut c_void) -> c_int {
    END_OF_STACK
}

absent! {
    _Unwind_RaiseException _Unwind_Resume _Unwind_DeleteException
    _Unwind_GetLanguageSpecificData _Unwind_GetRegionStart
    _Unwind_GetTextRelBase _Unwind_GetDataRelBase
    _Unwind_GetGR _Unwind_SetGR _Unwind_GetIP _Unwind_SetIP _Unwind_GetIPInfo
    _Unwind_GetCFA _Unwind_FindEnclosingFunction
}

//! The process's first instructions in Rust.
//!
//! Rust's own `fn main` is no faithful chain loader: its start-up opens /dev/null on closed
//! descriptors 0 to 2 and ignores SIGPIPE, and the program that is exec'd inherits both.

use crate::Arg;
use core::ffi::{CStr, c_char, c_int};

/// What the kernel handed over.
pub struct Start {
    /// The words of the command line, the first one being the name that the caller chose.
    pub args: Vec<Arg>,
    /// The environment, in order, with whatever duplicates and oddities it has.
    pub env: Vec<Arg>,
    /// The path that was given to exec (of a script, the script's).
    pub path: Option<Arg>,
}

/// Collects NULL-terminated pointers.
///
/// # Safety
/// `list` is null, or points to pointers to C strings up to a null one, all of which live and
/// stay unchanged as long as the process.
unsafe fn words(list: *const *const c_char) -> Vec<Arg> {
    if list.is_null() {
        return Vec::new();
    }
    let mut count = 0;
    // SAFETY: a null pointer ends the list.
    while unsafe { !(*list.add(count)).is_null() } {
        count += 1;
    }
    // SAFETY: the caller's promise; all these are within the list.
    (0..count).map(|at| unsafe { CStr::from_ptr(*list.add(at)) }).collect()
}

/// Turns the arguments of C's `main` into a [`Start`].
///
/// # Safety
/// `argv` and `envp` are those of the process's `main`.
pub unsafe fn collect(argv: *const *const c_char, envp: *const *const c_char) -> Start {
    // SAFETY: the caller's promise; the kernel puts both lists and their strings on the stack
    // above main's frame, and nothing in this project writes there or calls setenv.
    let (args, env) = unsafe { (words(argv), words(envp)) };
    // SAFETY: getauxval reads the auxiliary vector only; AT_EXECFN is a string there, or 0.
    let path = unsafe {
        let at = libc::getauxval(libc::AT_EXECFN) as *const c_char;
        (!at.is_null()).then(|| CStr::from_ptr(at))
    };
    Start { args, env, path }
}

/// Makes a function `fn(Start) -> i32` the process's entry. Its value is the exit code.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        #[global_allocator]
        static ALLOCATOR: $crate::alloc::Bump = $crate::alloc::Bump;

        /// C's main.
        ///
        /// # Safety
        /// Called by the C runtime alone, once.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn main(
            _argc: ::core::ffi::c_int,
            argv: *const *const ::core::ffi::c_char,
            envp: *const *const ::core::ffi::c_char,
        ) -> ::core::ffi::c_int {
            // SAFETY: these are main's own arguments.
            let start = unsafe { $crate::start::collect(argv, envp) };
            $crate::process::exit($main(start))
        }
    };
}

/// An exit code as C's main gives it.
pub type Code = c_int;

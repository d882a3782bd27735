//! Gives `/run` to the user that a container runs as, as upstream's setuid `s6-overlay-suexec` has
//! it done. Its file belongs to root and is setuid; `/init` execs it where `/run` is somebody else's.
//!
//! **It does nothing for anybody but PID 1**, who is the container's user and nobody else; it runs
//! no program as root, reads no argument, variable or file, and has no library but the C library's
//! system calls. Then it is `/init` again, as the user and for good.
//! What ships is without std, which would be twice the program; a static glibc is not to be had so.
#![cfg_attr(target_env = "musl", no_std)]
#![no_main]

use core::ffi::{CStr, c_char, c_int};

const RUN: &CStr = c"/run";
// The C library's own would bring what many threads need.
#[cfg(target_pointer_width = "32")]
const SETRESUID: libc::c_long = libc::SYS_setresuid32;
#[cfg(target_pointer_width = "64")]
const SETRESUID: libc::c_long = libc::SYS_setresuid;
const INIT: &CStr = c"/package/admin/s6-overlay-3.2.3.2/libexec/init";

#[cfg(target_env = "musl")]
#[link(name = "c")]
unsafe extern "C" {}

/// The first word is what `/init` is to be called, the others are its command line.
#[unsafe(no_mangle)]
extern "C" fn main(argc: c_int, argv: *const *const c_char, envp: *const *const c_char) -> c_int {
    if argc < 2 {
        return 100;
    }
    // SAFETY: the strings are constants; argv has argc words and a null behind them, so that one
    // word less is such a list, too; envp is the kernel's.
    unsafe {
        let (uid, gid) = (libc::getuid(), libc::getgid());
        if libc::getpid() == 1 && libc::geteuid() == 0 {
            libc::mkdir(RUN.as_ptr(), 0o755);
            if libc::chown(RUN.as_ptr(), uid, gid) == 0 {
                libc::chmod(RUN.as_ptr(), 0o755);
            }
        }
        if libc::syscall(SETRESUID, uid, uid, uid) != 0 {
            return 111;
        }
        libc::execve(INIT.as_ptr(), argv.add(1), envp);
    }
    111
}

#[cfg(target_env = "musl")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

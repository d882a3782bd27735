//! Starts one program in exactly the state that a case asks for, and says how it ended.
//!
//! `launch RESULT DIR UMASK CLOSED N ENV*N FILE ARGV…`: the environment is passed on entry by
//! entry, in order and with its duplicates, which `std::process::Command` and env(1) cannot do.
//! Nothing of the test's own descriptors and signal dispositions leaks into the program.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

use nix::fcntl::OFlag;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::stat::{Mode, umask};
use nix::sys::wait::{WaitStatus, waitpid};
use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;

fn main() {
    let mut args = std::env::args_os().skip(1).map(OsString::into_vec);
    let result = text(args.next());
    std::env::set_current_dir(text(args.next())).expect("no such directory");
    let mask = u32::from_str_radix(&text(args.next()), 8).expect("umask");
    umask(Mode::from_bits_truncate(mask));
    let closed: Vec<i32> = text(args.next()).split_terminator(' ').map(number).collect();
    let count = usize::try_from(number(&text(args.next()))).expect("a count");
    let rest: Vec<CString> = args.map(|arg| CString::new(arg).unwrap()).collect();
    let (env, rest) = rest.split_at(count);
    let (file, argv) = rest.split_first().expect("no program");

    let mut actions = PosixSpawnFileActions::init().unwrap();
    for fd in inherited().into_iter().filter(|fd| *fd > 2).chain(closed) {
        actions.add_close(fd).unwrap();
    }
    let mut attributes = PosixSpawnAttr::init().unwrap();
    // std ignores SIGPIPE, a shell's `&` SIGINT and SIGQUIT, and an ignored signal stays ignored
    // over exec.
    let mut defaults = SigSet::all();
    defaults.remove(Signal::SIGKILL);
    defaults.remove(Signal::SIGSTOP);
    attributes.set_sigdefault(&defaults).unwrap();
    attributes.set_sigmask(&SigSet::empty()).unwrap();
    attributes
        .set_flags(PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK)
        .unwrap();
    let child = posix_spawn(file.as_c_str(), &actions, &attributes, argv, env);
    let end = match child.map(|pid| waitpid(pid, None)) {
        Ok(Ok(WaitStatus::Exited(_, code))) => format!("exit {code}"),
        Ok(Ok(WaitStatus::Signaled(_, signal, _))) => format!("signal {}", signal as i32),
        other => format!("trouble {other:?}"),
    };
    std::fs::write(result, end).expect("cannot write the result");
}

/// Every descriptor that is open and would survive an exec.
fn inherited() -> Vec<i32> {
    let open: Vec<i32> = std::fs::read_dir("/proc/self/fd")
        .expect("/proc")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    open.into_iter().filter(|fd| survives(*fd)).collect()
}

fn survives(fd: i32) -> bool {
    // The descriptor of the listing itself is closed by now.
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|text| i32::from_str_radix(text.trim(), 8).ok());
    flags.is_some_and(|bits| !OFlag::from_bits_retain(bits).contains(OFlag::O_CLOEXEC))
}

fn text(arg: Option<Vec<u8>>) -> String {
    String::from_utf8(arg.expect("too few arguments")).expect("not text")
}

fn number(text: &str) -> i32 {
    text.parse().expect("not a number")
}

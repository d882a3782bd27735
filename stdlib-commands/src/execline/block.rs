//! What the commands with blocks have in common.

use interpreter::arg::Argv;
use interpreter::args::number::Decimal;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Fail, Next, Ran};
use sys::Errno;
use sys::process::Status;

/// Takes a block that has a name in messages off the front of `argv`. Exit code 100 where there
/// is none, or no end of it.
pub fn named(image: &Image, argv: &mut Argv, name: &str) -> Result<Argv, Fail> {
    if argv.is_empty() {
        return Err(Fail::bad(format!("{name} block required")));
    }
    image.block(argv)?.ok_or_else(|| {
        let command = image.command.name;
        Fail::bad(format!("unterminated {name} block: {command} wants {{ words }} here"))
    })
}

/// A block that must not be empty. Exit code 100.
pub fn not_empty(block: Argv) -> Result<Argv, Fail> {
    if block.is_empty() {
        Err(Fail::bad("empty block: there is no program to run"))
    } else {
        Ok(block)
    }
}

/// Runs a block to its end. Exit code 111 where it can't be started.
pub fn run(image: &Image, block: &Argv) -> Result<Status, Fail> {
    let waited = image.spawn_and_wait(block).map_err(|failed| image.spawn_fail(block, failed))?;
    waited.map_err(|errno| wait_failed(block, errno))
}

/// Waits for a block's process.
pub fn wait(block: &Argv, pid: i32) -> Result<Status, Fail> {
    let status = sys::process::wait(pid).map_err(|errno| wait_failed(block, errno))?;
    interpreter::trace::ended(pid, status);
    Ok(status)
}

/// The failure of that wait. Exit code 111.
pub fn wait_failed(block: &Argv, errno: Errno) -> Fail {
    Fail::sys_at("wait for", name_of(block), errno)
}

fn name_of(block: &Argv) -> &'static [u8] {
    block.first().map_or(b"exit", |word| word.to_bytes())
}

/// Runs a block for its answer: the exit code as execline approximates it. A crash is an answer
/// only where `crash_counts`; else it ends the command with 128 and the signal's number.
pub fn ask(image: &Image, block: &Argv, crash_counts: bool) -> Result<i32, Fail> {
    let status = run(image, block)?;
    match status.signal() {
        Some(signal) if !crash_counts => {
            let name = signal_name(signal);
            let program = shown(name_of(block));
            let what = format!("child crashed with signal {signal}{name}: {program}");
            Err(Fail::with_code(status.exit_code(), what))
        }
        _ => Ok(status.exit_code()),
    }
}

/// The failure of a command on account of its block's: the block's exit code as execline
/// approximates it.
pub fn failure(block: &Argv, status: Status) -> Fail {
    let program = shown(name_of(block));
    let what = match (status.signal(), status.code()) {
        (Some(signal), _) => {
            format!("child process crashed: {program}: signal {signal}{}", signal_name(signal))
        }
        (_, code) => {
            format!("child process exited non-zero: {program}: {}", code.unwrap_or_default())
        }
    };
    Fail::with_code(status.exit_code(), what)
}

fn signal_name(signal: i32) -> String {
    sys::signal::name(signal).map(|name| format!(" (SIG{name})")).unwrap_or_default()
}

/// Runs a block to its end, then the rest, which finds in `?` how the block ended: its exit
/// code, 256 and the number of the signal that killed it, or 127 or 126 where it could not be
/// started.
pub fn sequence(image: &mut Image, block: &Argv, rest: Argv) -> Ran {
    let value = match image.spawn_and_wait(block) {
        Ok(waited) => waited.map_err(|errno| wait_failed(block, errno))?.variable(),
        Err(failed) => {
            image.warn_spawn(block, failed);
            if failed.errno == Errno::ENOENT { 127 } else { 126 }
        }
    };
    set_number(image, b"?", value);
    Next::chain_or_end(rest)
}

/// Sets a variable to a number.
pub fn set_number(image: &mut Image, name: &[u8], value: i32) {
    match u64::try_from(value) {
        Ok(value) => image.env.set(name, &Decimal::new(value)),
        Err(_) => image.env.set(name, value.to_string().as_bytes()),
    }
}

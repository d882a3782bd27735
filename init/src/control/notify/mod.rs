//! Readiness from and for those who tell it in another way: `s6-notifyoncheck`,
//! `s6-notify-fd-from-socket`, `s6-notify-socket-from-fd`. Each leaves a copy of its process
//! beside the program that it becomes, for as long as the readiness is awaited.

pub mod fd_from_socket;
pub mod on_check;
pub mod socket_from_fd;

use interpreter::arg::Arg;
use interpreter::args::number::uint;
use interpreter::image::Image;
use interpreter::word::Fail;
use stdlib_commands::options;
use sys::Errno;
use sys::process::{Fork, exit, fork, wait};

/// The descriptor on which a service tells its readiness: the one given, or the one in the file
/// `notification-fd`. It must be open.
fn descriptor(given: Option<Arg>) -> Result<i32, Fail> {
    const FILE: &[u8] = b"./notification-fd";
    let fd = match given {
        Some(word) => options::fd(word)?,
        None => {
            let text = sys::fd::read_file_bytes(FILE).map_err(|e| Fail::sys_at("read", FILE, e))?;
            let line = text.split(|&b| b == b'\n').next().unwrap_or_default();
            let number = uint(line).ok_or_else(|| Fail::bad("invalid ./notification-fd"))?;
            number.cast_signed()
        }
    };
    match sys::fd::flags(fd) {
        Ok(_) => Ok(fd),
        Err(errno) => Err(Fail::sys(format!("use descriptor {fd} for readiness"), errno)),
    }
}

/// Leaves a copy of this process at work, which ends with the code that `work` gives; as a child
/// of nobody's where it is to be an `orphan`. Comes back in this process alone.
fn beside(
    image: &Image,
    orphan: bool,
    work: impl FnOnce() -> Result<i32, Fail>,
) -> Result<(), Fail> {
    let what = if orphan { "doublefork" } else { "fork" };
    let between = match fork().map_err(|errno| Fail::sys(what, errno))? {
        Fork::Parent(pid) => pid,
        Fork::Child => {
            if orphan {
                match fork() {
                    Ok(Fork::Child) => {}
                    Ok(Fork::Parent(_)) => exit(0),
                    Err(errno) => exit(errno as i32),
                }
            }
            exit(work().unwrap_or_else(|fail| interpreter::chain::report(image, &fail)))
        }
    };
    if !orphan {
        return Ok(());
    }
    // Where the death of children is ignored nothing can be told of it.
    match wait(between).ok().and_then(|end| end.code()) {
        None | Some(0) => Ok(()),
        Some(errno) => Err(Fail::sys(what, Errno::from_raw(errno))),
    }
}

//! `heredoc`: a text can be read from a descriptor; a child writes it into a pipe.

use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;
use sys::process::{Fork, exit, fork};

pub const COMMAND: Command = Command {
    name: "heredoc",
    usage: "heredoc [ -d ] fd string prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What an empty pipe takes at once, however little the kernel gives its user.
const ALWAYS_FITS: usize = 4096;

/// 111: there is no pipe, no process, or no such descriptor.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let orphan = options::flag(&mut argv, b'd')?;
    let [fd, text, _, ..] = *argv else { return Err(Fail::usage()) };
    let (fd, text) = (options::fd(fd)?, text.to_bytes());
    let (read, write) = sys::fd::pipe(0).map_err(|e| Fail::sys("create pipe", e))?;
    // An orphan that has nothing to wait for is missed by nobody.
    let fed = match orphan {
        true if text.len() <= ALWAYS_FITS => sys::fd::write_all(write, text),
        true => adopt_out(image, read, write, text),
        false => feed(image, read, write, text).map(drop),
    };
    fed.map_err(|e| Fail::sys("start a process that writes the text", e))?;
    let _ = sys::fd::close(write);
    sys::fd::rename(fd, read)
        .map_err(|e| Fail::sys(format!("read on fd {}", fd.cast_unsigned()), e))?;
    argv.advance(2);
    Ok(Next::Chain(argv))
}

/// Makes a child that writes the text and ends with 0, or 111; its pid.
fn feed(image: &Image, read: i32, write: i32, text: &[u8]) -> sys::Result<i32> {
    if let Fork::Parent(pid) = fork()? {
        return Ok(pid);
    }
    let _ = sys::fd::close(read);
    if let Err(errno) = sys::fd::write_all(write, text) {
        image.warn(&format!("unable to write the text: {}", sys::reason(errno)));
        exit(111);
    }
    exit(0)
}

/// [`feed`] by a grandchild, which is nobody's child here.
fn adopt_out(image: &Image, read: i32, write: i32, text: &[u8]) -> sys::Result<()> {
    match fork()? {
        Fork::Child => exit(feed(image, read, write, text).err().map_or(0, |errno| errno as i32)),
        Fork::Parent(between) => match sys::process::wait(between)?.code() {
            Some(0) => Ok(()),
            Some(errno) => Err(Errno::from_raw(errno)),
            None => Err(Errno::EINTR),
        },
    }
}

//! `s6-ipcserver-socketbinder`: the rest runs with a socket of the file system as its input.

use interpreter::arg::{Arg, Argv};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::{Errno, fd, unix};

/// Exit codes: 100 wrong usage, 111 the socket can't be had.
pub const COMMAND: Command = Command {
    name: "s6-ipcserver-socketbinder",
    usage: "s6-ipcserver-socketbinder [ -d | -D ] [ -b backlog ] [ -M | -m ] [ -a perms ] [ -B ] \
            path prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut reuse, mut kind, mut flags) = (true, unix::SOCK_STREAM, unix::SOCK_NONBLOCK);
    let (mut backlog, mut mode) = (unix::SOMAXCONN.cast_unsigned(), 0o777);
    options::take(&mut argv, "DdMmBb:a:", |letter, word| {
        match letter {
            b'D' | b'd' => reuse = letter == b'd',
            b'M' => kind = unix::SOCK_STREAM,
            b'm' => kind = unix::SOCK_DGRAM,
            b'B' => flags = 0,
            b'b' => backlog = options::number(word)?,
            _ => mode = options::octal(word)?,
        }
        Ok(())
    })?;
    let [path, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    let _ = fd::close(0);
    let socket = unix::socket(kind | flags).map_err(|errno| Fail::sys("create socket", errno))?;
    let mask = sys::fs::umask(!mode & 0o777);
    let bound = if reuse { replace(socket, path) } else { unix::bind(socket, path) };
    sys::fs::umask(mask);
    bound.map_err(|errno| refused(path, errno))?;
    if backlog > 0 {
        unix::listen(socket, backlog).map_err(|errno| deaf(path, kind, errno))?;
    }
    Ok(Next::Chain(argv))
}

/// Binds to a name that may be taken, though not at the same time as others who do so: the lock
/// is held no longer than that. `EBUSY`: somebody else has it.
fn replace(socket: i32, path: Arg) -> sys::Result<()> {
    let lock = [path.to_bytes(), b".lock"].concat();
    let flags = fd::O_WRONLY | fd::O_NONBLOCK | fd::O_CREAT | fd::O_CLOEXEC;
    let lock = fd::open_bytes(&lock, flags, 0o600)?;
    let bound = match fd::lock_process(lock, false) {
        Ok(true) => {
            let _ = sys::fs::unlink(path.to_bytes());
            unix::bind(socket, path)
        }
        Ok(false) => Err(Errno::EBUSY),
        Err(errno) => Err(errno),
    };
    let _ = fd::close(lock);
    bound
}

fn refused(path: Arg, errno: Errno) -> Fail {
    let what = format!("bind to {}", shown(path.to_bytes()));
    let help = match errno {
        Errno::EADDRINUSE => "there is a file of that name; without -D the socket replaces it",
        Errno::EBUSY => "some other process holds the lock on the file with .lock behind the name",
        Errno::ENAMETOOLONG => "a socket's path has at most 107 bytes: cd into its directory first",
        _ => return Fail::sys(what, errno),
    };
    Fail::with_code(111, format!("unable to {what}: {}\nhelp: {help}", sys::reason(errno)))
}

fn deaf(path: Arg, kind: i32, errno: Errno) -> Fail {
    let what = format!("listen to {}", shown(path.to_bytes()));
    if kind != unix::SOCK_DGRAM {
        return Fail::sys(what, errno);
    }
    let help = "a socket for datagrams takes no connections: say -b 0 beside -m";
    Fail::with_code(111, format!("unable to {what}: {}\nhelp: {help}", sys::reason(errno)))
}

//! `s6-ipcclient`: the rest runs with a connection to a socket of the file system.

use super::info;
use interpreter::arg::{Arg, Argv};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::{fd, unix};

/// Exit codes: 100 wrong usage, 111 there is no connection.
pub const COMMAND: Command = Command {
    name: "s6-ipcclient",
    usage: "s6-ipcclient [ -q | -Q | -v ] [ -p bindpath ] [ -l localname ] path prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// Where the program finds the connection: to read, and to write.
const PLACES: [i32; 2] = [6, 7];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut verbosity, mut own, mut name) = (1u32, None, None);
    options::take(&mut argv, "qQvp:l:", |letter, word| {
        match letter {
            b'q' => verbosity = verbosity.saturating_sub(1),
            b'Q' => verbosity = 1,
            b'v' => verbosity = verbosity.saturating_add(1),
            b'p' => own = Some(word),
            _ => name = Some(word),
        }
        Ok(())
    })?;
    let [path, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    let socket = connect(path, own)?;
    if verbosity >= 2 {
        info(image, &format!("connected to {}", shown(path.to_bytes())));
    }
    image.env.set(b"PROTO", b"IPC");
    let name = name.map(|name| name.to_bytes());
    let local = name.map_or_else(|| unix::name(socket), |name| Ok(name.to_vec()));
    match local {
        Ok(local) => {
            image.env.set(b"IPCLOCALPATH", &local[..local.len().min(unix::LONGEST)]);
        }
        Err(_) => image.env.unset(b"IPCLOCALPATH"),
    }
    let [input, output] = PLACES;
    let set_up = |place: i32| move |errno| Fail::sys(format!("set up fd {place}"), errno);
    fd::rename(input, socket).map_err(set_up(input))?;
    fd::copy(output, input).map_err(set_up(output))?;
    Ok(Next::Chain(argv))
}

fn connect(path: Arg, own: Option<Arg>) -> Result<i32, Fail> {
    let socket =
        unix::socket(unix::SOCK_STREAM).map_err(|errno| Fail::sys("create socket", errno))?;
    if let Some(own) = own {
        unix::bind(socket, own).map_err(|e| Fail::sys_at("bind socket to", own.to_bytes(), e))?;
    }
    unix::connect(socket, path).map_err(|e| Fail::sys_at("connect to", path.to_bytes(), e))?;
    Ok(socket)
}

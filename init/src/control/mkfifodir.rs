//! `s6-mkfifodir`: makes a directory in which events can be listened to.

use super::fifodir;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 0 it is there, 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-mkfifodir",
    usage: "s6-mkfifodir [ -f ] [ -g gid ] fifodir",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut group, mut force) = (None, false);
    options::take(&mut argv, "fg:", |letter, value| {
        match letter {
            b'f' => force = true,
            _ => group = Some(options::number(value)?),
        }
        Ok(())
    })?;
    let path = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    fifodir::make(path, group, force)
        .map_err(|errno| Fail::sys_at("create fifodir at", path, errno))?;
    Ok(Next::Exit(0))
}

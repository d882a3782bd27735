//! `logutil-newfifo`: a fifo that a user owns.

use crate::options;
use crate::remove::remove;
use crate::s6::s6_envuidgid::Query;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "logutil-newfifo",
    usage: "logutil-newfifo [ -o owner ] [ -m mode ] fifo",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 1: no fifo is named, or nobody has the owner's name; 111: the kernel says no.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut owner, mut mode) = (&b"root"[..], 0o600);
    options::take(&mut argv, "m:o:", |letter, value| {
        match letter {
            b'm' => mode = options::octal(value)?,
            _ => owner = value.to_bytes(),
        }
        Ok(())
    })?;
    let Some(fifo) = argv.first().map(|fifo| fifo.to_bytes()) else {
        return Err(Fail::with_code(1, format!("no fifo: usage: {}", COMMAND.usage)));
    };
    image.warn("this binary is deprecated, use s6-mkfifo and s6-chown instead");
    remove(fifo).map_err(|errno| Fail::sys_at("remove", fifo, errno))?;
    sys::fs::umask(0o111);
    sys::fs::mkfifo(fifo, mode).map_err(|errno| Fail::sys_at("mkfifo", fifo, errno))?;
    let owner = Query::whole(None).answer(owner)?;
    sys::fs::chown(fifo, Some(owner.uid), Some(owner.gid), true)
        .map_err(|errno| Fail::sys_at("chown", fifo, errno))?;
    Ok(Next::Exit(0))
}

//! `s6-mkfifo`: makes fifos.

use crate::options;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-mkfifo",
    usage: "s6-mkfifo [ -m mode ] fifo...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: one can't be made; the others behind it are not tried.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut mode = 0o666;
    options::take(&mut argv, "m:", |_, value| {
        mode = options::octal(value)?;
        Ok(())
    })?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    sys::fs::umask(0o111);
    for fifo in argv.iter().map(|fifo| fifo.to_bytes()) {
        sys::fs::mkfifo(fifo, mode).map_err(|errno| Fail::sys_at("mkfifo", fifo, errno))?;
    }
    Ok(Next::Exit(0))
}

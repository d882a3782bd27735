//! `s6-dumpenv`: the environment as files, one a variable.

use crate::options;
use interpreter::arg::{Argv, leak};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "s6-dumpenv",
    usage: "s6-dumpenv [ -N | -n ] [ -m mode ] envdir",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the directory can't be made, or a file not be written.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut newline, mut mode) = (false, 0o755);
    options::take(&mut argv, "nNm:", |letter, value| {
        match letter {
            b'm' => mode = options::octal(value)?,
            _ => newline = letter == b'N',
        }
        Ok(())
    })?;
    let dir = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    match sys::fs::mkdir(dir, mode) {
        Err(Errno::EEXIST) if sys::fs::stat_bytes(dir).is_ok_and(|stat| stat.is_dir()) => {}
        made => made.map_err(|errno| Fail::sys_at("mkdir", dir, errno))?,
    }
    for var in image.env.vars().iter().map(|var| var.to_bytes()) {
        let Some(equals) = var.iter().position(|&b| b == b'=') else { continue };
        let file = [dir, b"/", &var[..equals]].concat();
        let end: &[u8] = if newline { b"\n" } else { b"" };
        let value = [&var[equals + 1..], end].concat();
        // The name of no variable has an = in it.
        let new = leak([&file[..], b"=.tmp"].concat());
        let path = leak(file.clone());
        sys::at::replace(sys::at::CURRENT, path, new, &value)
            .map_err(|errno| Fail::sys_at("open", &file, errno))?;
    }
    Ok(Next::Exit(0))
}

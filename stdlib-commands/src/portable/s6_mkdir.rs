//! `s6-mkdir`: makes directories.

use crate::options;
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "s6-mkdir",
    usage: "s6-mkdir [ -p ] [ -v ] [ -m mode ] dir...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: not all of them could be made.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (mut parents, mut verbose, mut mode) = (false, false, 0o777);
    options::take(&mut argv, "pvm:", |letter, value| {
        match letter {
            b'p' => parents = true,
            b'v' => verbose = true,
            // The original takes what is octal of it, as long as there is any.
            _ => match number::octal_prefix(value.to_bytes()) {
                (_, 0) => return Err(Fail::usage()),
                (octal, _) => {
                    mode = octal;
                    sys::fs::umask(0);
                }
            },
        }
        Ok(())
    })?;
    let make = |path: &[u8]| match sys::fs::mkdir(path, mode) {
        Err(Errno::EEXIST) if parents => true,
        Err(errno) => {
            image.warn(&Fail::sys_at("mkdir", path, errno).to_string());
            false
        }
        Ok(()) => {
            if verbose {
                let line = format!("s6-mkdir: created directory {}\n", shown(path));
                let _ = sys::fd::write_all(2, line.as_bytes());
            }
            true
        }
    };
    let mut code = 0;
    for dir in argv.iter().map(|dir| dir.to_bytes()) {
        let slash = |&i: &usize| parents && dir[i] == b'/';
        let mut above = (1..dir.len()).filter(slash);
        if !above.all(|end| make(&dir[..end])) || !make(dir) {
            code = 111;
        }
    }
    Ok(Next::Exit(code))
}

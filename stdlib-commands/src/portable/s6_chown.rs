//! `s6-chown`: gives a file away.

use crate::options;
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-chown",
    usage: "s6-chown [ -U ] [ -u uid ] [ -g gid ] file",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: this user may not do that.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let variable = |name: &str| match image.env.get(name.as_bytes()).map(number::uint) {
        None => Err(Fail::bad(format!("{name} is not set in the environment"))),
        Some(None) => Err(Fail::bad(format!("{name} in the environment is no number"))),
        Some(id) => Ok(id),
    };
    let (mut uid, mut gid) = (None, None);
    options::take(&mut argv, "Uu:g:", |letter, value| {
        match letter {
            b'u' => uid = Some(options::number(value)?),
            b'g' => gid = Some(options::number(value)?),
            _ => (uid, gid) = (variable("UID")?, variable("GID")?),
        }
        Ok(())
    })?;
    let file = argv.first().ok_or_else(Fail::usage)?.to_bytes();
    sys::fs::chown(file, uid, gid, true).map_err(|errno| Fail::sys_at("chown", file, errno))?;
    Ok(Next::Exit(0))
}

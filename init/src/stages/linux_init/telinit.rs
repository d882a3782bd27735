//! `s6-linux-init-telinit`: another runlevel, by the service that knows them; 0 and 6 are ends.

use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// The command.
pub const TELINIT: Command = Command {
    name: "s6-linux-init-telinit",
    usage: "s6-linux-init-telinit runlevel",
    run,
    kind: Kind::Link,
    examine: None,
};

const SOCKET: Arg = c"/run/service/s6-linux-init-runleveld/s";

/// 111: there is no such service, as in most containers; else the code of what it runs.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    // Those of the init whose name it once had, which mean nothing to it.
    stdlib_commands::options::take(&mut argv, "c:p:s:m:d:D:nNCB", |_, _| Ok(()))?;
    let level = *argv.first().ok_or_else(Fail::usage)?;
    let client = [c"s6-sudo", c"-e", c"-T", c"3600000", c"--", SOCKET, level];
    let how = match level.to_bytes() {
        b"0" => c"-p",
        b"6" => c"-r",
        _ => return Ok(Next::Chain(client.to_vec().into())),
    };
    let mut words = Vec::new();
    if sys::fs::stat(SOCKET).is_ok() {
        words.push(c"if");
        let block = client.iter().map(|word| [b" ", word.to_bytes()].concat());
        words.extend(block.map(interpreter::arg::leak));
        words.push(c"");
    }
    words.extend([c"s6-linux-init-hpr", how]);
    Ok(Next::Chain(words.into()))
}

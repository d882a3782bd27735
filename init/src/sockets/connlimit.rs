//! `s6-connlimit`: the rest runs if this client has not too many connections.

use super::{number, variable};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 1 too many, 100 a variable is missing or makes no sense.
pub const COMMAND: Command = Command {
    name: "s6-connlimit",
    usage: "s6-connlimit prog...",
    run,
    kind: Kind::Quick,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    let proto = variable(image, b"PROTO")?;
    if proto.is_empty() {
        return Err(Fail::bad("empty PROTO"));
    }
    let count = number(image, &[proto, b"CONNNUM"].concat())?;
    let most = [proto, b"CONNMAX"].concat();
    if image.env.get(&most).is_some() {
        let most = number(image, &most)?;
        if count > most {
            let what = format!("number of connections from this client limited to {most}");
            return Err(Fail::with_code(1, what));
        }
    }
    Next::chain_or_end(argv)
}

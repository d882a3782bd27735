//! `s6-fdholder-delete`: makes a server forget a descriptor.

use super::client::{connect, refused, timeout};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 1 the server says no, 100 wrong usage, 111 there is no connection.
pub const COMMAND: Command = Command {
    name: "s6-fdholder-delete",
    usage: "s6-fdholder-delete [ -t timeout ] socket id",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let deadline = timeout(&mut argv)?;
    let [socket, id, ..] = *argv else { return Err(Fail::usage()) };
    let mut client = connect(socket, deadline, "")?;
    client.delete(id.to_bytes()).map_err(|errno| refused("delete fd", Some(id), errno))?;
    Ok(Next::Exit(0))
}

//! `s6-fdholder-store`: gives a descriptor to a server that holds it.

use super::client::{self, connect, refused};
use crate::sockets::message;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 1 the server says no, 100 wrong usage, 111 there is no connection.
pub const COMMAND: Command = Command {
    name: "s6-fdholder-store",
    usage: "s6-fdholder-store [ -d fd ] [ -t timeout ] [ -T fdtimeout ] socket id",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut fd, mut timeout, mut life) = (0, 0, 0);
    options::take(&mut argv, "d:t:T:", |letter, word| {
        match letter {
            b'd' => fd = options::fd(word)?,
            b't' => timeout = options::number(word)?,
            _ => life = options::number(word)?,
        }
        Ok(())
    })?;
    let [socket, id, ..] = *argv else { return Err(Fail::usage()) };
    let limit = client::moment(life);
    let mut client = connect(socket, message::deadline(timeout), "")?;
    client.store(fd, id.to_bytes(), &limit).map_err(|errno| refused("store fd", None, errno))?;
    Ok(Next::Exit(0))
}

//! `s6-fdholder-retrieve`: the rest runs with a descriptor from a server as its input.

use super::client::{connect, refused};
use crate::sockets::message;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 1 the server says no, 100 wrong usage, 111 there is no connection.
pub const COMMAND: Command = Command {
    name: "s6-fdholder-retrieve",
    usage: "s6-fdholder-retrieve [ -D ] [ -t timeout ] socket id prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut delete, mut timeout) = (false, 0);
    options::take(&mut argv, "Dt:", |letter, word| {
        match letter {
            b'D' => delete = true,
            _ => timeout = options::number(word)?,
        }
        Ok(())
    })?;
    let [socket, id, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(2);
    let mut client = connect(socket, message::deadline(timeout), "")?;
    let fd = client
        .retrieve(id.to_bytes(), delete)
        .map_err(|errno| refused("retrieve fd", Some(id), errno))?;
    drop(client);
    sys::fd::rename(0, fd.release()).map_err(|errno| Fail::sys("move fd", errno))?;
    Ok(Next::Chain(argv))
}

//! `s6-fdholder-getdump`: the rest runs with all descriptors that a server holds.

use super::client::{connect, refused, timeout};
use super::{FOR_EVER, later};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::tai;
use sys::time::now;

/// Exit codes: 1 the server says no, 100 wrong usage, 111 there is no connection.
pub const COMMAND: Command = Command {
    name: "s6-fdholder-getdump",
    usage: "s6-fdholder-getdump [ -t timeout ] socket prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let deadline = timeout(&mut argv)?;
    let [socket, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    let mut client = connect(socket, deadline, "")?;
    let all = client.dump().map_err(|errno| refused("get dump", None, errno))?;
    drop(client);
    let far = later(&tai::pack(now()), FOR_EVER / 2);
    let env = &mut image.env;
    env.set(b"S6_FD#", all.len().to_string().as_bytes());
    for (i, held) in all.into_iter().enumerate() {
        let fd = held.fd.release();
        sys::fd::set_cloexec(fd, false).map_err(|errno| Fail::sys("keep fd over exec", errno))?;
        env.set(format!("S6_FD_{i}").as_bytes(), fd.to_string().as_bytes());
        env.set(format!("S6_FDID_{i}").as_bytes(), &held.id);
        let limit = format!("S6_FDLIMIT_{i}");
        if held.limit < far {
            let digits: String = held.limit.iter().map(|byte| format!("{byte:02x}")).collect();
            env.set(limit.as_bytes(), format!("@{digits}").as_bytes());
        } else {
            env.unset(limit.as_bytes());
        }
    }
    Ok(Next::Chain(argv))
}

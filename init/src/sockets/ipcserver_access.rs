//! `s6-ipcserver-access`: the rest runs if the rules allow this client to connect.

use super::rules::{Grant, Rules, Verdict};
use super::{info, number, variable};
use interpreter::arg::{Arg, Argv, leak};
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Cause, Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;
use sys::Errno;

/// Exit codes: 1 the client may not, 100 wrong usage or no server around it, 111 the rules can't
/// be read.
pub const COMMAND: Command = Command {
    name: "s6-ipcserver-access",
    usage: "s6-ipcserver-access [ -v verbosity ] [ -e | -E ] [ -l localname ] \
            [ -i rulesdir | -x rulesfile ] prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// What a server of connections sets, behind the protocol's name.
const VARIABLES: [&[u8]; 5] =
    [b"REMOTEEUID", b"REMOTEEGID", b"REMOTEPATH", b"LOCALPATH", b"CONNNUM"];

struct Order {
    verbosity: u32,
    export: bool,
    name: Option<Arg>,
    /// The rules; true: they are a directory.
    rules: Option<(Arg, bool)>,
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let order = read(&mut argv)?;
    let proto = variable(image, b"PROTO")?;
    let uid = number(image, &[proto, b"REMOTEEUID"].concat())?;
    let gid = number(image, &[proto, b"REMOTEEGID"].concat())?;
    let who = || format!("pid {} uid {uid} gid {gid}", sys::process::getpid());
    let grant = match check(image, &order, uid, gid)? {
        Ok(grant) => grant,
        Err(why) => {
            if order.verbosity >= 2 {
                info(image, &format!("deny {}: {}", who(), sys::reason(why)));
            }
            return Ok(Next::Exit(1));
        }
    };
    if order.verbosity >= 1 {
        info(image, &format!("allow {}", who()));
    }
    for change in grant.changes {
        image.env.merge(leak(change));
    }
    if order.export {
        let name = match order.name {
            Some(name) => name.to_bytes().to_vec(),
            None => sys::unix::name(0).map_err(|e| Fail::sys("get the socket's name", e))?,
        };
        image.env.set(&[proto, b"LOCALPATH"].concat(), &name);
    } else {
        image.env.unset(b"PROTO");
        for name in VARIABLES {
            image.env.unset(&[proto, name].concat());
        }
    }
    Ok(Next::Chain(match grant.exec {
        Some(script) => Argv::new(vec![c"execlineb", c"-Pc", leak(script)]),
        None => argv,
    }))
}

fn read(argv: &mut Argv) -> Result<Order, Fail> {
    let mut order = Order { verbosity: 1, export: true, name: None, rules: None };
    options::take(argv, "v:Eel:i:x:", |letter, word| {
        match letter {
            b'v' => order.verbosity = options::number(word)?,
            b'E' | b'e' => order.export = letter == b'e',
            b'l' => order.name = Some(word),
            _ => order.rules = Some((word, letter == b'i')),
        }
        Ok(())
    })?;
    match argv.first() {
        Some(program) if !program.is_empty() => Ok(order),
        _ => Err(Fail::usage()),
    }
}

/// What the rules grant, or the reason why not that a refusal is told with.
fn check(image: &Image, order: &Order, uid: u32, gid: u32) -> Result<Result<Grant, Errno>, Fail> {
    let Some((place, is_dir)) = order.rules else {
        if order.verbosity >= 2 {
            image.warn("invoked without a ruleset: everybody may connect");
        }
        return Ok(Ok(Grant::default()));
    };
    let rules = if is_dir { Rules::Dir(place) } else { Rules::cdb(place)? };
    let kind = if is_dir { "fs" } else { "cdb" };
    let verdict = rules.check(uid, gid).map_err(|fail| match fail.cause() {
        Cause::Sys { code, what, errno } => {
            let place = shown(place.to_bytes());
            Fail::sys_with(*code, format!("check {kind} ruleset in {place}: {what}"), *errno)
        }
        _ => fail,
    })?;
    Ok(match verdict {
        Verdict::Allow(grant) => Ok(grant),
        Verdict::Deny => Err(Errno::EACCES),
        Verdict::Unknown => Err(Errno::ENOENT),
    })
}

//! `s6-overlay-suexec`: a block as whom the file belongs to, then the rest as who started it.
//!
//! The original's file is setuid to root; ours never is, and both then are who started it.

use crate::execline::block;
use crate::passwd;
use interpreter::arg::Argv;
use interpreter::args::number::Decimal;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::process::{self, ids, setgid, setuid};

pub const COMMAND: Command = Command {
    name: "s6-overlay-suexec",
    usage: "s6-overlay-suexec { command... } prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// The block's code, if it is not 0, or 128 and the number of the signal that killed it; 111: the
/// kernel says no.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let (uid, euid, gid, egid) = ids();
    let block = block::not_empty(image.need_block(&mut argv)?)?;
    if argv.is_empty() {
        return Err(Fail::bad("empty remainder: there is no program to run"));
    }
    if euid == 0 && (uid, gid) != (0, 0) {
        become_(image, 0, 0)?;
    }
    let env = image.env.clone();
    describe(image, [uid, euid, gid, egid]);
    let status: process::Status = block::run(image, &block)?;
    image.env = env;
    let failed = |code, what: &str, number: i32| {
        Err(Fail::with_code(code, format!("child {what} {number}")))
    };
    match (status.signal(), status.code()) {
        (Some(signal), _) => failed(128 + signal, "crashed with signal", signal),
        (None, Some(0)) => {
            if euid == 0 && (uid, gid) != (0, 0) {
                become_(image, uid, gid)?;
            }
            Ok(Next::Chain(argv))
        }
        (None, code) => {
            failed(status.exit_code(), "failed with exit code", code.unwrap_or_default())
        }
    }
}

fn become_(image: &mut Image, uid: u32, gid: u32) -> Result<(), Fail> {
    let fail = |what: &str, id: u32| {
        let what = format!("{what} {id}");
        move |errno| Fail::sys(what, errno)
    };
    setgid(gid).map_err(fail("set gid to", gid))?;
    setuid(uid).map_err(fail("set uid to", uid))?;
    image.changed_user = true;
    Ok(())
}

/// Says in the block's environment who the container's user is.
fn describe(image: &mut Image, ids: [u32; 4]) {
    const NUMBERS: [&[u8]; 4] = [b"UID", b"EUID", b"GID", b"EGID"];
    const NAMES: [&[u8]; 4] = [b"USER", b"EUSER", b"GROUP", b"EGROUP"];
    image.env.unset(b"GIDLIST");
    for (at, id) in ids.into_iter().enumerate() {
        let name = if at < 2 { passwd::user_name(id) } else { passwd::group_name(id) };
        image.env.set(NUMBERS[at], &Decimal::new(id.into()));
        image.env.set(NAMES[at], &name.ok().flatten().unwrap_or_default());
    }
}

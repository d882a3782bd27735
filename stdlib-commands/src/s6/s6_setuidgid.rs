//! `s6-setuidgid`: the rest runs as another user. Its messages come from `s6-envuidgid` and
//! `s6-applyuidgid`, of which it is made in the original, because people look for those.

use super::identity::Identity;
use super::s6_applyuidgid::{self, from_env, unset};
use super::s6_envuidgid::{self, Query};
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-setuidgid",
    usage: "s6-setuidgid username prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 1: the user is unknown; 111: the kernel said no.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let [account, _, ..] = *argv else { return Err(Fail::usage()) };
    argv.advance(1);
    let account = account.to_bytes();
    if account.is_empty() {
        return Ok(Next::Chain(argv));
    }
    match account.iter().position(|&b| b == b':') {
        Some(colon) => {
            let who = numbers(account, colon)?;
            image.enter(&s6_applyuidgid::COMMAND);
            who.assume(image)?;
        }
        None => {
            image.enter(&s6_envuidgid::COMMAND);
            // It takes no options, but the original hands the word on to where there are some.
            if account.starts_with(b"-") && account != b"-" && account != b"--" {
                return Err(Fail::usage());
            }
            Query::whole(None).answer(account)?.export(&mut image.env);
            image.enter(&s6_applyuidgid::COMMAND);
            from_env(&image.env)?.assume(image)?;
            unset(&mut image.env);
        }
    }
    Ok(Next::Chain(argv))
}

fn numbers(account: &[u8], colon: usize) -> Result<Identity, Fail> {
    match (number::uint(&account[..colon]), number::uint(&account[colon + 1..])) {
        (Some(uid), Some(gid)) => Ok(Identity { uid, gid, groups: Some(Vec::new()) }),
        _ => Err(Fail::bad(format!(
            "not uid:gid in numbers: {}\nhelp: a user's name alone brings its own groups along",
            shown(account)
        ))),
    }
}

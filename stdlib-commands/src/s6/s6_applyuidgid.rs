//! `s6-applyuidgid`: the rest runs as another user, given in numbers.

use super::identity::{self, Identity};
use crate::options;
use interpreter::arg::Argv;
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "s6-applyuidgid",
    usage: "s6-applyuidgid [ -z ] [ -u uid ] [ -g gid ] [ -G gidlist ] [ -U ] prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// The variables of which `-U` takes the numbers and which `-z` takes away.
pub const VARIABLES: [&[u8]; 3] = [b"UID", b"GID", b"GIDLIST"];

/// 100: a number is missing or none; 111: the kernel said no.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut who = Identity::default();
    let mut unexport = false;
    let env = &image.env;
    options::take(&mut argv, "zUu:g:G:", |letter, value| {
        match letter {
            b'z' => unexport = true,
            b'u' => who.uid = options::number(value)?,
            b'g' => who.gid = options::number(value)?,
            b'G' => who.groups = Some(identity::list(value.to_bytes()).ok_or_else(Fail::usage)?),
            _ => who = from_env(env)?,
        }
        Ok(())
    })?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    who.assume(image)?;
    if unexport {
        unset(&mut image.env);
    }
    Ok(Next::Chain(argv))
}

/// Who `UID`, `GID` and `GIDLIST` say. Exit code 100 where one is missing or no number.
pub fn from_env(env: &Env) -> Result<Identity, Fail> {
    let [uid, gid, groups] = VARIABLES;
    Ok(Identity {
        uid: variable(env, uid, number::uint)?,
        gid: variable(env, gid, number::uint)?,
        groups: Some(variable(env, groups, identity::list)?),
    })
}

fn variable<T>(env: &Env, name: &[u8], parse: fn(&[u8]) -> Option<T>) -> Result<T, Fail> {
    let text = shown(name);
    let Some(value) = env.get(name) else {
        let help = "s6-envuidgid sets UID, GID and GIDLIST";
        return Err(Fail::bad(format!("{text} not set\nhelp: {help}")));
    };
    parse(value).ok_or_else(|| Fail::bad(format!("invalid ${text}: {}", shown(value))))
}

/// Takes the three variables away.
pub fn unset(env: &mut Env) {
    for name in VARIABLES {
        env.unset(name);
    }
}

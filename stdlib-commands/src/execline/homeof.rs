//! `homeof`: prints a user's home directory.

use crate::{output, passwd};
use interpreter::arg::Argv;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command =
    Command { name: "homeof", usage: "homeof user", run, kind: Kind::Link, examine: None };

/// 111: there is no such user, or nobody can tell.
fn run(_image: &mut Image, argv: Argv) -> Ran {
    let &user = argv.first().ok_or_else(Fail::usage)?;
    let name = user.to_bytes();
    let text = shown(name);
    let home = passwd::find_home(name).map_err(|e| {
        Fail::sys(format!("get passwd entry for {text}: read {}", passwd::PASSWD), e)
    })?;
    let mut line = home.ok_or_else(|| {
        Fail::with_code(
            111,
            format!("unable to get passwd entry for {text}: no such user in {}", passwd::PASSWD),
        )
    })?;
    line.push(b'\n');
    output::write_and_end(&line)
}

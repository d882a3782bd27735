//! `with-contenv`: the rest in the container's environment.

use super::container::{ENVIRONMENT, keeps_env};
use crate::execline::exec;
use crate::s6::s6_envdir::{self, Reading};
use interpreter::arg::Argv;
use interpreter::env::Env;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

pub const COMMAND: Command = Command {
    name: "with-contenv",
    usage: "with-contenv prog...",
    run,
    kind: Kind::Link,
    examine: None,
};

/// 111: the environment can't be read.
///
/// In the original this is a chain of `emptyenv -p`, `s6-envdir -Lf` and `exec`: PATH stays
/// where the container has none, and the rest is looked up in the container's PATH.
fn run(image: &mut Image, argv: Argv) -> Ran {
    if keeps_env(&image.env) {
        return Next::chain_or_end(argv);
    }
    let path = image.env.vars().iter().find(|var| var.to_bytes().starts_with(b"PATH="));
    image.env = Env::new(path.copied().into_iter().collect());
    image.enter(&s6_envdir::COMMAND);
    let reading = Reading { verbatim: true, clamp: false, ..Reading::default() };
    s6_envdir::load(&mut image.env, ENVIRONMENT, reading).map_err(explain)?;
    image.enter(&exec::COMMAND);
    (exec::COMMAND.run)(image, argv)
}

fn explain(fail: Fail) -> Fail {
    if fail.errno() != Some(Errno::ENOENT) {
        return fail;
    }
    let help = "/init writes it when the container starts: make /init its entry point";
    Fail::with_code(fail.code(), format!("{fail}\nhelp: {help}"))
}

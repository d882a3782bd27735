//! `s6-instance-status`: `s6-svstat` for an instance.

use super::super::svstat;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};
use stdlib_commands::options;

/// Exit codes: those of `s6-svstat`.
pub const COMMAND: Command = Command {
    name: "s6-instance-status",
    usage: "s6-instance-status [ -uwNrpest | -o up,wantedup,normallyup,ready,paused,pid,exitcode,\
            signal,signum,updownsince,readysince,updownfor,readyfor ] [ -n ] service instancename",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    let mut rest = argv.clone();
    options::take(&mut rest, "no:uwNrpest", |_, _| Ok(()))?;
    super::stand_in(image, &svstat::COMMAND, &argv, argv.len() - rest.len())
}

//! `s6-instance-control`: `s6-svc` for an instance.

use super::super::svc;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Kind, Ran};
use stdlib_commands::options;

/// Exit codes: those of `s6-svc`.
pub const COMMAND: Command = Command {
    name: "s6-instance-control",
    usage: "s6-instance-control [ -wu | -wU | -wd | -wD | -wr | -wR ] [ -T timeout ] \
            [ -abqhkti12pcyroduDUxO ] service instancename",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    let mut rest = argv.clone();
    options::take(&mut rest, "abqhkti12pcyroduDUxOT:w:", |_, _| Ok(()))?;
    super::stand_in(image, &svc::COMMAND, &argv, argv.len() - rest.len())
}

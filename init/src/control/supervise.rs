//! `s6-supervise`: supervises one service directory. What `s6-svscan` does for many, in a
//! process of its own.

use crate::scan::alone::Supervise;
use crate::scan::{Config, ONE_SERVICE, Tree};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 0 told to leave, 100 wrong usage or somebody else supervises it, 111 the system
/// said no.
pub const COMMAND: Command = Command {
    name: "s6-supervise",
    usage: "s6-supervise dir",
    run,
    kind: Kind::Daemon,
    examine: None,
};

fn run(image: &mut Image, argv: Argv) -> Ran {
    let dir = argv.first().ok_or_else(Fail::usage)?;
    let mut config = Config::new(dir.to_bytes(), image.env.vars().to_vec());
    config.signals = ONE_SERVICE;
    let mut tree = Tree::single(config)?;
    Ok(Next::Exit(tree.run(&mut Supervise { env: image.env.vars().to_vec() })))
}

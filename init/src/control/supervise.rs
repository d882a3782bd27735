//! `s6-supervise`: supervises one service directory. What `s6-svscan` does for many, in a
//! process of its own.

use crate::scan::{Config, Director, Flow, Tree};
use crate::supervise::machine::Event;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// Exit codes: 0 told to leave, 100 wrong usage or somebody else supervises it, 111 the system
/// said no.
pub const COMMAND: Command =
    Command { name: "s6-supervise", usage: "s6-supervise dir", run, kind: Kind::Daemon };

struct Supervise;

impl Director for Supervise {
    fn on_signal(&mut self, tree: &mut Tree, signal: i32) -> Flow {
        match signal {
            SIGTERM => tree.tell_all(Event::Terminate),
            SIGHUP => tree.tell_all(Event::HangUp),
            SIGQUIT => tree.tell_all(Event::Quit),
            SIGINT => tree.tell_all(Event::Interrupt),
            _ => {}
        }
        Flow::Go
    }
}

fn run(image: &mut Image, argv: Argv) -> Ran {
    let dir = argv.first().ok_or(Fail::Usage)?;
    let mut config = Config::new(dir.to_bytes(), image.env.vars().to_vec());
    config.signals = &[SIGTERM, SIGHUP, SIGQUIT, SIGINT];
    let mut tree = Tree::single(config)?;
    Ok(Next::Exit(tree.run(&mut Supervise)))
}
